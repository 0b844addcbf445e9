// @ts-check
// Your turn: a real picture and one of G's at some moment of the film, which one was drawn? The rounds
// come at once, with what D thought of each picture then.
import { paintSprite } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { make, press, setText } from "../shared/elements.js";
import { orTold } from "../shared/server.js";
import { words } from "../shared/words.js";
import { recordedPicture } from "./recorded.js";

/** @typedef {import("#routes").Rounds} Rounds */
/** @typedef {{ number: number, drawnIsLeft: boolean }} Dealt a round, and on which side G's picture is */

const ROUNDS = 5;

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "messages">} base
 * @param {object} given
 * @param {import("../shared/server.js").Server} given.page
 */
export function createGame({ room, messages }, { page }) {
  const { part, one } = room;
  const root = one(".gm-train");
  /** @type {Rounds | null} */
  let all = null;
  /** @type {import("../shared/canvas.js").Sprites | null} */
  let pictures = null;
  let isAsked = false;
  /** @type {Dealt[]} */
  let dealt = [];
  let played = 0;
  let yours = 0;
  let ds = 0;

  /** Has the rounds sent, once, where the game is to be seen. */
  async function show() {
    if (isAsked || root.dataset.aside !== "game") return;
    isAsked = true;
    const [rounds, sheet] = await Promise.all([
      orTold(page.ask("game", {}), messages.complain),
      orTold(recordedPicture(contract.firstBundled, "game"), messages.complain),
    ]);
    if (!rounds || !sheet) return;
    all = rounds;
    pictures = { sheet, size: all.side, columns: sheet.width / all.side };
    one("#train-turn").hidden = false;
    deal();
  }

  /** Five rounds, from early moments to late ones. */
  function deal() {
    const count = all?.rounds.length ?? 0;
    const each = count / ROUNDS;
    dealt = Array.from({ length: Math.min(ROUNDS, count) }, (_, k) => ({
      number: Math.floor(each * (k + Math.random())),
      drawnIsLeft: Math.random() < 0.5,
    }));
    played = yours = ds = 0;
    showRound();
  }

  function showRound() {
    if (!all) return;
    const { number, drawnIsLeft } = dealt[played];
    const { moment } = all.rounds[number];
    const round = { round: played + 1, rounds: dealt.length, images: moment };
    setText(part("game-question"), words("train.game-round", round));
    setText(part("game-said"), "");
    part("game-next").hidden = true;
    const [real, drawn] = [2 * number, 2 * number + 1];
    const sides = drawnIsLeft ? [drawn, real] : [real, drawn];
    part("game-pair").replaceChildren(
      ...sides.map((index, side) => {
        const canvas = make("canvas", {});
        if (pictures) paintSprite(canvas, pictures, index);
        const label = side === 0 ? words("train.game-left") : words("train.game-right");
        return press(canvas, () => answer(index === drawn), { aria: { label } });
      }),
    );
  }

  /** @param {boolean} isRight */
  function answer(isRight) {
    if (!all) return;
    const { number, drawnIsLeft } = dealt[played];
    const { right } = all.rounds[number];
    played += 1;
    yours += Number(isRight);
    ds += Number(right);
    /** @type {HTMLButtonElement[]} */
    const buttons = [...part("game-pair").children];
    buttons.forEach((button, side) => {
      const isDrawn = (side === 0) === drawnIsLeft;
      button.dataset.is = isDrawn ? "drawn" : "real";
      button.append(isDrawn ? words("train.game-drawn") : words("train.game-real"));
      button.disabled = true;
    });
    const own = isRight ? words("train.game-you-right") : words("train.game-you-wrong");
    const its = right
      ? isRight
        ? words("train.game-d-too")
        : words("train.game-d-right")
      : words("train.game-d-wrong");
    const isOver = played === dealt.length;
    const end = isOver ? ` ${words("train.game-over", { yours, ds, rounds: played })}` : "";
    setText(part("game-said"), `${own} ${its}${end}`);
    const next = part("game-next");
    next.textContent = isOver ? words("train.game-again") : words("train.game-next");
    next.hidden = false;
    next.focus();
  }

  part("game-next").addEventListener("click", () => {
    if (played === dealt.length) deal();
    else showRound();
    part("game-pair").firstElementChild?.focus();
  });
  // On a phone the game lies over the film, once it is asked for.
  one("#train-turn").addEventListener("click", () => {
    root.classList.add("gm-plays-game");
    part("game-pair").firstElementChild?.focus();
  });
  part("game-close").addEventListener("click", () => {
    root.classList.remove("gm-plays-game");
    one("#train-turn").focus();
  });

  return { show };
}

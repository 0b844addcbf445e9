// @ts-check
// Files to keep: the picture, a strip or a film of the way, a grid of samples.

import { saveFrom } from "../shared/download.js";
import { numberIn } from "../shared/numbers.js";
import { words } from "../shared/words.js";

const FILM = { count: 120, speed: 24 }; // frames, and frames a second

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./questions.js").Questions} given.questions
 * @param {() => void} given.close closes the menu
 * @param {(sentence: string) => void} given.tell
 */
export function createKeep({ room, questions, close, tell }) {
  const { part } = room;
  const cancel = part("keep-cancel");
  /** @type {AbortController | null} */
  let keeping = null;

  /**
   * @param {import("#routes").Keep["form"]} form
   * @param {string} [place] another than where one stands
   * @param {string} [more] what is said besides
   */
  async function keep(form, place = undefined, more = "") {
    if (keeping) return;
    keeping = new AbortController();
    const { signal } = keeping;
    cancel.hidden = false;
    close();
    tell(words("playground.keeping", { share: 0 }));
    const where = place === undefined ? {} : { place };
    const question = { form, ...where, ...(form === "grid" ? gridAsked() : FILM) };
    const file = await questions.watch("keep", question, signal, showShare, tell);
    keeping = null;
    cancel.hidden = true;
    if (signal.aborted) tell(words("playground.cancelled"));
    if (!file?.name) return;
    saveFrom(file);
    const saved = [
      words("playground.kept", { name: file.name }),
      file.kept ? "" : words("playground.not-kept"),
      more,
    ];
    tell(saved.filter(Boolean).join(" "));
  }

  function gridAsked() {
    return {
      seed: numberIn(part("grid-seed")) ?? undefined,
      rows: numberIn(part("grid-rows")) ?? undefined,
      columns: numberIn(part("grid-columns")) ?? undefined,
      by_class: part("grid-class").checked,
    };
  }

  /** @param {{ share?: number }} news */
  function showShare({ share }) {
    if (share !== undefined) tell(words("playground.keeping", { share: Math.round(100 * share) }));
  }

  for (const choice of room.all("[data-keep]")) {
    choice.addEventListener("click", () => keep(choice.dataset.keep));
  }
  cancel.addEventListener("click", () => keeping?.abort());

  return keep;
}

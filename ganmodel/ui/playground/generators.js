// @ts-check
// The generators that one may draw with, as pictured choices, and which one is chosen.
import { contextOf, decoded, paint } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { make, oneStop, press } from "../shared/elements.js";
import { orTold } from "../shared/server.js";
import { createSheetOf } from "../shared/sheets.js";
import { worded, words } from "../shared/words.js";

/** @typedef {ReturnType<typeof createGenerators>} Generators */
/** @typedef {{ id: string, label: string, reason: string }} Listed `reason`: why it can't be used, or "" */

const SIDE = 28; // pixels of a thumbnail before it is drawn
const GROUPS = [
  { prefix: contract.shippedPrefix, label: words("playground.shipped") },
  { prefix: contract.runPrefix, label: words("playground.yours") },
];

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("../shared/server.js").Server} given.server
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {(sentence: string) => void} given.say
 * @param {(generator: string) => void} given.chosen another one was chosen
 * @param {(isNewer: boolean) => void} given.described `facts` were asked for anew; `isNewer`: there
 *     are newer weights
 */
export function createGenerators({ room, server, values, questions, say, chosen, described }) {
  const box = room.one("#play-weights");
  const name = room.part("generator-name");
  /** @type {HTMLCanvasElement} */
  const shown = room.part("generator-thumb");
  const lists = room.part("generators");
  /** A thumbnail of each, by id.
   * @type {Map<string, HTMLCanvasElement>} */
  const thumbs = new Map();
  /** Which thumbnails were asked for. */
  const asked = new Set();
  let listed = "";
  /** @type {Listed[]} */
  let all = [];
  const sheet = createSheetOf(room.part("generators-sheet"), { opened: drawThumbs });

  /** Lists what there is now.
   * @returns {Promise<string[]>} the ids of those that can be used */
  async function list() {
    const found = await orTold(ask(), say);
    if (!found) return [];
    const now = JSON.stringify(found);
    if (now !== listed) {
      listed = now;
      all = found;
      showCards();
      show();
    }
    const usable = found.filter(({ reason }) => !reason);
    if (!usable.length) say(found[0]?.reason || words("playground.no-generator"));
    return usable.map(({ id }) => id);
  }

  /** @returns {Promise<Listed[]>} */
  async function ask() {
    const { generators } = await server.ask("generators", { ...questions.linked });
    return Promise.all(
      generators.map(async (/** @type {any} */ one) => ({
        ...one,
        label: worded(one.label),
        reason: await server.sentenceOf(one.reason),
      })),
    );
  }

  function show() {
    const { generator } = values;
    box.dataset.generator = generator ?? "";
    name.textContent = all.find(({ id }) => id === generator)?.label ?? "";
    for (const card of lists.querySelectorAll("[role=radio]")) {
      card.ariaChecked = String(card.dataset.id === generator);
    }
    if (generator && sheet.isOpen()) drawThumbs();
    else if (generator) drawThumb(generator);
  }

  function showCards() {
    const focused = document.activeElement?.closest?.("[role=radio]");
    const groups = GROUPS.flatMap(({ prefix, label }) => {
      const cards = all.filter(({ id }) => id.startsWith(prefix)).map(cardOf);
      if (!cards.length) return [];
      const choices = make("div", {
        className: "gm-choices",
        role: "radiogroup",
        ariaLabel: label,
      });
      choices.append(...cards);
      oneStop(choices, 1);
      return [make("h3", {}, label), choices];
    });
    lists.replaceChildren(...groups);
    const { id = "" } = /** @type {HTMLElement | undefined} */ (focused)?.dataset ?? {};
    if (id) lists.querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  /** @param {Listed} one */
  function cardOf({ id, label, reason }) {
    const content = make("span", {}, label);
    const card = press(content, () => choose(id), {
      className: "gm-choice",
      role: "radio",
      disabled: Boolean(reason),
      data: { id },
    });
    card.prepend(thumbOf(id));
    if (reason) card.append(make("small", {}, reason));
    return card;
  }

  /** @param {string} id */
  function choose(id) {
    sheet.close();
    if (id !== values.generator) chosen(id);
  }

  /** @param {string} id */
  function thumbOf(id) {
    const known =
      thumbs.get(id) ?? make("canvas", { width: SIDE, height: SIDE, ariaHidden: "true" });
    thumbs.set(id, known);
    return known;
  }

  /** Draws the thumbnails that are missing, one after the other. */
  async function drawThumbs() {
    for (const { id, reason } of all) if (!reason) await drawThumb(id);
  }

  /** The picture at the place where the Playground opens, once for each generator.
   * @param {string} id */
  async function drawThumb(id) {
    if (!asked.has(id)) {
      asked.add(id);
      const place = contract.startPlace;
      const answer = await questions.ask("draw", { generator: id, moment: null, place }, () => {});
      if (answer) paint(thumbOf(id), decoded(answer));
    }
    if (id !== values.generator) return;
    const thumb = thumbOf(id);
    shown.width = thumb.width;
    shown.height = thumb.height;
    contextOf(shown).drawImage(thumb, 0, 0);
  }

  /** Asks whether a run that is followed has newer weights. */
  async function look() {
    const { generator, facts } = values;
    if (!generator?.startsWith(contract.runPrefix) || values.moment !== null) return;
    const newest = facts?.moments.at(-1);
    const found = await questions.ask("generator", { place: "" });
    if (!found || values.moment !== null || values.generator !== generator) return;
    values.facts = found;
    show();
    described(found.moments.at(-1) !== newest);
  }

  room.part("choose-generator").addEventListener("click", sheet.open);

  return { list, show, look };
}

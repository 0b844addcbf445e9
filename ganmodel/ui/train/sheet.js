// @ts-check
// One picture, closer: enlarged, with D's opinion of it and the real picture that is closest.
import { paint } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { createSheetOf } from "../shared/sheets.js";
import { explore } from "../shared/tabs.js";
import { worded, words } from "../shared/words.js";
import { tidy } from "./formats.js";
import { momentShown, showsRaw } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view" | "server">} base
 * @param {object} given
 * @param {(canvas: HTMLCanvasElement, index: number) => boolean} given.paintOne draws one of the grid's
 */
export function createSheet({ room, view, server }, { paintOne }) {
  const { part, one } = room;
  /** @type {HTMLDialogElement} */
  const sheet = one("#train-sheet");
  const dialog = createSheetOf(sheet);
  /** @type {{ seed: number, generator: string | null, moment: number | null } | null} */
  let chosen = null;

  /** @param {number} index of the picture in the grid, which is its start number too */
  async function open(index) {
    const images = momentShown(view);
    if (images === null || !paintOne(part("sheet-picture"), index)) return;
    chosen = { seed: index, generator: view.generator, moment: view.at === null ? null : images };
    part("sheet-of").textContent = words("train.sheet-of", { seed: String(index), images });
    part("sheet-opinion").textContent = words("train.thinking");
    one(".gm-sheet-closest").hidden = true;
    part("sheet-use").hidden = !view.generator;
    dialog.open();
    const asked = `${view.generation}/${index}`;
    sheet.dataset.asked = asked;
    const found = await server.ask("sheet", { images, index, raw: showsRaw(view) });
    if (sheet.dataset.asked === asked) showOpinion(found);
  }

  /** @param {Answer | null} found */
  function showOpinion(found) {
    part("sheet-opinion").textContent = found ? opinionIn(found) : "";
    if (!found) return;
    if (found.class) {
      part("sheet-of").textContent += ` · ${words("train.sheet-class", { name: found.class })}`;
    }
    const { closest } = found;
    one(".gm-sheet-closest").hidden = !closest;
    if (!closest) return;
    paint(part("sheet-closest"), closest.pixels);
    part("sheet-distance").textContent = closestInWords(closest);
  }

  part("sheet-use").addEventListener("click", () => {
    sheet.close();
    if (chosen?.generator) explore(chosen.generator, chosen.seed, chosen.moment);
  });
  return { open };
}

/** @param {Answer} found */
function opinionIn({ opinion, opinion_of: images }) {
  if (opinion === undefined) return words("train.no-opinion");
  return words("train.opinion", { share: Math.round(100 * opinion), images });
}

/** @param {Answer} closest */
function closestInWords({ distance, usual }) {
  const sentence = words("train.closest", { distance: tidy(distance), usual: tidy(usual) });
  return distance < contract.copiedBelow * usual
    ? worded([sentence, words("train.copy")])
    : sentence;
}

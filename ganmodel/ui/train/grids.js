// @ts-check
// The grids: G's pictures at the moment that is shown, real ones beside them, and those that G copies.

import { contextOf, paintSheet } from "../shared/canvas.js";
import { latest } from "../shared/latest.js";
import { words } from "../shared/words.js";
import { percent } from "./formats.js";
import { cornerOf, countIn, paintGrid, sideIn } from "./grid_canvas.js";
import { arranged, arrangedForPhone, inAStrip, phone } from "./grid_layout.js";
import { createPictureStore } from "./picture_store.js";
import { momentShown, showsRaw } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */

/**
 * @param {import("./run_server.js").Base} base
 * @param {object} given
 * @param {() => void} given.rearranged the pictures stand elsewhere than before
 */
export function createGrids({ room, view, server, messages }, { rearranged }) {
  const { part, one, all } = room;
  const store = createPictureStore({ view, server, messages });
  /** @type {ImageBitmap | null} */
  let samples = null; // the pixels that are shown
  /** @type {ImageBitmap | null} */
  let reals = null;

  const show = latest(async () => {
    const images = momentShown(view);
    if (images === null || view.gone) return;
    const kind = showsRaw(view) ? "samples_raw" : "samples";
    const wanted = `${view.run}/${kind}/${images}`;
    const { generation } = view;
    if (wanted === view.shownGrid) return;
    const pixels = await store.pixelsOf(kind, images);
    if (generation !== view.generation) return;
    view.shownGrid = wanted; // even where it failed: the next moment tries again
    if (!pixels) return;
    samples = pixels;
    paint();
    const { dataset } = part("samples");
    dataset.images = images;
    dataset.shown = wanted;
    one(".gm-grid").classList.remove("gm-old");
    part("moment").textContent = words("train.after", { images });
  });

  /** What stands where: of the layout of the run that is shown. */
  const places = () => (phone.matches ? arrangedForPhone : arranged)(layoutShown());
  const layoutShown = () =>
    /** @type {import("./grid_layout.js").Layout} */ (
      view.layout ?? { count: 1, columns: 1, classes: 0 }
    );

  function paint() {
    const layout = layoutShown();
    if (samples) paintGrid(part("samples"), samples, layout.columns, places());
    if (!reals) return;
    // There may be fewer of them than G draws.
    const count = Math.min(layout.count, countIn(reals, layout.columns));
    const arrangedReals = (phone.matches ? inAStrip : arranged)({ ...layout, count });
    paintGrid(part("reals"), reals, layout.columns, arrangedReals);
  }

  async function showReals() {
    const figure = one(".gm-reals");
    const allowed = view.about?.shows_reals;
    part("reals-hint").textContent = allowed
      ? words("train.reals-hint")
      : words("train.reals-hidden");
    figure.classList.toggle("gm-withheld", !allowed);
    if (!allowed) wipe("reals");
    const wanted = `${view.run}/${view.history}`;
    const { generation } = view;
    if (!view.has_reals || view.shownReals === wanted) return;
    view.shownReals = wanted;
    const pixels = await store.pixelsOf("reals", 0);
    if (!pixels || generation !== view.generation) return;
    reals = pixels;
    paint();
    one(".gm-reals").classList.remove("gm-old");
    part("reals").dataset.shown = wanted;
  }

  /** G's pictures above those that they copy, of an evaluation that found copies.
   * @param {Answer | null} quality */
  async function showCopies(quality) {
    const figure = one(".gm-pairs");
    figure.hidden = !quality?.copying || !view.about?.shows_reals;
    if (figure.hidden || !quality) return;
    const { generation } = view;
    const { images } = quality;
    const wanted = `${view.run}/${images}`;
    part("pairs-hint").textContent = words("train.pairs-hint", {
      share: percent(quality.copied),
      images,
    });
    if (part("pairs").dataset.shown === wanted) return;
    const pixels = await store.pixelsOf("copies", images);
    if (!pixels || generation !== view.generation) return;
    paintSheet(part("pairs"), pixels);
    part("pairs").dataset.shown = wanted;
  }

  /**
   * Draws one of G's pictures that are shown, by its number in the grid's file.
   * @param {HTMLCanvasElement} canvas takes its size
   * @param {number} index
   * @returns {boolean} whether there is one
   */
  function paintOne(canvas, index) {
    if (!samples) return false;
    const { columns } = layoutShown();
    const side = sideIn(samples, columns);
    const { x, y } = cornerOf(index, columns, side);
    canvas.width = canvas.height = side;
    contextOf(canvas).drawImage(samples, x, y, side, side, 0, 0, side, side);
    return true;
  }

  /** Shows nothing, until another moment is chosen. */
  function blank() {
    view.gone = true;
    wipe("samples");
  }

  /** Shows nothing of a run that has no pictures. */
  function clear() {
    wipe("samples");
    if (!view.has_reals) wipe("reals");
  }

  /** @param {"samples" | "reals"} name */
  function wipe(name) {
    if (name === "samples") view.shownGrid = samples = null;
    else view.shownReals = reals = null;
    const { width, height } = part(name);
    contextOf(part(name)).clearRect(0, 0, width, height);
    delete part(name).dataset.images;
    delete part(name).dataset.shown;
  }

  /** Dims what is shown until the first picture of another run comes. */
  function dim() {
    for (const name of [".gm-grid", ".gm-reals"]) one(name).classList.add("gm-old");
    delete part("samples").dataset.images;
  }

  /** Fetches the grids anew: steps by hand drew those of the newest moment again. */
  function outdate() {
    view.shownGrid = null;
    store.outdate("samples");
  }

  /** Which G can be chosen where one of them is averaged. */
  function showChoice() {
    one(".gm-which").hidden = !view.about?.averaged;
  }

  function chooseRaw() {
    view.raw = Boolean(view.about?.averaged);
    one(`[name="train-which"][value="${view.raw ? "raw" : "averaged"}"]`).checked = true;
  }

  for (const choice of all('[name="train-which"]')) {
    choice.addEventListener("change", () => {
      view.raw = choice.value === "raw";
      show();
    });
  }
  phone.addEventListener("change", () => {
    paint();
    rearranged();
  });
  return {
    show,
    showReals,
    showCopies,
    showChoice,
    chooseRaw,
    dim,
    blank,
    clear,
    outdate,
    places,
    paintOne,
    isBusy: show.busy,
  };
}

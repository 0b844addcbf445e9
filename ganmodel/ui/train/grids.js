// @ts-check
// The grids: G's pictures at the moment that is shown, real ones beside them, and those that G copies.
import { words as allWords, fill } from "../shared/contract.js";
import { latest } from "../shared/latest.js";
import { percent } from "./formats.js";
import { createPictureStore, replacePicture } from "./picture_store.js";
import { momentShown, showsRaw } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */

const words = allWords.train;

/** @param {import("./run_server.js").Base} base */
export function createGrids({ room, view, server, messages }) {
  const { part, one, all } = room;
  const store = createPictureStore({ view, server, messages });

  const show = latest(async () => {
    const images = momentShown(view);
    if (images === null) return;
    const kind = showsRaw(view) ? "samples_raw" : "samples";
    const wanted = `${view.run}/${kind}/${images}`;
    const { generation } = view;
    if (wanted === view.shownGrid) return;
    const address = await store.addressOf(kind, images);
    if (generation !== view.generation) return;
    view.shownGrid = wanted; // even where it failed: the next moment tries again
    if (!address || !(await replacePicture(part("samples"), address))) return;
    part("samples").dataset.images = images;
    one(".gm-grid").classList.remove("gm-old");
    part("moment").textContent = fill(words.AFTER, { images });
  });

  async function showReals() {
    const image = part("reals");
    const allowed = view.about?.shows_reals;
    part("reals-hint").textContent = allowed ? words.REALS_HINT : words.REALS_HIDDEN;
    image.closest("figure").classList.toggle("gm-withheld", !allowed);
    if (!allowed) image.removeAttribute("src");
    const wanted = `${view.run}/${view.history}`;
    const { generation } = view;
    if (!view.has_reals || view.shownReals === wanted) return;
    view.shownReals = wanted;
    const address = await store.addressOf("reals", 0);
    if (address && generation === view.generation) await replacePicture(image, address);
  }

  /** G's pictures above those that they copy, of an evaluation that found copies.
   * @param {Answer | null} quality */
  async function showCopies(quality) {
    const figure = one(".gm-pairs");
    figure.hidden = !quality?.copying || !view.about?.shows_reals;
    if (figure.hidden || !quality) return;
    const { generation } = view;
    const { images } = quality;
    part("pairs-hint").textContent = fill(words.PAIRS_HINT, {
      share: percent(quality.copied),
      images,
    });
    const address = await store.addressOf("copies", images);
    if (!address || generation !== view.generation || address === part("pairs").src) return;
    await replacePicture(part("pairs"), address);
  }

  /** Dims what is shown until the first picture of another run comes. */
  function dim() {
    one(".gm-grid").classList.add("gm-old");
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
  return { show, showReals, showCopies, showChoice, chooseRaw, dim, outdate, isBusy: show.busy };
}

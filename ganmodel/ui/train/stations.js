// @ts-check
// The loop's stations: the noise that goes in, how often D picks the real one of a pair at the moment
// that is shown, and how much of a push comes back to G.
import { contextOf } from "../shared/canvas.js";
import { setText } from "../shared/elements.js";
import { on } from "../shared/signals.js";
import { words } from "../shared/words.js";
import { columnOf, imagesOf, rowAt, valueIn } from "./rows.js";
import { momentShown } from "./state.js";

const ROWS_OF_PICKS = 4; // of which the mean is shown
const FADED = 0.02; // of the largest so far: nothing to speak of reaches G

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {(share: number | null) => void} given.showBack how strongly G is pushed, from 0 to 1
 */
export function createStations({ room, view }, { showBack }) {
  const { part, one } = room;

  /** What goes into G: the run's noise, and a class where it learns by class. */
  function showInputs() {
    const byClass = Boolean(view.about?.by_class);
    one("#train-loop").classList.toggle("gm-class-goes-in", byClass);
    setText(part("loop-words"), words(byClass ? "train.pair-alt-by-class" : "train.pair-alt"));
    const noise = /** @type {number[]} */ (view.about?.noise ?? []);
    setText(part("noise-size"), noise.length ? words("train.noise-size", { n: noise.length }) : "");
    drawNoise(noise);
  }
  on("theme", () => drawNoise(view.about?.noise ?? [])); // its colour is that of the words

  /** Each number as a bar up or down.
   * @param {number[]} noise */
  function drawNoise(noise) {
    const canvas = part("noise");
    canvas.width = Math.max(1, noise.length * 3);
    const { width, height } = canvas;
    const context = contextOf(canvas);
    context.clearRect(0, 0, width, height);
    context.fillStyle = getComputedStyle(canvas).color;
    noise.forEach((number, k) => {
      const long = (Math.min(Math.abs(number), 3) / 3) * (height / 2);
      context.fillRect(3 * k, number > 0 ? height / 2 - long : height / 2, 2, Math.max(1, long));
    });
  }

  function show() {
    const moment = momentShown(view);
    const share = meanOf("picks", moment);
    // Earlier editions noted D's belief alone.
    const belief = share === null ? valueIn(rowAt(view.rows, moment), "d_real") : null;
    setText(
      part("picks-before"),
      belief === null ? words("train.picks-before") : words("train.believes"),
    );
    const number = (/** @type {number} */ value) =>
      words("train.n-picks-value", { picks: Math.round(100 * value) });
    const shown = share ?? belief;
    setText(part("picks-shown"), shown === null ? words("train.not-measured") : number(shown));
    const scale = part("scale");
    scale.parentElement.classList.toggle("gm-without-scale", share === null);
    // From a coin toss to always right; a D that is fooled stands at the left end.
    if (share !== null) scale.style.setProperty("--share", Math.max(0, 2 * (share - 0.5)));
    showGradient(moment);
  }

  /** @param {number | null} moment */
  function showGradient(moment) {
    const now = meanOf("grad_g", moment);
    const largest = largestUntil("grad_g", moment);
    const share = now === null || largest === 0 ? null : now / largest;
    part("faded").hidden = share === null || share >= FADED;
    showBack(share);
  }

  /**
   * A column's largest value so far, 0 without one. There may be thousands of rows.
   * @param {string} column
   * @param {number | null} moment
   */
  function largestUntil(column, moment) {
    let largest = 0;
    for (const row of view.rows) {
      if (moment !== null && imagesOf(row) > moment) break;
      largest = Math.max(largest, valueIn(row, column) ?? 0);
    }
    return largest;
  }

  /**
   * The mean of a column over the last rows at a moment; null where none was noted.
   * @param {string} column
   * @param {number | null} moment
   */
  function meanOf(column, moment) {
    const row = rowAt(view.rows, moment);
    if (!row) return null;
    const end = view.rows.indexOf(row) + 1;
    const last = columnOf(view.rows.slice(Math.max(0, end - ROWS_OF_PICKS), end), column);
    const known = last.filter((value) => value !== null);
    return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
  }

  return { showInputs, show };
}

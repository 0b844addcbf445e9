// @ts-check
// A slider with a number beside it, for how far z lies along a direction, in standard deviations.
import { make } from "../../shared/elements.js";
import { numberField, numberIn } from "../../shared/numbers.js";

const RANGE = 4; // standard deviations to either side
const STEP = 0.02; // of the slider
const KEY_STEP = 0.1; // of the number's arrow keys

/** @param {number} value */
export const withinRange = (value) => Math.min(Math.max(value, -RANGE), RANGE);

/**
 * @param {import("./registry.js").Given} given
 * @param {string} text in front of it
 * @param {string} label
 * @param {(value: number) => void} move moves the point there
 */
export function createCoordinate({ values, picture, along }, text, label, move) {
  const range = make("input", { type: "range", min: -RANGE, max: RANGE, step: STEP });
  const number = numberField({}, { low: -RANGE, high: RANGE, step: KEY_STEP });
  const row = make("div", { className: "gm-slider gm-z" }, make("span", {}, text), range, number);
  for (const input of [range, number]) {
    input.ariaLabel = label;
    input.addEventListener("input", () => {
      const value = numberIn(input);
      if (value === null || !values.base.length) return;
      along.stop();
      if (input === range) number.value = value.toFixed(2);
      else range.value = String(value);
      move(value);
      picture.changed();
    });
  }

  /** @param {number} value how far z lies along the direction now */
  function show(value) {
    const { activeElement } = document;
    // The hand may be ahead of the picture.
    if (activeElement !== range || !picture.isBehind()) range.value = String(value);
    if (activeElement !== number) number.value = value.toFixed(2);
  }

  return { row, show };
}

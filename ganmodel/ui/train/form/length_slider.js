// @ts-check
// The slider for a run's length: a hundred places, evenly spaced by ratio, each a round number of
// images. More and less can be typed.

const SHORTEST = 10000; // images
const LONGEST = 2000000;
const PLACES = 100;
/** @type {[below: number, step: number][]} */
const STEPS = [
  [100000, 5000],
  [500000, 10000],
  [Number.POSITIVE_INFINITY, 50000],
];

/** The place of a length, not rounded.
 * @param {number} images */
export function placeOf(images) {
  return (PLACES * Math.log(Math.max(SHORTEST, images) / SHORTEST)) / Math.log(LONGEST / SHORTEST);
}

/** @param {number} place */
export function imagesAt(place) {
  const exact = SHORTEST * (LONGEST / SHORTEST) ** (place / PLACES);
  const [, step] = STEPS.find(([below]) => exact < below) ?? STEPS[0];
  return Math.max(SHORTEST, Math.min(LONGEST, Math.round(exact / step) * step));
}

// @ts-check
// Numbers as the Train tab writes them.
import { number, words } from "../shared/words.js";

/** @param {number | null | undefined} share from 0 to 1 */
export function percent(share) {
  return share === null || share === undefined
    ? words("train.not-measured")
    : words("numbers.percent", { share: Math.round(100 * share) });
}

/** Three digits of a number, and all before the point.
 * @param {number} value */
export function tidy(value) {
  return Math.abs(value) >= 100 ? number(Math.round(value)) : number(Number(value.toPrecision(3)));
}

/** A time as m:ss or h:mm:ss.
 * @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const start = hours ? `${hours}:${two(minutes)}` : String(minutes);
  return `${start}:${two(whole % 60)}`;
}

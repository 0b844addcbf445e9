// @ts-check
// Numbers as the Train tab writes them.
import { words as allWords } from "../shared/contract.js";

const words = allWords.train;

/** @param {number | null | undefined} share from 0 to 1 */
export function percent(share) {
  return share === null || share === undefined
    ? words.NOT_MEASURED
    : `${Math.round(100 * share)} %`;
}

/** A distance, rounded as the coach rounds it: 9 or 1.4.
 * @param {number} value */
export function inTimes(value) {
  return value >= 9.95 ? Math.round(value).toLocaleString("en") : String(Number(value.toFixed(1)));
}

/** Three digits of a number, and all before the point.
 * @param {number} value */
export function tidy(value) {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
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

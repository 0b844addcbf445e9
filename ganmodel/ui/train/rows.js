// @ts-check
// The rows of the curves: their columns, the row at a moment, and how many of them a page keeps.
import { contract } from "../shared/contract.js";

/** @typedef {import("./state.js").Row} Row */

const PLACES = Object.fromEntries(contract.columns.map((name, place) => [name, place]));

/**
 * One value of a row.
 * @param {Row | null} row
 * @param {string} column
 * @returns {number | null} null where it was not noted
 */
export const valueIn = (row, column) => row?.[PLACES[column]] ?? null;

/**
 * @param {Row[]} rows
 * @param {string} column
 */
export const columnOf = (rows, column) => rows.map((row) => valueIn(row, column));

/** The images seen at a row, which every row has.
 * @param {Row} row */
export const imagesOf = (row) => /** @type {number} */ (valueIn(row, "images"));

/**
 * The last row at a moment or before it, or else the first.
 * @param {Row[]} rows
 * @param {number | null} moment
 */
export function rowAt(rows, moment) {
  if (moment === null || !rows.length) return null;
  const after = rows.findIndex((row) => imagesOf(row) > moment);
  return after < 0 ? rows[rows.length - 1] : rows[Math.max(0, after - 1)];
}

/**
 * The rows with more at their end. Where there are too many, all but the newest quarter keep half
 * their resolution, so that a page that is open for days stays as quick.
 * @param {Row[]} rows
 * @param {Row[]} more
 * @param {number} most
 */
export function appended(rows, more, most = contract.mostPoints) {
  const all = [...rows, ...more];
  if (all.length <= most) return all;
  const newest = all.splice(-most / 4);
  const merged = [];
  for (let i = 0; i + 1 < all.length; i += 2) merged.push(mergedRow(all[i], all[i + 1]));
  if (all.length % 2) merged.push(all[all.length - 1]);
  return [...merged, ...newest];
}

/**
 * The mean of two rows, at the images seen of the later.
 * @param {Row} earlier
 * @param {Row} later
 * @returns {Row}
 */
function mergedRow(earlier, later) {
  return later.map((value, place) => {
    if (place === PLACES.images) return value;
    const before = earlier[place];
    return value !== null && before !== null ? (value + before) / 2 : (value ?? before);
  });
}

/**
 * Values with their swings evened out: an exponential mean.
 * @param {(number | null)[]} values
 * @param {number} halfLife in values
 */
export function smoothed(values, halfLife) {
  const keep = 0.5 ** (1 / halfLife);
  /** @type {number | null} */
  let mean = null;
  return values.map((value) => {
    if (value === null) return null;
    mean = mean === null ? value : keep * mean + (1 - keep) * value;
    return mean;
  });
}

// @ts-check
// A grid on a canvas: the pictures of its file, pixel for pixel, where `grid_layout` wants them.
import { contextOf } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";

/** @typedef {import("./grid_layout.js").Arranged} Arranged */

const GAP = contract.gridPadding;

/**
 * The side of one picture of a grid's file, in pixels.
 * @param {ImageBitmap} file
 * @param {number} columns
 */
export const sideIn = (file, columns) => (file.width + GAP) / columns - GAP;

/**
 * How many pictures fill a grid's file.
 * @param {ImageBitmap} file
 * @param {number} columns
 */
export function countIn(file, columns) {
  return columns * Math.round((file.height + GAP) / (sideIn(file, columns) + GAP));
}

/**
 * Where picture `index` stands in its file.
 * @param {number} index
 * @param {number} columns
 * @param {number} side
 */
export function cornerOf(index, columns, side) {
  return { x: (index % columns) * (side + GAP), y: Math.floor(index / columns) * (side + GAP) };
}

/**
 * @param {HTMLCanvasElement} canvas takes the size that it needs
 * @param {ImageBitmap} file
 * @param {number} fileColumns
 * @param {Arranged} arranged
 */
export function paintGrid(canvas, file, fileColumns, { columns, rows, places }) {
  const side = sideIn(file, fileColumns);
  const width = columns * (side + GAP) - GAP;
  const height = rows * (side + GAP) - GAP;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const fitted = /** @type {HTMLElement} */ (canvas.parentElement);
  fitted.style.setProperty("--aspect", String(width / height));
  const context = contextOf(canvas);
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  places.forEach((index, place) => {
    if (index === null) return;
    const from = cornerOf(index, fileColumns, side);
    const to = cornerOf(place, columns, side);
    context.drawImage(file, from.x, from.y, side, side, to.x, to.y, side, side);
  });
}

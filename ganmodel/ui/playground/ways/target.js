// @ts-check
// What is looked for: a drawing brought to the generator's size, as its training data are.
import { contextOf } from "../../shared/canvas.js";
import { make } from "../../shared/elements.js";

const DIGIT = 20 / 28; // MNIST's digits fill 20 of 28 pixels, their centre of weight in the middle
const INK = 64; // grey levels that are ink
const LUMA = [0.299, 0.587, 0.114]; // red, green and blue, as an eye weighs them
const LEAST_HALVED = 32; // pixels: below this, one step is fine enough

/**
 * The values of each pixel of what was drawn, 0 to 255, channel by channel.
 * @param {import("./pad.js").Pad} pad
 * @param {import("../state.js").Facts} facts
 * @returns {number[]}
 */
export function targetOf(pad, { size, channels, dataset }) {
  const canvas = make("canvas", { width: size, height: size });
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = "high";
  const { width, height } = pad.canvas;
  // A digit that was drawn by hand is moved and sized as MNIST's are; a picture is taken as it is.
  const isDigit = !pad.hasPicture() && dataset === "mnist";
  const box = isDigit ? inkBox(pad.pixels()) : null;
  if (box) {
    const scale = (DIGIT * size) / Math.max(box.width, box.height);
    const [left, top] = [size / 2 - scale * box.x, size / 2 - scale * box.y];
    shrink(pad.canvas, context, { left, top, width: scale * width, height: scale * height });
  } else shrink(pad.canvas, context, { left: 0, top: 0, width: size, height: size });
  return valuesOf(context.getImageData(0, 0, size, size), channels);
}

/**
 * @param {ImageData} picture
 * @param {1 | 3} channels
 */
export function valuesOf({ data }, channels) {
  const values = [];
  for (let i = 0; i < data.length; i += 4) {
    const colour = [data[i], data[i + 1], data[i + 2]];
    if (channels === 3) values.push(...colour);
    else values.push(Math.round(colour.reduce((sum, value, k) => sum + LUMA[k] * value, 0)));
  }
  return values;
}

/**
 * Extent and centre of weight of the ink; null where there is none.
 * @param {{ data: ArrayLike<number>, width: number, height: number }} picture RGBA
 */
export function inkBox({ data, width, height }) {
  let [left, right, top, bottom] = [width, 0, height, 0];
  let [weight, x, y] = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[4 * (row * width + column)];
      if (value < INK) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      weight += value;
      x += value * column;
      y += value * row;
    }
  }
  if (!weight) return null;
  return { width: right - left + 1, height: bottom - top + 1, x: x / weight, y: y / weight };
}

/**
 * Draws a picture smaller, in halves, since browsers sample too coarsely over a larger step.
 * @param {HTMLCanvasElement} picture
 * @param {CanvasRenderingContext2D} context
 * @param {{ left: number, top: number, width: number, height: number }} to
 */
function shrink(picture, context, to) {
  let source = picture;
  let { width, height } = picture;
  while (width > 2 * to.width && width > LEAST_HALVED) {
    const half = make("canvas", { width: Math.ceil(width / 2), height: Math.ceil(height / 2) });
    contextOf(half).drawImage(source, 0, 0, width, height, 0, 0, half.width, half.height);
    source = half;
    ({ width, height } = half);
  }
  context.drawImage(source, 0, 0, width, height, to.left, to.top, to.width, to.height);
}

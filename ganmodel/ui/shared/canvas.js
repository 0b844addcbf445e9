// @ts-check
// Small pictures on canvases, pixel for pixel, from answers of the server and from sprite sheets.

/**
 * Pictures inside an answer: `bytes` holds them one after the other, each height × width × channels.
 * @typedef {{ width: number, height: number, channels: number, bytes: ArrayLike<number> }} Pixels
 */

/** @param {string} base64 */
export function decode(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/**
 * The pixels of an answer whose `pixels` are base64.
 * @param {{ width: number, height: number, channels: number, pixels: string }} answer
 * @returns {Pixels}
 */
export const decoded = (answer) => ({ ...answer, bytes: decode(answer.pixels) });

/**
 * Draws one of an answer's pictures.
 * @param {HTMLCanvasElement} canvas takes the picture's size
 * @param {Pixels} pictures
 * @param {number} [index] which of them
 */
export function paint(canvas, { width, height, channels, bytes }, index = 0) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = contextOf(canvas);
  const image = context.createImageData(width, height);
  const start = index * width * height * channels;
  for (let i = 0; i < width * height; i++) {
    for (let k = 0; k < 3; k++) {
      image.data[4 * i + k] = bytes[start + i * channels + (channels === 3 ? k : 0)];
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/**
 * Pictures of one size on a sheet, in rows without gaps.
 * @typedef {{ sheet: ImageBitmap, size: number, columns: number }} Sprites
 */

/**
 * Draws one of a sheet's pictures.
 * @param {HTMLCanvasElement} canvas takes the picture's size
 * @param {Sprites} sprites
 * @param {number} index
 */
export function paintSprite(canvas, { sheet, size, columns }, index) {
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const x = size * (index % columns);
  const y = size * Math.floor(index / columns);
  contextOf(canvas).drawImage(sheet, x, y, size, size, 0, 0, size, size);
}

/**
 * Draws a whole sheet.
 * @param {HTMLCanvasElement} canvas takes the sheet's size
 * @param {ImageBitmap} sheet
 */
export function paintSheet(canvas, sheet) {
  canvas.width = sheet.width;
  canvas.height = sheet.height;
  contextOf(canvas).drawImage(sheet, 0, 0);
}

/**
 * The sheet in a response, its pixels as they are: browsers would else convert colours.
 * @param {Response} response
 */
export async function sheetIn(response) {
  return createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
}

/** @param {HTMLCanvasElement} canvas */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

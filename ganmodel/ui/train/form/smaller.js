// @ts-check
// Pictures made small before they are sent, as phones' pictures have to be: the right way up, their
// shape kept, so that the middle can be cut out of them later.
import { contextOf } from "../../shared/canvas.js";
import { make } from "../../shared/elements.js";
import { words } from "../../shared/words.js";
import { isArchive, isReadThere } from "./picking.js";

const SHORTER_SIDE = 256; // pixels; networks see 32 of them at most
const LIGHT = 40000; // bytes below which a picture is sent as it is
const QUALITY = 0.9;

/**
 * What is to be sent of a file: itself, or the same picture made small.
 * @param {import("./picking.js").Picked} picked
 * @returns {Promise<Blob | null>} null where neither this browser nor the server can open it
 */
export async function madeSmall({ file, name }) {
  const readThere = isArchive(name) || isReadThere(name);
  if (isArchive(name) || (readThere && file.size <= LIGHT)) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return readThere ? file : null;
  }
  try {
    const scale = Math.min(1, SHORTER_SIDE / Math.min(picture.width, picture.height));
    if (scale === 1 && readThere) return file;
    const width = Math.round(scale * picture.width);
    return await redrawn(picture, width, Math.round(scale * picture.height));
  } finally {
    picture.close(); // it takes four bytes a pixel
  }
}

/**
 * @param {ImageBitmap} picture
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>}
 */
async function redrawn(picture, width, height) {
  const canvas = make("canvas", { width, height });
  const context = contextOf(canvas);
  context.imageSmoothingQuality = "high";
  const small = await createImageBitmap(picture, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: "high",
  });
  context.drawImage(small, 0, 0, width, height);
  small.close();
  const lossy = isSeeThrough(context, width, height) ? "image/webp" : "image/jpeg";
  // What was small already keeps every pixel.
  const type = width === picture.width ? "image/png" : lossy;
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error(words("pictures.not-sent")))),
      type,
      QUALITY,
    );
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 */
function isSeeThrough(context, width, height) {
  const { data } = context.getImageData(0, 0, width, height);
  for (let i = 3; i < data.length; i += 4) if (data[i] < 255) return true;
  return false;
}

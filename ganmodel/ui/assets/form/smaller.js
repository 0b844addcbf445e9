// Pictures made small before they are sent, as phones' pictures have to be: the right way up, their
// shape kept, so that the middle can be cut out of them later. Runs in one scope with form.js.
const SHORTER = 256;               // pixels; networks see 32 of them at most
const LIGHT = 40000;               // bytes below which a picture is sent as it is
const QUALITY = 0.9;

// What is to be sent of a file: itself, the same picture made small, or null where neither this
// browser nor the server can open it.
async function madeSmall({ file: content, name }) {
  const readThere = isArchive(name) || endsWith(name, READS);
  if (isArchive(name) || (readThere && content.size <= LIGHT)) return content;
  let picture;
  try { picture = await createImageBitmap(content, { imageOrientation: "from-image" }); } catch { return readThere ? content : null; }
  try {
    const scale = Math.min(1, SHORTER / Math.min(picture.width, picture.height));
    if (scale === 1 && readThere) return content;
    return await redrawn(picture, Math.round(scale * picture.width), Math.round(scale * picture.height));
  } finally { picture.close(); }    // it takes four bytes a pixel
}

async function redrawn(picture, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  const small = await createImageBitmap(picture, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  context.drawImage(small, 0, 0, width, height);
  small.close();
  const { data } = context.getImageData(0, 0, width, height);
  let clear = false;
  for (let i = 3; i < data.length && !clear; i += 4) clear = data[i] < 255;
  // What was small already keeps every pixel.
  const type = width === picture.width ? "image/png" : clear ? "image/webp" : "image/jpeg";
  return new Promise((resolve, reject) => canvas.toBlob((blob) => blob ? resolve(blob) : reject(new Error(words.NOT_SENT)), type, QUALITY));
}

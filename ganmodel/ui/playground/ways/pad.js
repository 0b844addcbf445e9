// @ts-check
// A pad to draw on, white on black, or to put a picture on. One pointer draws: the pen where there is
// one, else the first finger that moves. What rests beside it, such as a palm, leaves no ink; a tap
// that nothing else touches is a dot.

const BRUSH = 20; // of the pad's 280 pixels: two of a digit's 28
const PEN = /** @type {const} */ ({
  strokeStyle: "#fff",
  lineWidth: BRUSH,
  lineCap: "round",
  lineJoin: "round",
});
const RESTING = 6; // pixels of the screen that a resting hand may move
const BRIGHT = 128; // grey levels: a picture whose edge is brighter is dark on light

/** @typedef {[x: number, y: number]} Place on the pad, in its own pixels */
/** @typedef {{ x: number, y: number, place: Place, isPen: boolean, moved: boolean }} Touch where it
 *     came down, on the screen and on the pad */
/** @typedef {ReturnType<typeof createPad>} Pad */

/** @param {HTMLCanvasElement} canvas */
export function createPad(canvas) {
  const ink = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  const { width, height } = canvas;
  /** @type {Map<number, Touch>} */
  const touches = new Map();
  /** The pointer that draws, where its stroke has got to, and the pad before it came down.
   * @type {{ pointer: number, end: Place, before: ImageData } | null} */
  let stroke = null;
  let hasPicture = false;

  const pixels = () => ink.getImageData(0, 0, width, height);

  /** @param {string} colour */
  function fill(colour) {
    ink.fillStyle = colour;
    ink.fillRect(0, 0, width, height);
  }

  function clear() {
    fill("#000");
    hasPicture = false;
    canvas.dataset.empty = "";
  }

  function invert() {
    ink.globalCompositeOperation = "difference";
    fill("#fff");
    ink.globalCompositeOperation = "source-over";
  }

  /**
   * Puts the middle of a picture on the pad.
   * @param {ImageBitmap} image
   * @param {boolean} lightOnDark whether a dark picture on a light ground is to be inverted
   */
  function show(image, lightOnDark) {
    const side = Math.min(image.width, image.height);
    const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
    fill("#fff"); // under what is transparent, here as everywhere
    ink.imageSmoothingQuality = "high";
    ink.drawImage(image, left, top, side, side, 0, 0, width, height);
    hasPicture = true;
    delete canvas.dataset.empty;
    if (lightOnDark && edgeOf(pixels()) > BRIGHT) invert();
  }

  /** @param {PointerEvent} event
   * @returns {Place} */
  function placeOf(event) {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * width) / box.width,
      ((event.clientY - box.top) * height) / box.height,
    ];
  }

  /**
   * Begins a stroke where a pointer came down; what another one that only rested has left is undone.
   * @param {number} pointer
   * @param {Touch} touch
   */
  function begin(pointer, { place }) {
    if (stroke) ink.putImageData(stroke.before, 0, 0);
    stroke = { pointer, end: place, before: stroke?.before ?? pixels() };
    Object.assign(ink, PEN);
    delete canvas.dataset.empty;
    drawTo(stroke, place);
  }

  /**
   * @param {{ end: Place }} line
   * @param {Place} place
   */
  function drawTo(line, place) {
    ink.fillStyle = "#fff";
    ink.beginPath();
    ink.arc(...place, BRUSH / 2, 0, 2 * Math.PI); // a line of no length draws nothing
    ink.fill();
    ink.beginPath();
    ink.moveTo(...line.end);
    ink.lineTo(...place);
    ink.stroke();
    line.end = place;
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const { pointerId: pointer, clientX, clientY } = event;
    const touch = touches.get(pointer);
    if (!touch) return;
    touch.moved ||= Math.hypot(clientX - touch.x, clientY - touch.y) > RESTING;
    const drawing = stroke && touches.get(stroke.pointer);
    const isOther = stroke?.pointer !== pointer;
    if (touch.moved && isOther && !drawing?.moved && !drawing?.isPen) begin(pointer, touch);
    if (stroke?.pointer === pointer) drawTo(stroke, placeOf(event));
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const { pointerId: pointer, clientX: x, clientY: y } = event;
    canvas.setPointerCapture(pointer);
    const isPen = event.pointerType === "pen";
    const touch = { x, y, place: placeOf(event), isPen, moved: false };
    touches.set(pointer, touch);
    if (!stroke || isPen) begin(pointer, touch);
  });
  canvas.addEventListener("pointermove", move);
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    canvas.addEventListener(end, ({ pointerId }) => {
      if (touches.delete(pointerId) && stroke?.pointer === pointerId) stroke = null;
    });
  }
  clear();

  return { canvas, pixels, clear, invert, show, hasPicture: () => hasPicture };
}

/** The mean of a picture's upper and lower edge, 0 to 255.
 * @param {ImageData} picture */
function edgeOf({ data, width, height }) {
  let sum = 0;
  for (let x = 0; x < width; x++) {
    for (const y of [0, height - 1]) sum += data[4 * (y * width + x)];
  }
  return sum / (2 * width);
}

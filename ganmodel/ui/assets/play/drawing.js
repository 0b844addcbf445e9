// My drawing: a pad to draw on or drop a picture onto, and the search for the noise that draws it.
const pad = within("#play-pad"), ink = pad.getContext("2d", { willReadFrequently: true });
const BRUSH = 20;                  // of the pad's 280 pixels: two of a digit's 28
const DIGIT = 20 / 28;             // MNIST's digits fill 20 of 28 pixels, their weight in the middle
const EMPTY_BELOW = 8;             // grey levels that everything on the pad lies within
const POOR = 0.45;                 // explained less than this: G draws nothing like it
const RESTING = 6;                 // pixels of the screen that a resting hand may move
let stroke = null, searching = null, fromPicture = false;

function clearPad() {
  ink.fillStyle = "#000";
  ink.fillRect(0, 0, pad.width, pad.height);
  fromPicture = false;
}
clearPad();

function padPoint(event) {
  const box = pad.getBoundingClientRect();
  return [(event.clientX - box.left) * pad.width / box.width, (event.clientY - box.top) * pad.height / box.height];
}

// One pointer draws: the pen where there is one, else the first finger that moves. What rests beside
// it, such as a palm, leaves no ink; a tap that nothing else touches is a dot.
const touching = new Map();        // by pointer: where it came down, on the screen and on the pad
let writing = null, before = null; // the pointer that draws; the pad before it came down

pad.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  pad.setPointerCapture(event.pointerId);
  touching.set(event.pointerId, { x: event.clientX, y: event.clientY, point: padPoint(event), pen: event.pointerType === "pen" });
  if (writing === null || event.pointerType === "pen") draws(event.pointerId);
});
pad.addEventListener("pointermove", (event) => {
  const from = touching.get(event.pointerId);
  if (!from) return;
  if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > RESTING) from.moved = true;
  const now = touching.get(writing);
  if (from.moved && event.pointerId !== writing && !now?.moved && !now?.pen) draws(event.pointerId);
  if (event.pointerId === writing) drawTo(padPoint(event));
});
for (const end of ["pointerup", "pointercancel"]) {
  pad.addEventListener(end, ({ pointerId }) => {
    if (!touching.delete(pointerId) || pointerId !== writing) return;
    writing = stroke = before = null;
  });
}

// Draws from where the pointer came down; what another one that was resting has left is taken back.
function draws(pointer) {
  if (writing !== null) ink.putImageData(before, 0, 0);
  else before = ink.getImageData(0, 0, pad.width, pad.height);
  writing = pointer;
  Object.assign(ink, { strokeStyle: "#fff", lineWidth: BRUSH, lineCap: "round", lineJoin: "round" });
  stroke = touching.get(pointer).point;
  drawTo(stroke);
}

function drawTo(point) {
  ink.fillStyle = "#fff";
  ink.beginPath();
  ink.arc(...point, BRUSH / 2, 0, 2 * Math.PI);     // a line of no length draws nothing
  ink.fill();
  ink.beginPath();
  ink.moveTo(...stroke);
  ink.lineTo(...point);
  ink.stroke();
  stroke = point;
}

part("clear").addEventListener("click", () => { clearPad(); part("find-said").textContent = ""; });
part("invert").addEventListener("click", invertPad);

function invertPad() {
  ink.globalCompositeOperation = "difference";
  ink.fillStyle = "#fff";
  ink.fillRect(0, 0, pad.width, pad.height);
  ink.globalCompositeOperation = "source-over";
}

// --- a picture from elsewhere ---------------------------------------------------------------------

// False, after having said so, where the browser can't open it; the pad stays as it is then.
async function usePicture(file, tell = (text) => { part("find-said").textContent = text; }) {
  let image;
  try { image = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { tell(words.UNREADABLE); return false; }
  const side = Math.min(image.width, image.height);
  ink.fillStyle = "#fff";            // what is transparent is on white, here as everywhere
  ink.fillRect(0, 0, pad.width, pad.height);
  fromPicture = true;
  ink.imageSmoothingQuality = "high";
  ink.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, pad.width, pad.height);
  image.close();
  // Ink on paper becomes light on dark, where the generator draws that way.
  if (facts.channels === 1 && edgeOf(ink.getImageData(0, 0, pad.width, pad.height)) > 128) invertPad();
  part("find-said").textContent = "";
  return true;
}

function edgeOf({ data, width, height }) {
  let sum = 0, count = 0;
  for (let i = 0; i < width; i++) for (const row of [0, height - 1]) { sum += data[4 * (row * width + i)]; count += 1; }
  return sum / count;
}

part("drop").addEventListener("change", () => { if (part("drop").files[0]) usePicture(part("drop").files[0]); part("drop").value = ""; });

// --- the search -----------------------------------------------------------------------------------

// The pad in the generator's size. What was drawn by hand on a digit generator is moved and sized as
// MNIST's digits are; a picture is taken as it is.
function target() {
  const size = facts.size, small = document.createElement("canvas");
  small.width = small.height = size;
  const context = small.getContext("2d", { willReadFrequently: true });
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = "high";
  const box = !fromPicture && facts.dataset === "mnist" ? inkBox() : null;
  if (!box) shrink(context, 0, 0, pad.width, pad.height, 0, 0, size, size);
  else {
    const scale = DIGIT * size / Math.max(box.width, box.height);
    shrink(context, 0, 0, pad.width, pad.height, size / 2 - scale * box.x, size / 2 - scale * box.y, scale * pad.width, scale * pad.height);
  }
  const { data } = context.getImageData(0, 0, size, size), values = [];
  for (let i = 0; i < size * size; i++) {
    if (facts.channels === 3) values.push(data[4 * i], data[4 * i + 1], data[4 * i + 2]);
    else values.push(Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]));
  }
  return values;
}

// In halves, since browsers sample too coarsely over a larger step.
function shrink(context, sx, sy, sw, sh, dx, dy, dw, dh) {
  let source = pad, width = sw, height = sh;
  while (width > 2 * dw && width > 32) {
    const half = document.createElement("canvas");
    half.width = width = Math.ceil(width / 2);
    half.height = height = Math.ceil(height / 2);
    half.getContext("2d").drawImage(source, 0, 0, width, height);
    source = half;
  }
  context.drawImage(source, 0, 0, width, height, dx, dy, dw, dh);
}

// Extent and centre of weight of what is on the pad.
function inkBox() {
  const { data, width, height } = ink.getImageData(0, 0, pad.width, pad.height);
  let left = width, right = 0, top = height, bottom = 0, weight = 0, x = 0, y = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[4 * (row * width + column)];
      if (value < 64) continue;
      left = Math.min(left, column); right = Math.max(right, column);
      top = Math.min(top, row); bottom = Math.max(bottom, row);
      weight += value; x += value * column; y += value * row;
    }
  }
  return weight ? { width: right - left + 1, height: bottom - top + 1, x: x / weight, y: y / weight } : null;
}

part("find").addEventListener("click", async () => {
  if (searching || !facts) return;
  const drawing = target();
  if (Math.max(...drawing) - Math.min(...drawing) < EMPTY_BELOW) { part("find-said").textContent = words.EMPTY; return; }
  searching = new AbortController();
  part("find-cancel").hidden = false;
  part("find-pictures").hidden = false;
  const { size: side, channels } = facts;
  ganmodel.paint(part("target"), { width: side, height: side, channels, bytes: drawing });
  const tell = (text) => { part("find-said").textContent = text; };
  const cancelled = searching.signal;
  let last = null;
  const whole = await streamed("ganmodel-find", standing({ drawing }), (news) => {
    last = news;
    news.bytes = ganmodel.decode(news.pixels);
    ganmodel.paint(part("closest-found"), news);
    tell(fill(words.FINDING, { share: Math.round(100 * news.share), loss: news.loss.toFixed(4) }));
  }, tell, cancelled);
  searching = null;
  part("find-cancel").hidden = true;
  if (cancelled.aborted) { tell(words.CANCELLED); return; }
  if (!whole || !last?.done) return;
  if (last.label !== null) { place.label = last.label; place.other = null; showClasses(); }
  if (place.stops.length >= MOST_STOPS) place.stops.pop();
  place.psi = 1;                   // it was looked for at full variety
  showPsi();
  addStop(Float32Array.from(last.z));
  tell(fill(last.explained < POOR ? words.FOUND_POORLY : words.FOUND_WELL, { loss: last.loss.toFixed(4) }));
});
part("find-cancel").addEventListener("click", () => searching?.abort());

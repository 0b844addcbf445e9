// The map: thumbnails of the plane through A, B and a third start number C. Pointing previews,
// pressing goes there, dragging pans, wheel and pinch zoom.
const board = within("#play-map"), chart = board.querySelector("canvas"), third = within("#play-map-c");
const MAP_SIDE = 11, HOME = { u: 0.5, v: 0.5, span: 1.8 }, MOST_OFF = 50, TAP = 5;   // pixels that a tap may move
const plan = { ...HOME };
const fingers = new Map();
let mapping = false, remap = false, mapKey = null, shift = { x: 0, y: 0 }, pressed = null;

function mapQuestion() {
  return { third: ganmodel.numberIn(third), u: plan.u, v: plan.v, span: plan.span, side: MAP_SIDE };
}

async function drawMap() {
  if (way !== "map" || !facts) return;
  showMarks();
  const key = JSON.stringify([where.generator, facts.moment, place.stops.slice(0, 2).map(String), place.psi, place.label, place.other, place.blend, mapQuestion()]);
  if (mapping) { remap = true; return; }
  if (key === mapKey) return;
  mapping = true;
  const moved = { ...shift };
  const answer = await fetched("ganmodel-map", standing({ ...mapQuestion() }));
  if (answer) {
    const sheet = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
    chart.width = chart.height = sheet.width;
    chart.getContext("2d").drawImage(sheet, 0, 0);
    mapKey = key;
    board.dataset.drawn = Number(board.dataset.drawn ?? 0) + 1;
    shift = { x: shift.x - moved.x, y: shift.y - moved.y };
    chart.style.transform = `translate(${shift.x}px, ${shift.y}px)`;
  }
  mapping = false;
  if (remap) { remap = false; drawMap(); }
}

// Anchors and where one stands, as letters and a frame over the thumbnails.
function showMarks() {
  const at = { A: [0, 0], B: [1, 0], C: [0, 1], here: spot ? [spot.point.u, spot.point.v] : hereOnMap() };
  for (const mark of board.querySelectorAll("[data-mark]")) {
    const spotted = at[mark.dataset.mark];
    const [x, y] = spotted ? [0.5 + (spotted[0] - plan.u) / plan.span, 0.5 + (spotted[1] - plan.v) / plan.span] : [-1, -1];
    mark.hidden = x < 0 || x > 1 || y < 0 || y > 1;
    mark.style.left = 100 * x + "%";
    mark.style.top = 100 * y + "%";
  }
}

// Where one stands, if it was chosen here.
let chosenHere = null;
function hereOnMap() {
  return chosenHere && chosenHere.text === placeText() ? [chosenHere.u, chosenHere.v] : null;
}
function showHere() {
  if (way === "map") showMarks();
}

function pointAt(event) {
  const box = board.getBoundingClientRect();
  return onPlane((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
}

function onPlane(x, y) {
  const bound = (value) => Math.min(Math.max(value, -MOST_OFF), MOST_OFF);
  return { u: bound(plan.u + plan.span * (x - 0.5)), v: bound(plan.v + plan.span * (y - 0.5)) };
}

function preview(point) {
  spot = { point: { third: ganmodel.numberIn(third), ...point }, chosen: false };
  draw();
}

function endPreview() {
  if (spot && !spot.chosen) { spot = null; draw(); showMarks(); }
}

function choose(point) {
  stopPlaying();
  spot = { point: { third: ganmodel.numberIn(third), ...point }, chosen: true };
  const chosen = spot;
  const remembered = () => {
    if (spot === chosen) return;       // not drawn yet
    canvas.removeEventListener("drawn", remembered);
    chosenHere = { ...point, text: placeText() };
    showMarks();
  };
  canvas.addEventListener("drawn", remembered);
  draw();
  showMarks();
}

function pan(dx, dy) {
  const size = board.clientWidth;
  Object.assign(plan, { u: plan.u - dx / size * plan.span, v: plan.v - dy / size * plan.span });
  shift = { x: shift.x + dx, y: shift.y + dy };
  chart.style.transform = `translate(${shift.x}px, ${shift.y}px)`;
  drawMap();
}

// Around a place on the board, 0 to 1, which stays where it is.
function zoom(factor, x = 0.5, y = 0.5) {
  const fixed = onPlane(x, y);
  plan.span = Math.min(Math.max(plan.span * factor, 0.05), 20);
  plan.u = fixed.u - plan.span * (x - 0.5);
  plan.v = fixed.v - plan.span * (y - 0.5);
  drawMap();
}

board.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  board.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  pressed = fingers.size === 1 ? { x: event.clientX, y: event.clientY, moved: false } : null;
  board.focus({ preventScroll: true });
});
board.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) { if (event.pointerType === "mouse") preview(pointAt(event)); return; }
  const now = { x: event.clientX, y: event.clientY };
  if (fingers.size === 2) {
    const other = [...fingers].find(([id]) => id !== event.pointerId)[1], box = board.getBoundingClientRect();
    const apart = (a) => Math.hypot(a.x - other.x, a.y - other.y) || 1;
    zoom(apart(before) / apart(now), ((now.x + other.x) / 2 - box.left) / box.width, ((now.y + other.y) / 2 - box.top) / box.height);
  } else if (pressed) {
    if (Math.hypot(now.x - pressed.x, now.y - pressed.y) > TAP) { if (!pressed.moved) endPreview(); pressed.moved = true; }
    if (pressed.moved) pan(now.x - before.x, now.y - before.y);
  }
  fingers.set(event.pointerId, now);
});
for (const end of ["pointerup", "pointercancel"]) {
  board.addEventListener(end, (event) => {
    fingers.delete(event.pointerId);
    if (end === "pointerup" && pressed && !pressed.moved) choose(pointAt(event));
    pressed = null;
  });
}
board.addEventListener("pointerleave", () => { if (!fingers.size) endPreview(); });
board.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = board.getBoundingClientRect();
  zoom(1.0015 ** Math.min(Math.max(event.deltaY, -300), 300), (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
}, { passive: false });
board.addEventListener("keydown", (event) => {
  const step = board.clientWidth / MAP_SIDE;
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  if (moves[event.key]) pan(...moves[event.key]);
  else if (event.key === "+" || event.key === "=") zoom(1 / 1.3);
  else if (event.key === "-") zoom(1.3);
  else if (event.key === "Enter") choose({ u: plan.u, v: plan.v });
  else return;
  event.preventDefault();
  event.stopPropagation();
});

element.querySelector('[data-zoom="in"]').addEventListener("click", () => zoom(1 / 1.3));
element.querySelector('[data-zoom="out"]').addEventListener("click", () => zoom(1.3));
element.querySelector('[data-zoom="home"]').addEventListener("click", () => { Object.assign(plan, HOME); drawMap(); });
third.addEventListener("input", () => {
  if (ganmodel.numberIn(third) !== null) drawMap(); else say(fill(words.BAD_SEED, { most: MOST_SEED }));
});
part("map-roll").addEventListener("click", () => { third.value = rolled(); drawMap(); });

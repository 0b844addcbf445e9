// The picture: asked of the server one at a time, the latest value winning; along the way drawn from
// frames that were fetched ahead, so that it follows the hand however far away the server is.
const canvas = within("#play-canvas canvas"), alpha = within('#play-alpha input[type="range"]');
const FRAMES = 201;                // as many as the slider from A has places
const FRAMES_IN_A_ROW = 20;
const FETCH_AFTER = 200, SETTLE_AFTER = 250;   // milliseconds of rest
let busy = false, wanted = false, drawnCount = 0;
let ahead = 0;                     // pictures drawn from the frames so far
let frames = null;                 // { key, sheet, size }: the way from frame to frame
let fetching = null;

// What a frame depends on besides the share of the way.
const frameKey = () => JSON.stringify([where.generator, facts?.moment, placeText({ ...place, at: 0 })]);

function announceDrawn() {
  drawnCount += 1;
  canvas.dataset.frame = drawnCount;
  canvas.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
}

async function draw() {
  if (!where.generator) return;
  if (busy) { wanted = true; return; }
  busy = true;
  canvas.ariaBusy = "true";
  do {
    wanted = false;
    const asked = spot, then = ahead, sent = await fetched("ganmodel-draw", standing({ spot: asked?.point ?? null }));
    if (!sent) continue;
    const answer = await sent.json();
    base = answer.base;
    if (then !== ahead) continue;    // the hand has gone on along the way, whose frames are newer
    answer.bytes = ganmodel.decode(answer.pixels);
    ganmodel.paint(canvas, answer);
    if (asked?.chosen && answer.rest && spot === asked) { place.rest = Float32Array.from(answer.rest); spot = null; fetchFrames(); settle(); }
    canvas.dataset.moment = answer.moment;
    say("");
    announceDrawn();
    if (!wanted) showPoint();
  } while (wanted);
  busy = false;
  canvas.ariaBusy = "false";
}

// Something other than the share of the way was changed.
function changed() {
  spot = null;
  draw();
  fetchFrames();
  settle();
}

// Along the way: from the frames where they are there, else from the server.
function drawAlong() {
  spot = null;
  const exact = place.at * (FRAMES - 1), index = Math.round(exact);
  if (frames?.key !== frameKey()) draw();
  else {
    paintFrame(canvas, index);
    ahead += 1;
    announceDrawn();
    if (Math.abs(exact - index) > 1e-6 && !playing) draw();    // a typed share between two frames
  }
  settle();
}

function paintFrame(target, index) {
  const { sheet, size } = frames;
  if (target.width !== size) target.width = target.height = size;
  target.getContext("2d").drawImage(sheet, size * (index % FRAMES_IN_A_ROW), size * Math.floor(index / FRAMES_IN_A_ROW), size, size, 0, 0, size, size);
}

function fetchFrames() {
  soon("frames", FETCH_AFTER, async () => {
    const key = frameKey();
    if (!facts || frames?.key === key) return;
    fetching?.abort();
    fetching = new AbortController();
    const answer = await fetched("ganmodel-frames", standing({ count: FRAMES }), say, fetching.signal);
    if (!answer) return;
    const sheet = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
    if (key !== frameKey()) { fetchFrames(); return; }
    frames = { key, sheet, size: facts.size };
    showStrip();
    canvas.dispatchEvent(new CustomEvent("fetched", { bubbles: true }));
  });
}

// Once the hand rests: what is slower to know, and what is remembered.
function settle() {
  soon("settle", SETTLE_AFTER, () => {
    if (spot && !spot.chosen) return;
    if (busy) { settle(); return; }
    if (frames?.key === frameKey()) draw();        // the frames know pictures, not points
    remember();
    closeCopied();
    note();
    showTicks();
    if (asking.open) askModel();
    if (way === "map") drawMap();
    if (way === "found") showFound();
    if (way === "time") showTable();
  });
}

// Everything that shows numbers of the point.
function showPoint() {
  showSliders();
  showFoundValues();
  showHere();
}

part("smooth-pixels").checked = ganmodel.get("smooth") === "yes";
function showSmoothness() {
  within(".gm-play").classList.toggle("gm-smooth", part("smooth-pixels").checked);
  ganmodel.set("smooth", part("smooth-pixels").checked ? "yes" : "no");
}
part("smooth-pixels").addEventListener("change", showSmoothness);
showSmoothness();

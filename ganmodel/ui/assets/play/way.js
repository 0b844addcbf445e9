// The way from A to the last stop: stops, share, path, strip, and playing it.
const strip = within("#play-strip"), STRIP = 9, MOST_STOPS = LETTERS.length;
const SECONDS_A_LEG = 3;           // from stop to stop at speed 1
let playing = null;

// --- stops ------------------------------------------------------------------------------------

function showStops() {
  const rows = place.stops.map((stop, k) => stopRow(stop, k));
  part("stops").replaceChildren(...rows);
  part("add").hidden = place.stops.length >= MOST_STOPS;
  part("last-letter").textContent = place.path === "loop" ? "A" : LETTERS[place.stops.length - 1];
  showStrip();
}

function stopRow(stop, k) {
  const row = document.createElement("div"), letter = LETTERS[k], number = typeof stop === "number";
  row.className = "gm-stop";
  if (k < 2) row.id = "play-seed-" + "ab"[k];
  const thumb = document.createElement("canvas");
  thumb.setAttribute("aria-hidden", "true");
  thumb.width = thumb.height = facts?.size ?? 28;
  const label = document.createElement("label"), id = `play-stop-${k}`;
  label.textContent = fill(number ? words.START_NUMBER : words.POINT, { letter });
  const controls = document.createElement("div");
  controls.className = "gm-seed";
  const roll = button(words.ROLL, fill(words.ROLL_LABEL, { letter }), () => setStop(k, rolled()));
  roll.dataset.roll = letter.toLowerCase();
  if (number) {
    label.htmlFor = id;
    const input = ganmodel.numberField({ value: stop, id }, { low: 0, high: MOST_SEED, step: 1, whole: true });
    input.addEventListener("input", () => {
      const { value } = ganmodel.readField(input);
      if (value !== null) setStop(k, value, input);
    });
    input.addEventListener("change", () => { input.value = place.stops[k]; });
    controls.append(input);
  }
  controls.append(roll);
  if (place.stops.length > 2) controls.append(button("×", fill(words.REMOVE_LABEL, { letter }), () => removeStop(k)));
  row.append(thumb, label, controls);
  return row;
}

function button(text, label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return made;
}

// How many legs a way has. A loop through two stops goes all around the circle they lie on.
function legs() {
  const count = place.stops.length;
  return place.path === "loop" ? (count === 2 ? 4 : count) : count - 1;
}

const shareOf = (k) => k / legs();

// Puts a start number or a point in the place of a stop, and goes there; `input` is under the hand.
function setStop(k, value, input = null) {
  if (typeof value === "number" && (!Number.isInteger(value) || value < 0 || value > MOST_SEED)) {
    say(fill(words.BAD_SEED, { most: MOST_SEED }));
    return;
  }
  place.stops[k] = value;
  if (!input) { place.rest = null; showStops(); goTo(shareOf(k), true); return; }
  changed();
}

function addStop(value) {
  if (place.stops.length >= MOST_STOPS) { say(fill(words.MOST_STOPS, { most: MOST_STOPS })); return; }
  place.stops.push(value);
  place.rest = null;
  showStops();
  goTo(shareOf(place.stops.length - 1), true);
}

function removeStop(k) {
  place.stops.splice(k, 1);
  showStops();
  goTo(Math.min(place.at, 1), true);
}

part("add").addEventListener("click", () => addStop(rolled()));
for (const use of element.querySelectorAll("[data-use]")) {
  const name = use.dataset.use;
  use.setAttribute("aria-label", name === "new" ? words.USE_NEW : fill(words.USE_LABEL, { letter: LETTERS[name] }));
  use.addEventListener("click", () => {
    const here = Float32Array.from(z());
    if (!here.length) return;
    if (name === "new") addStop(here); else setStop(Number(name), here);
  });
}

// --- the share of the way ---------------------------------------------------------------------

// `anew`: more than the share was changed.
function goTo(share, anew = false) {
  place.at = Math.min(Math.max(0, share), 1);
  showShare();
  if (anew) changed(); else drawAlong();
}

function showShare() {
  alpha.value = place.at;
  if (document.activeElement !== part("alpha")) part("alpha").value = Number(place.at.toFixed(3));
  markStrip();
}

alpha.addEventListener("input", () => { stopPlaying(); goTo(Number(alpha.value)); });
part("alpha").addEventListener("input", () => {
  const value = ganmodel.numberIn(part("alpha"));
  if (value !== null) { stopPlaying(); goTo(value); }
});
part("alpha").addEventListener("change", () => { part("alpha").value = Number(place.at.toFixed(3)); });

for (const radio of element.querySelectorAll("#play-path input")) {
  radio.addEventListener("change", () => {
    const leg = place.at * legs();                 // as far between the same two stops as before
    place.path = radio.value;
    place.at = Math.min(leg / legs(), 1);
    showStops();
    showShare();
    changed();
  });
}

// --- the strip ----------------------------------------------------------------------------------

for (let i = 0; i < STRIP; i++) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 28;
  const go = button("", fill(words.STRIP_GO, { share: Math.round(100 * i / (STRIP - 1)) }), () => { stopPlaying(); goTo(i / (STRIP - 1)); });
  go.append(tile);
  strip.append(go);
}

function showStrip() {
  if (frames?.key !== frameKey()) return;
  strip.querySelectorAll("canvas").forEach((tile, i) => paintFrame(tile, Math.round((FRAMES - 1) * i / (STRIP - 1))));
  if (!place.rest) part("stops").querySelectorAll("canvas").forEach((thumb, k) => paintFrame(thumb, Math.round((FRAMES - 1) * shareOf(k))));
  strip.dataset.key = frames.key;
  markStrip();
}

function markStrip() {
  const nearest = Math.round(place.at * (STRIP - 1));
  strip.querySelectorAll("button").forEach((go, i) => go.setAttribute("aria-pressed", i === nearest));
}

// --- playing it -----------------------------------------------------------------------------------

function stopPlaying() {
  if (!playing) return;
  cancelAnimationFrame(playing.frame);
  playing = null;
  showPlaying();
}

function showPlaying() {
  part("play-way").textContent = playing ? "❚❚" : "▶";
  part("play-way").setAttribute("aria-label", playing ? words.PAUSE : words.PLAY);
}

part("play-way").addEventListener("click", () => {
  if (playing) { stopPlaying(); return; }
  playing = { last: performance.now(), step: 1 };
  const move = (now) => {
    if (!playing || !element.offsetParent) { stopPlaying(); return; }
    let at = place.at + playing.step * Number(part("speed").value) * (now - playing.last) / 1000 / SECONDS_A_LEG / legs();
    playing.last = now;
    if (place.path === "loop") at -= Math.floor(at);
    else if (at > 1) { at = 2 - at; playing.step = -1; }
    else if (at < 0) { at = -at; playing.step = 1; }
    goTo(Number(at.toFixed(4)));
    playing.frame = requestAnimationFrame(move);
  };
  playing.frame = requestAnimationFrame(move);
  showPlaying();
});

// Single sliders, and found changes: both move z along a direction, and show how far along it z lies.
const SLIDERS_AT_ONCE = 8;
const zBox = within("#play-z"), foundBox = part("found");
let directions = [], foundKey = null;

// A labelled range with a number beside it; `moved` gets each new value.
function sliderRow(text, label, moved) {
  const row = document.createElement("div");
  row.className = "gm-slider gm-z";
  const name = document.createElement("span");
  name.textContent = text;
  const range = Object.assign(document.createElement("input"), { type: "range", min: -RANGE, max: RANGE, step: 0.02 });
  const number = ganmodel.numberField({}, { low: -RANGE, high: RANGE, step: 0.1 });
  for (const input of [range, number]) {
    input.setAttribute("aria-label", label);
    input.addEventListener("input", () => {
      const value = ganmodel.numberIn(input);
      if (value === null || !base.length) return;
      stopPlaying();
      (input === range ? number : range).value = input === range ? value.toFixed(2) : value;
      moved(value);
      changed();
    });
  }
  row.append(name, range, number);
  return row;
}

function showRow(row, value) {
  const [range, number] = row.querySelectorAll("input");
  if (document.activeElement !== range || !wanted) range.value = value;   // the hand may be ahead of the picture
  if (document.activeElement !== number) number.value = value.toFixed(2);
}

// --- single sliders -------------------------------------------------------------------------------

function buildSliders(count) {
  count = Math.min(count, facts?.z_dim ?? 0);
  zBox.replaceChildren(...Array.from({ length: count }, (_, i) => sliderRow(
    fill(words.COORDINATE, { number: i + 1 }), fill(words.COORDINATE_LABEL, { number: i + 1 }),
    (value) => { const now = z()[i]; moveRest((k) => k === i ? value - now : 0); },
  )));
  part("more").hidden = part("all").hidden = count >= (facts?.z_dim ?? 0);
  part("all").textContent = fill(words.ALL_SLIDERS, { count: facts?.z_dim ?? 0 });
  showSliders();
}

function showSliders() {
  const now = z();
  if (now.length) [...zBox.children].forEach((row, i) => {
    showRow(row, now[i]);
    row.classList.toggle("moved", Boolean(place.rest?.[i]));
  });
}

part("random").addEventListener("click", () => {
  const now = z(), shown = zBox.children.length;
  moveRest((k) => k < shown ? Math.min(Math.max(gaussian(), -RANGE), RANGE) - now[k] : 0);
  changed();
});
part("reset").addEventListener("click", () => { place.rest = null; changed(); });
part("more").addEventListener("click", () => buildSliders(zBox.children.length + SLIDERS_AT_ONCE));
part("all").addEventListener("click", () => buildSliders(facts.z_dim));

// --- found changes ----------------------------------------------------------------------------------

const along = (direction) => z().reduce((sum, value, i) => sum + value * direction[i], 0);

async function showFound() {
  const how = part("found-how").value, key = JSON.stringify([how, frameKey(), place.at]);
  if (foundKey === key || !base.length) return;
  foundKey = key;
  if (!foundBox.children.length) part("found-said").textContent = words.FINDING_CHANGES;
  const answer = await call("directions", standing({ how }), (text) => { part("found-said").textContent = text; foundKey = null; });
  if (!answer || key !== foundKey) return;
  part("found-said").textContent = "";
  directions = answer.found.map((found) => found.vector);
  if (foundBox.children.length !== directions.length) foundBox.replaceChildren(...directions.map((_, k) => foundRow(k)));
  answer.found.forEach((found, k) => {
    const strip = foundBox.children[k].querySelector(".gm-found-strip");
    strip.title = fill(words.FOUND_EFFECT, { effect: found.effect });
    found.bytes = ganmodel.decode(found.pixels);
    strip.querySelectorAll("canvas").forEach((tile, i) => ganmodel.paint(tile, found, i));
  });
  showFoundValues();
}

function foundRow(k) {
  const box = document.createElement("div"), strip = document.createElement("div");
  box.className = "gm-found";
  strip.className = "gm-found-strip";
  strip.setAttribute("aria-hidden", "true");
  strip.append(...Array.from({ length: 5 }, () => document.createElement("canvas")));
  const row = sliderRow(String(k + 1), fill(words.FOUND_LABEL, { number: k + 1 }), (value) => {
    const direction = directions[k], step = value - along(direction);
    moveRest((i) => step * direction[i]);
  });
  box.append(strip, row);
  return box;
}

function showFoundValues() {
  if (way === "found" && base.length) directions.forEach((direction, k) => showRow(foundBox.children[k].lastElementChild, along(direction)));
}

part("found-how").addEventListener("change", showFound);

// The Playground: keeps one point of the noise space, asks the server for its picture, draws it.
// `element` and `server` come from Gradio. One request is in flight; the latest value wins.
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const within = (selector) => element.querySelector(selector);
const canvas = within("#play-canvas canvas"), alpha = within("#play-alpha input");
const choice = within("#play-weights-choice"), z_box = within("#play-z"), strip = within("#play-strip");
const seeds = { a: within("#play-seed-a input"), b: within("#play-seed-b input") };
const RANGE = 4, SLIDERS_AT_ONCE = 8, MOST_SEED = 2147483647, STRIP = 9;

const point = { generator: null, a: 53, b: 46, alpha: 0, path: "slerp", offsets: {} };
let base = [], busy = false, wanted = false, frame = 0, strip_timer, listed = "";

function say(text) {
  if (part("message").textContent !== text) part("message").textContent = text;
}

async function call(name, details) {
  try {
    const answer = await server[name]({ token: ganmodel.token(), ...details });
    if (answer && answer.error) { say(answer.error); return null; }
    return answer;
  } catch {
    say("The page's server does not answer. Your place is kept; move a slider to try again.");
    return null;
  }
}

// --- the picture ----------------------------------------------------------------------------

async function draw() {
  if (!point.generator) return;
  if (busy) { wanted = true; return; }
  busy = true;
  do {
    wanted = false;
    const answer = await call("draw", point);
    if (!answer) continue;
    answer.bytes = ganmodel.decode(answer.pixels);
    ganmodel.paint(canvas, answer);
    say("");
    frame += 1;
    canvas.dataset.frame = frame;
    if (answer.base.length !== base.length) { base = answer.base; buildSliders(SLIDERS_AT_ONCE); }
    base = answer.base;
    showSliders();
    canvas.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
    if (canvas.dataset.moment !== String(answer.moment)) {
      canvas.dataset.moment = answer.moment;
      part("about").textContent = `This generator has seen ${answer.moment.toLocaleString("en-US")} real images.`;
      drawStripSoon();
    }
  } while (wanted);
  busy = false;
}

function drawStripSoon() {
  clearTimeout(strip_timer);
  strip_timer = setTimeout(drawStrip, 150);
}

async function drawStrip() {
  const answer = await call("draw", { ...point, strip: true });
  if (!answer) return;
  answer.bytes = ganmodel.decode(answer.pixels);
  strip.querySelectorAll("canvas").forEach((tile, i) => { if (i < answer.count) ganmodel.paint(tile, answer, i); });
  markStrip();
}

function markStrip() {
  const nearest = Math.round(point.alpha * (STRIP - 1));
  strip.querySelectorAll("button").forEach((button, i) => button.setAttribute("aria-pressed", i === nearest));
}

for (let i = 0; i < STRIP; i++) {
  const button = document.createElement("button"), tile = document.createElement("canvas");
  tile.width = tile.height = 28;
  button.type = "button";
  button.setAttribute("aria-label", `Go to ${Math.round(100 * i / (STRIP - 1))} % of the way from A to B`);
  button.append(tile);
  button.addEventListener("click", () => moveTo(i / (STRIP - 1)));
  strip.append(button);
}

// --- A to B ---------------------------------------------------------------------------------

function moveTo(value) {
  point.alpha = value;
  alpha.value = value;
  part("alpha").textContent = value.toFixed(2);
  markStrip();
  remember();
  draw();
}

alpha.addEventListener("input", () => moveTo(Number(alpha.value)));

function setSeed(which, value) {
  if (!Number.isInteger(value) || value < 0 || value > MOST_SEED) {
    say(`A start number must be a whole number from 0 to ${MOST_SEED.toLocaleString("en-US")}.`);
    return;
  }
  point[which] = value;
  seeds[which].value = value;
  remember();
  draw();
  drawStripSoon();
}

for (const which of ["a", "b"]) {
  seeds[which].addEventListener("input", () => {
    if (seeds[which].value.trim() !== "") setSeed(which, Number(seeds[which].value));
  });
  seeds[which].addEventListener("change", () => { seeds[which].value = point[which]; });
  within(`[data-roll="${which}"]`).addEventListener("click", () => {
    setSeed(which, crypto.getRandomValues(new Uint16Array(1))[0]);
    moveTo(which === "a" ? 0 : 1);   // show what was rolled
  });
}

for (const radio of element.querySelectorAll('#play-path input')) {
  radio.addEventListener("change", () => { point.path = radio.value; remember(); draw(); drawStripSoon(); });
}

// --- single sliders -------------------------------------------------------------------------

function buildSliders(count) {
  count = Math.min(count, base.length);
  z_box.replaceChildren(...Array.from({ length: count }, (_, i) => {
    const row = document.createElement("label");
    row.className = "gm-z";
    row.innerHTML = `<span>z ${i + 1}</span><input type="range" min="${-RANGE}" max="${RANGE}" step="0.02"><output></output>`;
    row.querySelector("input").addEventListener("input", (event) => {
      point.offsets[i] = Number(event.target.value) - base[i];
      row.querySelector("output").textContent = Number(event.target.value).toFixed(2);
      draw();
      drawStripSoon();
    });
    return row;
  }));
  part("more").hidden = count >= base.length;
  showSliders();
}

function showSliders() {
  z_box.querySelectorAll(".gm-z").forEach((row, i) => {
    const input = row.querySelector("input"), value = base[i] + (point.offsets[i] ?? 0);
    if (document.activeElement === input && wanted) return;   // the hand is ahead of the picture
    input.value = value;
    row.querySelector("output").textContent = value.toFixed(2);
    row.classList.toggle("moved", point.offsets[i] !== undefined);
  });
}

function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

part("random").addEventListener("click", () => {
  z_box.querySelectorAll(".gm-z").forEach((_, i) => { point.offsets[i] = gaussian() - base[i]; });
  draw();
  drawStripSoon();
});
part("reset").addEventListener("click", () => { point.offsets = {}; draw(); drawStripSoon(); });
part("more").addEventListener("click", () => buildSliders(z_box.children.length + SLIDERS_AT_ONCE));

// --- generators -----------------------------------------------------------------------------

async function list() {
  const found = await call("generators", {});
  if (!found) return;
  const now = JSON.stringify(found);
  if (now !== listed) {
    listed = now;
    choice.replaceChildren(...found.map((g) => {
      const option = new Option(g.reason ? `${g.label}: can't be used` : g.label, g.id);
      option.disabled = Boolean(g.reason);
      option.title = g.reason ?? "";
      return option;
    }));
  }
  const usable = found.filter((g) => !g.reason).map((g) => g.id);
  if (ganmodel.wanted && usable.includes(ganmodel.wanted)) takeWanted();
  if (!usable.includes(point.generator)) point.generator = usable[0] ?? null;
  choice.value = point.generator ?? "";
  const broken = found.find((g) => g.reason);
  if (!point.generator) say(broken ? broken.reason : "There is no generator here yet: train one on the Train tab.");
}

// What another tab asked to see; that may have been before this one was built.
function takeWanted() {
  point.generator = ganmodel.wanted;
  if (ganmodel.wantedSeed !== null) {
    point.a = ganmodel.wantedSeed;
    seeds.a.value = point.a;
    moveTo(0);
  }
  ganmodel.wanted = ganmodel.wantedSeed = null;
}

async function open() {
  await list();
  point.offsets = {};
  remember();
  draw();
  drawStripSoon();
}

choice.addEventListener("change", () => {
  point.generator = choice.value;
  point.offsets = {};    // another generator's coordinates mean something else
  remember();
  draw();
  drawStripSoon();
});
window.addEventListener("ganmodel:open", open);

// A run that still trains keeps getting better: look again now and then.
setInterval(async () => {
  if (document.hidden || !element.offsetParent) return;
  await list();
  if (point.generator?.startsWith("run:")) draw();
}, 3000);

// --- remembered between visits ----------------------------------------------------------------

function remember() {
  const { generator, a, b, alpha, path } = point;
  ganmodel.set("point", JSON.stringify({ generator, a, b, alpha, path }));
}

function recall() {
  try {
    const kept = JSON.parse(ganmodel.get("point") ?? "{}");
    for (const which of ["a", "b"]) {
      if (Number.isInteger(kept[which]) && kept[which] >= 0 && kept[which] <= MOST_SEED) point[which] = kept[which];
      seeds[which].value = point[which];
    }
    if (kept.alpha >= 0 && kept.alpha <= 1) point.alpha = kept.alpha;
    if (kept.path === "lerp" || kept.path === "slerp") point.path = kept.path;
    point.generator = kept.generator ?? null;
  } catch { /* not ours: start afresh */ }
  alpha.value = point.alpha;
  part("alpha").textContent = point.alpha.toFixed(2);
  within(`#play-path input[value="${point.path}"]`).checked = true;
}

recall();
list().then(() => { draw(); drawStripSoon(); });

// The Playground, first part: where one stands, as one state that every way of moving edits, and its
// text, the same in the address, in a PNG's recipe and in every question to the server. The scripts
// of this folder run as one, in the order that playground_tab names them; `element` and `server`
// come from Gradio.
const words = ganmodel.words.playground, fill = ganmodel.fill;
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const within = (selector) => element.querySelector(selector);
const LETTERS = "ABCDEFGHIJKL", MOST_SEED = 2147483647;
const RANGE = 4;                   // standard deviations that a slider reaches to either side
const START = { stops: [53, 46], path: "slerp", at: 0, rest: null, psi: 1, label: null, other: null, blend: 0 };

// `place`: stops are start numbers or Float32Arrays, `rest` what was moved beside the way.
// `where`: the generator, and of a run the moment (null: the newest).
let place = structuredClone(START);
const where = { generator: null, moment: null };
let facts = null;                  // what the server says can be done with this generator
let base = [];                     // the point on the way, as the server said last
let spot = null;                   // a place on the map that is previewed or chosen

// --- vectors as text, little end first ------------------------------------------------------------

function packed(vector) {
  const bytes = new DataView(new ArrayBuffer(4 * vector.length));
  vector.forEach((value, i) => bytes.setFloat32(4 * i, value, true));
  let text = "";
  for (const byte of new Uint8Array(bytes.buffer)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpacked(text) {
  const bytes = ganmodel.decode(text.replaceAll("-", "+").replaceAll("_", "/"));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(4 * i, true));
}

function placeText(of = place) {
  const found = ["stops=" + of.stops.map((stop) => typeof stop === "number" ? stop : "~" + packed(stop)).join(",")];
  if (of.path !== "slerp") found.push("path=" + of.path);
  if (of.at) found.push("at=" + of.at);
  if (of.rest) found.push("rest=" + packed(of.rest));
  if (of.psi !== 1) found.push("psi=" + of.psi);
  if (of.label !== null) found.push("class=" + (of.other === null ? of.label : [of.label, of.other, of.blend].join(",")));
  return found.join("&");
}

// Undoes `placeText`; the server has the last word on what is sound.
function readPlace(text) {
  const found = structuredClone(START), fields = new URLSearchParams(text);
  for (const [name, value] of fields) {
    if (name === "stops") found.stops = value.split(",").map((stop) => stop.startsWith("~") ? unpacked(stop.slice(1)) : Number(stop));
    else if (name === "rest") found.rest = unpacked(value);
    else if (name === "path") found.path = value;
    else if (name === "at" || name === "psi") found[name] = Number(value);
    else if (name === "class") {
      const [label, other, blend] = value.split(",").map(Number);
      Object.assign(found, { label, other: other ?? null, blend: blend ?? 0 });
    }
  }
  return found;
}

// --- questions to the server ----------------------------------------------------------------------

// What a page opened through a link may read besides one's own runs.
const link = new URLSearchParams(location.search);
const linked = link.has("run") && link.has("key") ? { run: link.get("run"), key: link.get("key") } : {};

function standing(more) {
  const key = linked.run && where.generator === "run:" + linked.run ? { key: linked.key } : {};
  return { token: ganmodel.token(), ...key, ...where, place: placeText(), ...more };
}

// A sentence stays readable for a while, though the next picture would clear it.
const READABLE = 5000;             // milliseconds
let said = -READABLE;
function say(text) {
  if (!text && performance.now() - said < READABLE) return;
  if (text) said = performance.now();
  if (part("message").textContent !== text) part("message").textContent = text;
}

// What a field could not take is said once the hand has left it; what stands is the number before.
element.addEventListener("change", ({ target: field }) => {
  if (!field.matches("input.gm-number") || ganmodel.numberIn(field) !== null) return;
  const { low, high } = field.dataset, label = field.getAttribute("aria-label") ?? field.labels[0]?.textContent.trim() ?? "";
  say(ganmodel.readField(field).why ?? fill(words.BAD_NUMBER, { label, low, high }));
  setTimeout(() => { showPsi(); showPoint(); });
});

async function call(name, question, told = say) {
  try {
    const answer = await server[name](question);
    if (answer?.error) { told(answer.error); return null; }
    return answer;
  } catch {
    told(words.NO_ANSWER);
    return null;
  }
}

// A file of the server's; null after having said why there is none.
async function fetched(route, question, told = say, signal = undefined) {
  let answer;
  try {
    answer = await fetch(route, { method: "POST", body: JSON.stringify(question), signal });
    if (answer.ok) return answer;
    told((await answer.json()).error ?? words.NO_ANSWER);
  } catch (error) {
    if (error.name !== "AbortError") told(words.NO_ANSWER);
  }
  return null;
}

// An answer that comes line by line; `each` sees every one. False where it ended with an error.
async function streamed(route, question, each, told, signal) {
  const answer = await fetched(route, question, told, signal);
  if (!answer) return false;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const news = JSON.parse(line);
        if (news.error) { told(news.error); return false; }
        each(news);
      }
    }
  } catch (error) {
    if (error.name !== "AbortError") told(words.NO_ANSWER);
    return false;
  }
}

// Calls back once nothing has changed for a while; one such clock for each `name`.
const clocks = {};
function soon(name, milliseconds, action) {
  clearTimeout(clocks[name]);
  clocks[name] = setTimeout(action, milliseconds);
}

// --- the point itself -----------------------------------------------------------------------------

// z before variety, as numbers: what single sliders show and directions are measured on.
function z() {
  return base.map((value, i) => value + (place.rest ? place.rest[i] : 0));
}

function moveRest(change) {
  place.rest ??= new Float32Array(base.length);
  for (let i = 0; i < base.length; i++) place.rest[i] += change(i);
}

function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

const rolled = () => crypto.getRandomValues(new Uint16Array(1))[0];

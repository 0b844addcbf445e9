// The form that starts a run. Kept here: what the person chose, and nothing else; the server says what
// follows from it. `element` and `server` come from Gradio; own.js runs in the same scope.
const words = ganmodel.words.form, fill = ganmodel.fill;
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const inputs = Object.fromEntries([...element.querySelectorAll("[data-setting]")].map((input) => [input.dataset.setting, input]));
const slider = element.querySelector('#train-length input[type="range"]'), form = element.querySelector("form");
const LONGEST = 2000000, SHORTEST = 10000;   // of the slider; more can be typed
const LIVE = ["waiting", "running", "paused"];
const NEWEST = Number(form.dataset.edition);   // of the settings' editions; nobody chooses one

let chosen = { preset: "quick", edition: NEWEST }, own = null, described = null, asking = false, again = false, timer = null;

// --- between the slider's hundred places and numbers of images -----------------------------------

function placeOf(images) {
  return 100 * Math.log(Math.max(SHORTEST, images) / SHORTEST) / Math.log(LONGEST / SHORTEST);
}

function imagesAt(place) {
  const exact = SHORTEST * (LONGEST / SHORTEST) ** (place / 100);
  const step = exact < 100000 ? 5000 : exact < 500000 ? 10000 : 50000;
  return Math.max(SHORTEST, Math.min(LONGEST, Math.round(exact / step) * step));
}

// --- what was chosen ------------------------------------------------------------------------------

const isNumber = (input) => input?.matches(".gm-number");
const labelOf = (name) => inputs[name].closest(".gm-setting").querySelector("label").firstChild.textContent.trim();
const unread = () => Object.keys(chosen).find((name) => isNumber(inputs[name]) && typeof chosen[name] === "string");
const whyUnread = (name) => `${labelOf(name)}: ${ganmodel.readField(inputs[name]).why}`;

// Of a field for numbers: null where it is empty, and the text itself where it is none.
function valueOf(input) {
  if (isNumber(input)) return input.value.trim() === "" ? null : ganmodel.readField(input).value ?? input.value;
  if (input.type === "checkbox") return input.checked;
  const number = input.tagName === "SELECT" && input.value !== "" ? Number(input.value) : NaN;
  return Number.isNaN(number) ? input.value : number;
}

function put(input, value) {
  if (input.type === "checkbox") input.checked = value === true;
  else input.value = String(value);
}

function settings() {
  const sent = Object.fromEntries(Object.entries(chosen).filter(([name, value]) => !isNumber(inputs[name]) || typeof value !== "string"));
  if (sent.dataset === "own") {
    if (own) Object.assign(sent, { dataset: "upload:" + own.id, image_size: own.size, conditional: own.conditional });
    else delete sent.dataset;
  }
  return sent;
}

function choose(name, value) {
  if (name === "preset") {
    const { dataset } = chosen;      // another recipe, the same pictures
    chosen = { preset: value, edition: NEWEST, ...(dataset === undefined ? {} : { dataset }) };
  } else {
    chosen[name] = value;
  }
  refuse("");
  remember();
  describeSoon();
}

for (const [name, input] of Object.entries(inputs)) {
  input.addEventListener(input.tagName === "SELECT" ? "change" : "input", () => {
    choose(name, valueOf(input));
    if (name === "dataset") showOwn();
    if (name === "images" && typeof chosen.images === "number") slider.value = placeOf(chosen.images);
  });
  if (isNumber(input)) input.addEventListener("change", describe);
}
slider.addEventListener("input", () => {
  inputs.images.value = imagesAt(Number(slider.value));
  choose("images", Number(inputs.images.value));
});
part("roll").addEventListener("click", () => {
  inputs.seed.value = crypto.getRandomValues(new Uint16Array(1))[0];
  choose("seed", Number(inputs.seed.value));
});
part("back").addEventListener("click", () => {
  const { preset, dataset, images, seed } = chosen;
  chosen = Object.fromEntries(Object.entries({ preset, dataset, images, seed, edition: NEWEST }).filter(([, value]) => value !== undefined));
  refuse("");
  remember();
  describe();
});

// --- what follows ---------------------------------------------------------------------------------

function describeSoon() {
  clearTimeout(timer);
  timer = setTimeout(describe, 200);
}

async function describe() {
  clearTimeout(timer);
  if (asking) { again = true; return; }
  asking = true;
  do {
    again = false;
    let answer;
    try { answer = await server.describe({ token: ganmodel.token(), settings: settings(), count: own?.count }); } catch { answer = null; }
    if (answer && !again) show(answer);
  } while (again);
  asking = false;
}

function show(answer) {
  if (answer.error) { refuse(answer.error); return; }
  described = answer;
  for (const [name, input] of Object.entries(inputs)) {
    if (name === "dataset" || (input.type !== "checkbox" && document.activeElement === input)) continue;
    // What was typed stays, to be put right.
    if (name in chosen && (answer.refusal || (isNumber(input) && typeof chosen[name] === "string"))) continue;
    put(input, answer.values[name]);
  }
  if (document.activeElement !== slider) slider.value = placeOf(answer.values.images);
  inputs.dataset.value = chosen.dataset ?? "mnist";
  part("recipe").textContent = answer.recipe;
  part("changes").hidden = !answer.changed.length;
  part("changes").firstElementChild.textContent = fill(words.CHANGED_LIST, { names: answer.changed.join(", ") });
  const recipe = inputs.preset.selectedOptions[0]?.textContent ?? "";
  part("changed").textContent = answer.changed.length ? fill(words.CHANGED, { recipe }) : "";
  element.querySelector("#train-objective > p").textContent = answer.rule;
  part("formulas").replaceChildren(...answer.formulas.flatMap((line) => [line, document.createElement("br")]));
  part("by-class").hidden = !answer.classes;     // those of one's own pictures stand with them
  const note = element.querySelector("#train-dataset-note");
  note.textContent = answer.data;
  note.hidden = !answer.data;
  element.querySelector("#train-length-note").textContent = answer.expected ?? "";
  part("warnings").replaceChildren(...answer.warnings.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
  const wrong = unread();
  for (const [name, input] of Object.entries(inputs)) input.ariaInvalid = name === wrong ? "true" : null;
  if (wrong && document.activeElement !== inputs[wrong]) refuse(whyUnread(wrong));    // else it is being typed
  else if (answer.refusal) refuse(answer.refusal);
}

function refuse(sentence) {
  if (part("refusal").textContent !== sentence) part("refusal").textContent = sentence;
}

// --- starting -------------------------------------------------------------------------------------

let starting = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (starting) return;
  const empty = Object.keys(chosen).find((name) => chosen[name] === null);
  if (empty) { refuse(fill(words.EMPTY, { label: labelOf(empty) })); return; }
  if (unread()) { refuse(whyUnread(unread())); return; }
  if (chosen.dataset === "own" && !own) { refuse(words.NO_UPLOAD); return; }
  starting = true;
  refuse("");
  const press = element.querySelector("#train-start");
  press.textContent = words.STARTING;
  let answer;
  try { answer = await server.start({ token: ganmodel.token(), settings: settings() }); }
  catch { answer = { error: ganmodel.words.train.NO_ANSWER }; }
  starting = false;
  press.textContent = words.START;
  if (answer.error) { refuse(answer.error); return; }
  ganmodel.follow(answer.run, null, answer.said);
  ganmodel.started();              // the button is about to go
});

// --- chips, own pictures, reproducing ---------------------------------------------------------------

element.querySelector("#train-fail").addEventListener("click", () => {
  const lessons = [...element.querySelectorAll("#train-preset optgroup option")].map((option) => option.value);
  const next = lessons[(lessons.indexOf(chosen.preset) + 1) % lessons.length];
  inputs.preset.value = next;
  choose("preset", next);
});
element.querySelector("#train-own").addEventListener("click", () => {
  inputs.dataset.value = "own";
  choose("dataset", "own");
  showOwn();
});

function showOwn() {
  part("own").hidden = chosen.dataset !== "own";
}

window.addEventListener("ganmodel:fill", (event) => {
  const known = [...inputs.dataset.options].map((option) => option.value);
  const wanted = { ...event.detail.settings };
  const ours = known.includes(wanted.dataset);
  if (!ours) { wanted.dataset = "own"; delete wanted.image_size; }
  chosen = wanted;
  unfold();
  showOwn();
  remember();
  refuse(ours ? "" : words.NOT_OURS);
  describe();
});

// --- folded while a run trains ----------------------------------------------------------------------

function unfold() { form.classList.remove("gm-is-folded"); }
part("unfold").addEventListener("click", () => { unfold(); inputs.preset.focus(); });
window.addEventListener("ganmodel:run", (event) => {
  form.classList.toggle("gm-is-folded", LIVE.includes(event.detail.state) && event.detail.own);
  describeSoon();                  // what trains beside it, and what was measured, is part of how long
  part("folded").textContent = event.detail.words;   // of the run that is shown, whatever the form holds
});

// --- remembered between visits ------------------------------------------------------------------------

function remember() { ganmodel.tab.set("form", JSON.stringify(chosen)); }

// What another version remembered and this form does not offer is left out.
function recall() {
  let found = null;
  try { found = JSON.parse(ganmodel.tab.get("form") ?? "null"); } catch { /* not ours */ }
  if (!found || typeof found !== "object") return;
  chosen.edition = Number.isInteger(found.edition) ? Math.min(found.edition, NEWEST) : 1;
  for (const [name, value] of Object.entries(found)) if (isOffered(name, value)) chosen[name] = value;
}

function isOffered(name, value) {
  const input = inputs[name];
  if (!input) return ["image_size", "start_from"].includes(name);      // of a run that is reproduced
  if (input.type === "checkbox") return typeof value === "boolean";
  if (isNumber(input)) return typeof value === "number" && value >= Number(input.dataset.low) && value <= Number(input.dataset.high);
  return [...input.options].some((option) => option.value === String(value));
}

recall();
for (const [name, value] of Object.entries(chosen)) if (inputs[name] && value !== null) put(inputs[name], value);
inputs.dataset.value = chosen.dataset ?? "mnist";
showOwn();
describe();

// Steering: the buttons on a run, its knobs, steps by hand, and trying again from an earlier moment.
const panel = element.querySelector("#train-panel"), steps = element.querySelector("#train-steps");
const STEPS = [["d", words.STEP_D], ["g", words.STEP_G], ["both", words.STEP_BOTH]], TIMES = [1, 10, 100];
let acting = false, again = null;   // `again`: the moment that the panel would start from, else null

// One of desk.act's actions on the run that is shown; its answer, or null after having said why not.
// One at a time, but for Stop, which also ends what is being done.
async function act(action, more = {}) {
  if (acting && action !== "stop") return null;
  const mine = !acting;
  acting = true;
  showButtons();
  try {
    const done = await ask("act", { action, ...more });
    if (done) say(done.said);
    return done;
  } finally {
    if (mine) acting = false;
    showButtons();
    tick();
  }
}

// A run shows the buttons that its state allows, and nothing else.
function showButtons() {
  const { own, state } = view, living = LIVE_STATES.includes(state);
  const allowed = {
    pause: own && state === "running",
    resume: own && ["paused", "stopped", "died", "failed"].includes(state),
    stop: own && living,
    longer: own && state === "finished",
    knobs: own && ["running", "paused"].includes(state),
    open: view.generator && state !== "waiting",
  };
  const had = Object.keys(HEIRS).find((name) => button(name) && button(name) === document.activeElement);
  for (const [name, may] of Object.entries(allowed)) {
    button(name).hidden = !may;
    button(name).disabled = acting && name !== "open" && name !== "stop";
  }
  keepFocus(had);
  steps.hidden = !(own && state === "paused");
  for (const press of steps.querySelectorAll("button")) press.disabled = acting;
  part("again-here").hidden = !(own && view.at !== null && view.then.has(momentShown()));
  if (!panel.hidden && !own) closePanel();
}

// Focus stays near what was pressed: where that button goes, it moves on to the one that takes its
// place, and waits beside it until that is there.
const HEIRS = {
  pause: ["resume", "longer", "open"], resume: ["pause"], stop: ["resume", "longer", "open"], longer: ["pause"], start: ["pause"],
};
const besides = element.querySelector("#train-status");
let lost = null;                   // the button that had the focus when it went, or was switched off
ganmodel.started = () => { lost = "start"; besides.focus(); };

function keepFocus(had) {
  if (had && (button(had).hidden || button(had).disabled)) lost = had;
  if (!lost) return;
  const at = document.activeElement, mine = button(lost);
  if (at !== document.body && at !== besides && at !== mine) { lost = null; return; }   // it went on by hand
  if (mine && !mine.hidden && mine.disabled) return;
  const next = mine && !mine.hidden ? lost : HEIRS[lost].find((name) => !button(name).hidden && !button(name).disabled);
  if (next) { lost = null; button(next).focus(); } else if (at !== besides) besides.focus();
}

for (const name of ["pause", "resume", "stop"]) button(name).addEventListener("click", () => act(name));
button("longer").addEventListener("click", () => act("longer", { images: Math.round(view.total * 1.5) }));
button("open").addEventListener("click", () => ganmodel.openInPlayground(view.generator));

// --- knobs ------------------------------------------------------------------------------------

function openPanel(moment = null) {
  again = moment;
  const known = view.about.knobs;
  part("knobs").replaceChildren(...Object.entries(known).map(([name, knob]) => {
    const label = document.createElement("label"), title = document.createElement("span");
    const input = ganmodel.numberField({ name }, knob);
    const why = document.createElement("small");
    title.textContent = knob.label;
    why.textContent = knob.explanation;
    input.value = input.dataset.was = view.knobs[name] ?? knob.value;
    label.append(title, input, why);
    return label;
  }));
  part("knobs-help").textContent = again === null ? words.KNOBS_HELP : fill(words.AGAIN_HELP, { images: again });
  part("apply").textContent = again === null ? words.APPLY : words.AGAIN_START;
  panel.hidden = false;
  button("knobs").setAttribute("aria-expanded", "true");
  panel.querySelector("input").focus();
}

function closePanel() {
  panel.hidden = true;
  again = null;
  button("knobs").setAttribute("aria-expanded", "false");
}

button("knobs").addEventListener("click", () => { if (panel.hidden || again !== null) openPanel(); else closePanel(); });
part("panel-close").addEventListener("click", () => { closePanel(); button("knobs").focus(); });
part("again-here").addEventListener("click", () => openPanel(view.then.get(momentShown())?.again ?? null));

element.querySelector("#train-knob-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const inputs = [...panel.querySelectorAll("input")];
  const turned = inputs.filter((input) => input.value !== input.dataset.was);
  const unread = turned.find((input) => ganmodel.readField(input).value === null);
  if (unread) { complain(`${unread.labels[0].firstElementChild.textContent}: ${ganmodel.readField(unread).why}`); return; }
  const changes = Object.fromEntries(turned.map((input) => [input.name, ganmodel.readField(input).value]));
  if (again === null && !turned.length) { complain(words.NOTHING_TURNED); return; }
  const done = again === null ? await act("set", { values: changes }) : await act("again", { before: again, changes });
  if (!done) return;
  closePanel();
  if (done.run) follow(done.run);
});

// --- steps by hand ------------------------------------------------------------------------------

for (const [who, label] of STEPS) {
  const row = document.createElement("div"), name = document.createElement("span");
  name.textContent = label;
  row.append(name);
  for (const times of TIMES) {
    const press = document.createElement("button");
    press.type = "button";
    press.textContent = fill(words.TIMES, { times });
    press.setAttribute("aria-label", fill(words.STEP_LABEL, { who: label, times }));
    press.dataset.step = `${who}/${times}`;
    press.addEventListener("click", () => step(who, times));
    row.append(press);
  }
  part("step-buttons").append(row);
}

async function step(who, times) {
  tell([fill(words.STEPPING, { times })]);
  const done = await act("step", { who, times });
  tell(done ? done.report.words : []);
  if (done && who !== "d") showRaw();   // averaged G hardly moves in so few steps
  anew();
  goLive();
}

// Steps by hand, in this tab or another: the grids of the newest moment were drawn anew, and what was
// said of it holds no more.
function anew() {
  view.shown = null;
  drawn = {};
  for (const name of [...kept.keys()]) if (name.startsWith(view.run + "/samples")) kept.delete(name);
  view.then.clear();
}

function tell(sentences) {
  part("report").replaceChildren(...sentences.map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  }));
}

// The Train tab's view, first part: what is known of the run that is shown, and small helpers. The
// scripts of this folder run as one, in the order that train_tab names them; `element` and `server`
// come from Gradio. The run itself goes on whether anybody looks or not.
const LIVE_STATES = ["waiting", "running", "paused"];
const COLUMNS = ["images", "loss_d", "loss_g", "d_real", "d_fake", "picks", "grad_d", "grad_g",
                 "diversity", "fd_over_r", "classes_covered"];
const COLUMN = Object.fromEntries(COLUMNS.map((name, index) => [name, index]));
const MOST_POINTS = 400;          // of a curve; it is about as many pixels wide
const words = ganmodel.words.train, fill = ganmodel.fill;

const part = (name) => element.querySelector(`[data-part="${name}"]`);
const button = (name) => element.querySelector("#train-" + name);
const count = (n) => Math.round(n).toLocaleString("en-US");
const short = (n) => n < 10000 ? count(n) : n < 1e6 ? Math.round(n / 1e3) + "k" : (n / 1e6).toFixed(2) + "M";
const percent = (share) => share === null || share === undefined ? words.NOT_MEASURED : Math.round(100 * share) + " %";
// A distance, as the coach rounds it: 9 or 1.4.
const inTimes = (value) => value >= 9.95 ? Math.round(value).toLocaleString("en") : String(Number(value.toFixed(1)));
const tidy = (value) => Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));

// `asked` is the run that the visitor chose, or null for whatever is newest; `run` the one shown.
const view = { asked: null, key: null, run: null, generation: 0 };

function forget() {
  Object.assign(view, {
    run: null, own: false, state: null, offset: 0, history: null, rows: [], grids: [], frozen: null, at: null,
    marks: [], quality: null, best: null, about: null, knobs: {}, networks: {}, layout: null, verdict: null, speeds: [], shown: null, overlay: null,
    reals: null, has_reals: false, generator: null,
    then: new Map(), seen: 0, total: 0, by_hand: 0,
  });
  view.generation += 1;
}
forget();

// What goes with every question about the run that is shown.
function about(more) {
  return { token: ganmodel.token(), run: view.run, key: view.key, ...more };
}

function say(text) {
  if (part("message").textContent !== text) part("message").textContent = text;
}

// A question to the server: its answer, or null after having said what is wrong.
async function ask(name, more) {
  try {
    const answer = await server[name](about(more));
    if (answer?.error) { complain(answer.error); return null; }
    return answer;
  } catch {
    complain(words.NO_ANSWER);
    return null;
  }
}

// What went wrong stays readable for a while, though the next news would say something else.
let complained = 0;
function complain(text) {
  complained = performance.now();
  say(text);
  part("message").classList.add("gm-complaint");
}
function calmDown() {
  if (complained && performance.now() - complained > 12000) complained = 0;
  if (!complained) part("message").classList.remove("gm-complaint");
  return !complained;
}

function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = whole % 60;
  return (h ? h + ":" + String(m).padStart(2, "0") : m) + ":" + String(s).padStart(2, "0");
}

// The images seen at the moment that is shown: of the slider where it was moved, else the newest.
function momentShown() {
  if (view.at !== null) return view.frozen[view.at];
  return view.grids.at(-1) ?? null;
}

// The row of the curves at a moment: the last at or before it.
function rowAt(images) {
  if (images === null || !view.rows.length) return null;
  let low = 0, high = view.rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (view.rows[middle][0] <= images) low = middle; else high = middle - 1;
  }
  return view.rows[low];
}

// Halves the resolution of all but the newest part, so that a page open for days stays as quick.
function append(curves) {
  view.rows.push(...curves);
  if (view.rows.length <= MOST_POINTS) return;
  const keep = view.rows.splice(-MOST_POINTS / 4);
  const merged = [];
  for (let i = 0; i + 1 < view.rows.length; i += 2) {
    const [a, b] = [view.rows[i], view.rows[i + 1]];
    merged.push(b.map((v, k) => k === 0 ? v : v === null ? a[k] : a[k] === null ? v : (v + a[k]) / 2));
  }
  if (view.rows.length % 2) merged.push(view.rows.at(-1));
  view.rows = merged.concat(keep);
}

// The Train tab's view: asks the server what is new of one run, and shows it. Runs once, on load.
// `element` and `server` come from Gradio; the run itself goes on whether anybody looks or not.
const LIVE = ["waiting", "running", "paused"];
const LIVE_WAIT = 450, REST_WAIT = 1500;   // milliseconds between two questions
const MOST_POINTS = 1000;                  // kept of a curve; the server sends 500 at the most

const words = ganmodel.words.train;
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const bar = element.querySelector(".gm-bar");
const how = element.querySelector(".gm-how");
const count = (n) => Math.round(n).toLocaleString("en-US");
const short = (n) => n < 10000 ? count(n) : n < 1e6 ? Math.round(n / 1e3) + "k" : (n / 1e6).toFixed(2) + "M";

let run, offset, history, samples, rows, speeds, state, drawn, timer, asking = false, generation = 0;

function forget(name) {
  run = name; offset = 0; history = null; samples = -1; rows = []; speeds = []; state = null; drawn = -1;
  generation += 1;
}
let reals = false;
forget(null);

function say(text) {
  if (part("message").textContent !== text) part("message").textContent = text;
}

function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = whole % 60;
  return (h ? h + ":" + String(m).padStart(2, "0") : m) + ":" + String(s).padStart(2, "0");
}

function roughly(seconds) {
  return seconds < 90 ? `about ${Math.max(10, Math.round(seconds / 10) * 10)} s` : `about ${Math.round(seconds / 60)} min`;
}

function smoothSpeed(news) {
  if (news.images_per_second && news.curves.length) speeds.push(news.images_per_second);
  speeds = speeds.slice(-12);
  return speeds.length ? speeds.reduce((a, b) => a + b) / speeds.length : news.images_per_second;
}

function showStatus(news) {
  const speed = smoothSpeed(news);
  const share = news.images_total ? news.images_seen / news.images_total : 0;
  const percent = Math.floor(100 * share);
  bar.firstElementChild.style.width = 100 * share + "%";
  bar.setAttribute("aria-valuenow", percent);
  part("percent").textContent = percent + " %";
  part("images").textContent = `${count(news.images_seen)} of ${count(news.images_total)} images`;
  part("speed").textContent = speed ? `${count(speed)} images/s` : "";
  part("left").textContent = state === "running" && speed
    ? `${duration((news.images_total - news.images_seen) / speed)} left` : "";
  part("settings").textContent = news.settings;
  say(news.message);
  const notes = part("notes");
  if (notes.children.length !== news.notes.length) {
    notes.replaceChildren(...news.notes.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  }
  document.body.dataset.weights = news.has_weights && state !== "waiting" ? "yes" : "no";
  if (speed && state === "running") ganmodel.set("speed." + news.settings.split(" · ")[1], Math.round(speed));
}

// Shown only once decoded, so that one grid replaces the other without a blank between.
async function showPicture(image, source) {
  const next = new Image();
  next.src = source;
  try { await next.decode(); } catch { return; }
  image.src = source;
}

function showPictures(news) {
  if (news.samples) {
    samples = news.samples.images;
    showPicture(part("samples"), news.samples.png);
    part("moment").textContent = `after ${count(samples)} images, from the same noise every time`;
    part("samples").dataset.images = samples;
  }
  if (news.reals) { reals = true; showPicture(part("reals"), news.reals); }
}

// Halves the resolution of all but the newest part, so that a page open for days stays as quick.
function append(curves) {
  rows.push(...curves);
  if (rows.length <= MOST_POINTS) return;
  const keep = rows.splice(-MOST_POINTS / 4);
  const merged = [];
  for (let i = 0; i + 1 < rows.length; i += 2) {
    merged.push(rows[i + 1].map((v, k) => k === 0 || v === null || rows[i][k] === null ? v : (v + rows[i][k]) / 2));
  }
  rows = merged.concat(keep);
}

function trace(name, column, colour) {
  return { x: rows.map((r) => r[0]), y: rows.map((r) => r[column]), name, mode: "lines",
           line: { color: colour, width: 1.8 }, hovertemplate: "%{y:.3f}" };
}

function layout(plot, extra) {
  const style = getComputedStyle(element.querySelector(".gm-train"));
  const ink = style.getPropertyValue("--gm-ink").trim(), line = style.getPropertyValue("--gm-line").trim();
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickfont: { size: 11 } };
  return {
    template: null, uirevision: run, width: plot.clientWidth, height: 190, margin: { l: 44, r: 8, t: 6, b: 34 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 11, color: ink }, hovermode: "x unified",
    hoverlabel: { bgcolor: style.getPropertyValue("--gm-panel").trim(), font: { color: ink } },
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" }, showlegend: true,
    xaxis: { ...axis, title: { text: "real images seen", font: { size: 11 }, standoff: 4 }, tickformat: "~s" },
    yaxis: { ...axis, ...extra },
  };
}

async function drawCurves(force = false) {
  if (!element.offsetParent || (!force && drawn === rows.length + ":" + offset)) return;
  drawn = rows.length + ":" + offset;
  let Plotly;
  try { Plotly = await ganmodel.plotly(); }
  catch { say(words.NO_PLOTLY); return; }
  const style = getComputedStyle(element.querySelector(".gm-train"));
  const colour = (name) => style.getPropertyValue("--gm-" + name).trim();
  const config = { displaylogo: false, displayModeBar: "hover",
    modeBarButtons: [["zoom2d", "pan2d", "autoScale2d"]], doubleClick: "reset" };
  await Plotly.react(part("beliefs"), [trace("in real", 3, colour("real")), trace("in G's", 4, colour("fake"))],
    layout(part("beliefs"), { range: [0, 1], tickformat: ".0%" }), config);
  await Plotly.react(part("losses"), [trace("D", 1, colour("disc")), trace("G", 2, colour("fake"))],
    layout(part("losses"), {}), config);
}

function showLive() {
  const last = rows[rows.length - 1];
  const percent = (v) => v === null ? "–" : Math.round(100 * v) + " %";
  part("live-real").textContent = last ? `real ${percent(last[3])}` : "";
  part("live-fake").textContent = last ? `G's ${percent(last[4])}` : "";
}

function show(news) {
  if (news.run === null) { showWelcome(); return; }
  if (run === null) { run = news.run; if (!how.dataset.touched) how.open = false; }
  state = news.state;
  document.body.dataset.run = state;
  if (news.history !== history) rows = [];   // the curves were cut off and written anew
  append(news.curves);
  ({ offset, history } = news);
  showStatus(news);
  showPictures(news);
  showLive();
  drawCurves();
}

let greeting = null;
async function showWelcome() {
  document.body.dataset.run = "none";
  if (greeting !== null) { say(greeting); return; }
  greeting = "";
  let hello;
  try { hello = await server.welcome({}); }
  catch { greeting = null; return; }   // the next tick asks again
  if (run !== null) return;
  greeting = hello.error ?? hello.message;
  say(greeting);
  if (hello.samples) {
    showPicture(part("samples"), hello.samples);
    part("moment").textContent = "drawn by the generator that comes with ganmodel";
  }
  if (hello.reals) showPicture(part("reals"), hello.reals);
}

async function tick() {
  clearTimeout(timer);
  if (!element.isConnected || asking) return;
  asking = true;
  const asked = generation;
  try {
    if (!document.hidden) {
      const news = await server.watch({ token: ganmodel.token(), run, offset, history, samples, reals });
      if (asked === generation) {
        if (news.error) { say(news.error); if (run !== null) forget(null); }
        else show(news);
      }
    }
  } catch {
    say(words.NO_ANSWER);
  } finally {
    asking = false;
  }
  timer = setTimeout(tick, LIVE.includes(state) ? LIVE_WAIT : REST_WAIT);
}

function follow(name) {
  if (!name) return;
  forget(name);
  reals = false;
  if (!how.dataset.touched) how.open = false;
  state = "waiting";
  say("Getting ready …");
  part("moment").textContent = "the first ones come in a few seconds";
  tick();
}

ganmodel.follow = follow;
ganmodel.run = () => run ?? "";
how.querySelector("summary").addEventListener("click", () => { how.dataset.touched = "yes"; });
document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
window.addEventListener("ganmodel:theme", () => drawCurves(true));
new ResizeObserver(() => { if (rows.length) drawCurves(true); }).observe(element);

// How long a chosen length is, in words, beside the slider.
function describeLength() {
  const images = Number(document.querySelector('#train-length input[type="number"], #train-length input')?.value);
  const note = document.querySelector("#train-length-note p");
  if (!note || !Number.isFinite(images)) return;
  const preset = document.querySelector("#train-preset input")?.value ?? "";
  const speed = Number(ganmodel.get("speed." + preset));
  const times = images / 60000;
  const seen = times >= 1 ? `each picture seen about ${Math.round(times)}×` : "not every picture seen";
  note.textContent = seen + (speed ? `; ${roughly(images / speed)} on this machine` : "");
}
document.addEventListener("input", (event) => { if (event.target.closest?.("#train-length")) describeLength(); });
document.addEventListener("change", (event) => {
  if (event.target.closest?.("#train-length, #train-preset")) setTimeout(describeLength);
});

const EXPLANATIONS = {
  "train-start": "Starts a run with these settings. It goes on when you close the page.",
  "train-pause": "Holds the run where it is; nothing is lost.",
  "train-resume": "Goes on from exactly where the run is.",
  "train-stop": "Ends the run after the current step and saves its weights.",
  "train-open": "Explore what this run's generator can draw, also while it still trains.",
};
for (const [id, text] of Object.entries(EXPLANATIONS)) document.getElementById(id)?.setAttribute("title", text);

ganmodel.applyTheme();
if (window.innerWidth < 720) how.open = false;   // on a phone the pictures come first
setTimeout(describeLength, 300);
tick();

// Asks the server what is new of the run that is shown, and shows it; decides which run that is.
const LIVE_WAIT = 1000, REST_WAIT = 2000;   // milliseconds between two questions
let timer = null, asking = false;

function show(news) {
  if (news.run === null) { document.body.dataset.run = "none"; say(news.message); return; }
  if (news.run !== view.run) { forget(); view.run = news.run; leaveOld(); }
  if (news.history !== view.history) {     // the curves were cut off and written anew
    Object.assign(view, { rows: [], grids: [], marks: [], quality: null, at: null, frozen: null, then: new Map() });
    drawn = {};
  }
  if (news.by_hand !== view.by_hand) anew();
  append(news.curves);
  view.grids.push(...(news.grids ?? []).filter((moment) => moment > (view.grids.at(-1) ?? -1)));
  for (const name of ["own", "state", "offset", "history", "verdict", "generator", "has_reals", "knobs", "networks", "layout", "best", "by_hand"]) {
    view[name] = news[name];
  }
  for (const name of ["marks", "quality", "about"]) if (news[name] !== undefined) view[name] = news[name];
  Object.assign(view, { seen: news.images_seen, total: news.images_total });
  if (news.about) {
    ganmodel.setAddress(news.about.address);
    showNoise();
    element.querySelector(".gm-which").hidden = !view.about.averaged;
    loadOverlay();
  }
  buildCells();
  announce();
  showStatus(news);
  showButtons();
  showTime();
  showGrid();
  showReals();
  showFacts();
  showBest();
  showVerdict();
  if (view.at === null) showClasses(view.quality);
  if (!view.grids.length) part("moment").textContent = news.queued ? words.FIRST_QUEUED : words.FIRST_COME;
  drawCurves();
}

async function tick() {
  clearTimeout(timer);
  if (!element.isConnected || asking) return;
  asking = true;
  const asked = view.generation, { asked: run, key, offset, history, grids, quality, marks, by_hand } = view;
  try {
    if (!document.hidden) {
      const news = await server.watch({ token: ganmodel.token(), run, key, offset, history, grid: grids.at(-1) ?? -1,
        quality: quality?.images ?? -1, marks: marks.length, by_hand });
      if (asked === view.generation) {
        if (!news.error) show(news);
        else if (view.asked !== null) { choose(null, null); complain(news.error); }
        else complain(news.error);
      }
    }
  } catch {
    complain(words.NO_ANSWER);
  } finally {
    asking = false;
  }
  timer = setTimeout(tick, LIVE_STATES.includes(view.state) ? LIVE_WAIT : REST_WAIT);
}

// What was shown of another run is no news of this one: its grid is dimmed until the first of this
// one comes, its curves go.
function leaveOld() {
  closePanel();
  tell([]);
  element.querySelector(".gm-grid").classList.add("gm-old");
  delete part("samples").dataset.images;
  clearCurves();
}

// Remembered for this tab alone: two tabs may show two runs, and a reload shows the same again.
function choose(name, key) {
  forget();
  view.asked = name;
  view.key = key;
  complained = 0;
  try { sessionStorage.setItem("ganmodel.shown", JSON.stringify([name, key])); } catch { /* this visit only */ }
}

function follow(name, key = null, said = "") {
  if (!name) return;
  stopPlaying();
  choose(name, key);
  leaveOld();
  document.body.dataset.run = "waiting";
  say(words.GETTING_READY);
  if (said) complain(said);
  part("moment").textContent = words.FIRST_COME;
  tick();
}

function recall() {
  const link = new URLSearchParams(location.search);
  if (link.get("run")) return [link.get("run"), link.get("key")];
  try { return JSON.parse(sessionStorage.getItem("ganmodel.shown")) ?? [null, null]; } catch { return [null, null]; }
}

ganmodel.follow = follow;
ganmodel.forgetRun = () => { choose(null, null); tick(); };
ganmodel.run = () => (view.run?.startsWith("shipped/") ? "" : view.run ?? "");
document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });

ganmodel.applyTheme();
ganmodel.followAddress();
[view.asked, view.key] = recall();
tick();

// Training time: a slider through the grids, the film, and the numbers of the moment that is shown.
const time = element.querySelector("#train-time"), slider = time.querySelector("input");
const FILM_WAIT = 90;              // milliseconds that a picture of the film stands
let playing = null;

// Under the hand it keeps its length, at the newest moment, too: what has come meanwhile is added
// when it is let go.
let held = false;
slider.addEventListener("pointerdown", () => { held = true; });
function letGo() {
  if (!held) return;
  held = false;
  if (view.at === view.frozen?.length - 1) { goLive(); return; }   // the browser tells of the change later
  if (view.at !== null) view.frozen = [...view.grids];
  showTime();
}
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, letGo);
slider.addEventListener("blur", () => showTime());

// New grids lengthen the slider; while an earlier moment is held, nothing moves.
function showTime() {
  const last = Math.max(0, (view.frozen ?? view.grids).length - 1), still = held || document.activeElement === slider;
  if (view.at !== null && !still && Number(slider.max) !== last) slider.max = last;
  if (view.at === null && !still && (Number(slider.max) !== last || Number(slider.value) !== last)) {
    slider.max = last;
    slider.value = last;
  }
  time.hidden = view.grids.length === 0;
  const live = part("live"), newest = view.at === null;
  live.textContent = LIVE_STATES.includes(view.state) ? words.LIVE : words.NEWEST;
  live.setAttribute("aria-pressed", newest);
  part("play").textContent = playing ? "❚❚" : "▶";
  part("play").setAttribute("aria-label", playing ? words.STOP_FILM : words.PLAY);
  slider.setAttribute("aria-valuetext", fill(words.AFTER, { images: momentShown() ?? 0 }));
}

function goTo(index) {
  if (view.at === null) view.frozen = view.grids.slice(0, Number(slider.max) + 1);
  view.at = Math.min(Math.max(0, index), view.frozen.length - 1);
  if (Number(slider.value) !== view.at) slider.value = view.at;
  showMoment();
}

function goLive() {
  stopPlaying();
  view.at = view.frozen = null;
  slider.max = Math.max(0, view.grids.length - 1);
  slider.value = slider.max;
  showMoment();
}

function showMoment() {
  showTime();
  showGrid();
  showFacts();
  markMoment();
  showThen();
}

slider.addEventListener("input", () => { stopPlaying(); goTo(Number(slider.value)); });
// Let go at the right end, it is live again.
slider.addEventListener("change", () => { if (view.at === view.frozen?.length - 1) goLive(); });
part("live").addEventListener("click", goLive);

// --- the film in the page -----------------------------------------------------------------------

function stopPlaying() {
  clearInterval(playing);
  playing = null;
}

part("play").addEventListener("click", () => {
  if (playing) { stopPlaying(); showTime(); return; }
  if (view.grids.length < 2) return;
  goTo(view.at === null ? 0 : view.at);
  playing = setInterval(() => {
    if (view.at === null) { stopPlaying(); return; }
    if (drawing) return;           // a slow line shows every picture, only later
    if (view.at >= view.frozen.length - 1) { goLive(); return; }
    goTo(view.at + 1);
  }, FILM_WAIT);
  showTime();
});

// --- the film as a file -------------------------------------------------------------------------

let filming = null;
async function saveFilm(form) {
  if (filming) return;
  filming = new AbortController();
  part("filming").hidden = false;
  try {
    const body = JSON.stringify(about({ form, raw: raw && view.about?.averaged }));
    const answer = await fetch("ganmodel-film", { method: "POST", body, signal: filming.signal });
    if (!answer.ok) { complain(fill(words.FILM_FAILED, { why: (await answer.json()).error })); return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `${view.run.replace(/[^\w-]+/g, "-")}.${form}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  } catch (error) {
    if (error.name !== "AbortError") complain(words.NO_ANSWER);
  } finally {
    filming = null;
    part("filming").hidden = true;
  }
}
for (const save of element.querySelectorAll("[data-film]")) save.addEventListener("click", () => saveFilm(save.dataset.film));
part("film-cancel").addEventListener("click", () => filming?.abort());

// --- numbers ------------------------------------------------------------------------------------

function showFacts() {
  const row = rowAt(momentShown()), quality = qualityShown();
  showPairs(quality);
  explain();
  const value = (name) => row && row[COLUMN[name]] !== null ? tidy(row[COLUMN[name]]) : words.NOT_MEASURED;
  const picks = pickedOf100(row);
  const real = row ? percent(row[COLUMN.d_real]) : words.NOT_MEASURED;
  const fake = row ? percent(row[COLUMN.d_fake]) : words.NOT_MEASURED;
  const found = [
    // Earlier editions noted no picks: a film of theirs does without.
    ...(row && picks === null ? [] : [[words.N_PICKS, picks ?? words.NOT_MEASURED, "disc"]]),
    [words.N_REAL, real, "real"],
    [words.N_FAKE, fake, "fake"],
    [words.N_LOSS_D, value("loss_d"), "disc"],
    [words.N_LOSS_G, value("loss_g"), "fake"],
    [words.N_DISTANCE, distanceIn(quality)],
  ];
  if (quality?.classes) {
    found.push([words.N_CLASSES, fill(words.N_CLASSES_VALUE, { covered: quality.classes_covered, classes: quality.classes })]);
  }
  const now = JSON.stringify(found);
  if (showFacts.last === now) return;
  showFacts.last = now;
  part("facts").replaceChildren(...found.map(([label, text, colour]) => {
    const pair = document.createElement("div"), term = document.createElement("dt"), number = document.createElement("dd");
    term.textContent = label;
    if (label === words.N_DISTANCE && quality?.fd_over_r) number.append(explained(text)); else number.textContent = text;
    if (colour) number.className = "gm-" + colour;
    pair.append(term, number);
    return pair;
  }));
  // Earlier editions noted D's belief alone.
  part("live-fake").textContent = picks ?? fake;
  part("live-real").textContent = picks ? words.LIVE_PICKS : real;
  for (const name of ["live-fake", "live-real"]) part(name).classList.toggle("gm-picked", picks !== null);
}

// How often D picked the real one of a pair; null where it was not noted.
function pickedOf100(row) {
  const picks = row?.[COLUMN.picks] ?? null;
  return picks === null ? null : fill(words.N_PICKS_VALUE, { picks: Math.round(100 * picks) });
}

// With its standard error where that is more than a tenth of it.
function distanceIn(quality) {
  const { fd_over_r: value, fd_over_r_error: error } = quality ?? {};
  if (!value) return words.NOT_MEASURED;
  const sentence = error > value / 10 ? words.N_DISTANCE_ABOUT : words.N_DISTANCE_VALUE;
  return fill(sentence, { value: inTimes(value), error: Number((error ?? 0).toPrecision(1)) });
}

// The distance, which says on a tap what it means.
function explained(text) {
  const press = document.createElement("button"), help = part("distance-help");
  press.type = "button";
  press.className = "gm-explained";
  press.textContent = text;
  press.setAttribute("aria-controls", help.id);
  press.setAttribute("aria-expanded", !help.hidden);
  press.addEventListener("click", () => {
    help.hidden = !help.hidden;
    explain();
    press.setAttribute("aria-expanded", !help.hidden);
  });
  return press;
}

function explain() {
  const quality = qualityShown(), said = view.about?.own_pictures ? words.DISTANCE_HELP_OWN : words.DISTANCE_HELP;
  const text = quality && !part("distance-help").hidden ? fill(said, { samples: quality.samples, eyes: view.about.eyes }) : "";
  if (part("distance-help").textContent !== text) part("distance-help").textContent = text;
}

function qualityShown() {
  return view.at === null ? view.quality : view.then.get(momentShown())?.quality ?? null;
}

// The moment that was nearest to the real pictures, and whether it is worth going on.
function showBest() {
  const { best } = view, film = view.run?.startsWith("shipped/");
  element.querySelector("#train-best").hidden = !best || film;
  if (!best || film) return;
  const level = best.level_since !== null;
  part("best").textContent = fill(words.BEST, { distance: inTimes(best.distance), images: best.images });
  part("best-since").textContent = level ? fill(words.LEVEL_SINCE, { images: best.level_since })
    : best.later ? words.NOT_BETTER : words.BEST_IS_NEWEST;
  part("best-end").hidden = !(level && view.own && LIVE_STATES.includes(view.state));
}
part("best").addEventListener("click", () => {
  stopPlaying();
  const grids = view.at === null ? view.grids : view.frozen;
  const nearest = grids.reduce((near, images, k) =>
    Math.abs(images - view.best.images) < Math.abs(grids[near] - view.best.images) ? k : near, 0);
  goTo(nearest);
});
part("best-end").addEventListener("click", () => act("stop"));

// What the coach said, and what was measured, at the moment held: asked once the hand rests.
let resting = null;
function showThen() {
  clearTimeout(resting);
  const images = momentShown();
  if (view.at === null || view.then.has(images)) { showVerdict(); showClasses(qualityShown()); showFacts(); return; }
  resting = setTimeout(async () => {
    const asked = view.generation, then = await ask("moment", { images });
    if (!then || asked !== view.generation) return;
    view.then.set(images, then);
    if (view.at !== null && momentShown() === images) { showVerdict(); showClasses(then.quality); showFacts(); }
  }, playing ? 0 : 120);
}

// --- keys ---------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const busy = event.target.closest?.("input, textarea, select, button, summary, dialog, [contenteditable], [role=listbox], [role=tab]");
  if (busy || event.ctrlKey || event.metaKey || event.altKey || !element.offsetParent) return;
  if (event.key === " ") {
    const pressed = [button("pause"), button("resume")].find((b) => !b.hidden);
    if (pressed) { event.preventDefault(); pressed.click(); }
  } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && view.grids.length > 1) {
    event.preventDefault();
    stopPlaying();
    if (view.at === null && event.key === "ArrowRight") return;
    const here = view.at ?? view.grids.length - 1, next = here + (event.key === "ArrowLeft" ? -1 : 1);
    if (view.at !== null && next >= view.frozen.length) goLive(); else goTo(next);
  }
});

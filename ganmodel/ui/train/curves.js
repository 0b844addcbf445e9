// @ts-check
// The curves, one chart at a time: which is chosen, and when it is drawn anew.
import { coloursOf, plotly } from "../shared/charts.js";
import { contract } from "../shared/contract.js";
import { latest } from "../shared/latest.js";
import { on } from "../shared/signals.js";
import { browser } from "../shared/storage.js";
import { watchSwipes } from "../shared/swipes.js";
import { worded, words, wordsFor } from "../shared/words.js";
import { CONFIG, evenOf, layoutOf, linesOf, marksOf } from "./charts.js";
import { tidy } from "./formats.js";
import { columnOf, imagesOf } from "./rows.js";
import { isLive } from "./state.js";

/** @typedef {import("./charts.js").Chart} Chart */

// A long curve moves by less than a pixel from one update to the next, so it is drawn less often.
const MANY_ROWS = 200;
const DRAW_EVERY = 3000; // milliseconds

/** @param {import("./run_server.js").Base} base */
export function createCurves({ room, view, server, messages }) {
  const { part, one, all } = room;
  const section = one("#train-curves");
  const colour = coloursOf(one(".gm-train"));
  /** @type {HTMLButtonElement[]} */
  const tabs = all("[data-chart]");
  let chosen = contract.charts[0];
  let drawn = ""; // what the chosen chart shows
  let drawnAt = 0;
  let isSeen = false;
  /** @type {any} */
  let library = null; // once the first chart is drawn
  let marking = false;

  const isPressed = (/** @type {string} */ name) =>
    part(name).getAttribute("aria-pressed") === "true";
  const look = () => ({ colour, smooth: isPressed("smooth"), log: isPressed("log") });

  const draw = latest(async () => {
    if (!isSeen || !room.isShown() || !view.rows.length) return;
    fit();
    const many = view.rows.length > MANY_ROWS && drawn !== "";
    if (many && performance.now() - drawnAt < DRAW_EVERY && isLive(view)) return;
    drawnAt = performance.now();
    try {
      library ??= await plotly();
    } catch {
      messages.complain(words("train.no-plotly"));
      return;
    }
    await drawChosen();
  });

  async function drawChosen() {
    const chart = chosen;
    const plot = part(chart.name);
    const { rows, overlay, marks } = view;
    const newest = rows.length ? imagesOf(rows[rows.length - 1]) : null;
    // With the width, which changes while the page around the chart loads.
    const shows = [
      chart.name,
      view.run,
      rows.length,
      newest,
      overlay.length,
      marks.length,
      plot.clientWidth,
    ];
    if (drawn === shows.join()) return;
    drawn = shows.join();
    const layout = layoutOf(chart, plot, view, look());
    const isNew = !plot.data;
    await library.react(plot, linesOf(chart, view, look()), layout, CONFIG);
    if (isNew) plot.on("plotly_relayout", showZoom);
  }

  /** Whether a curve is shown in part, from which there is a way back. */
  function showZoom() {
    const axes = part(chosen.name).layout;
    const isWhole = axes?.xaxis?.autorange !== false;
    part("zoom-back").hidden = isWhole;
  }

  /** Hides the tabs of what this run never noted, as in runs of earlier editions; a run that just
   * began has all. */
  function fit() {
    for (const tab of tabs) tab.hidden = isUnknown(chartOf(tab));
    const known = contract.charts.find((chart) => !isUnknown(chart));
    if (known && isUnknown(chosen)) choose(known.name);
  }

  /** @param {Chart} chart */
  function isUnknown(chart) {
    if (chart.needsClasses && view.quality?.classes === null) return true;
    const isEmpty = () =>
      chart.lines.every(({ column }) => columnOf(view.rows, column).every((one) => one === null));
    return !chart.sparse && isEmpty() && chart.name !== "losses";
  }

  /** @param {HTMLElement} tab
   * @returns {Chart} */
  const chartOf = (tab) =>
    /** @type {Chart} */ (contract.charts.find(({ name }) => name === tab.dataset.chart));

  /** @param {string} name */
  function choose(name) {
    chosen = contract.charts.find((chart) => chart.name === name) ?? contract.charts[0];
    for (const tab of tabs) {
      const isChosen = tab.dataset.chart === chosen.name;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      part(tab.dataset.chart ?? "").parentElement.hidden = !isChosen;
    }
    part("log").hidden = !chosen.log;
    part("zoom-back").hidden = true;
    showMeaning();
    browser.set("curves.chart", chosen.name);
  }

  /** The line that says what the chart tells, with a coin toss in numbers where the rule has them. */
  function showMeaning() {
    const lines = evenOf(chosen, view)
      .filter(({ name }) => name !== "")
      .map(({ name, value }) => ({
        id: "train.coin-toss-line",
        values: { name, value: tidy(value) },
      }));
    const hint = one(`[data-meaning="${chosen.name}"]`);
    const tosses = lines.length ? words("train.coin-tosses", { lines }) : "";
    hint.textContent = worded([wordsFor(hint.dataset.say), tosses]);
  }

  /** The next chart of those that are offered.
   * @param {-1 | 1} by */
  function turn(by) {
    const offered = tabs.filter((tab) => tab.offsetParent !== null);
    const here = offered.findIndex((tab) => tab.dataset.chart === chosen.name);
    const next = offered[(here + by + offered.length) % offered.length];
    choose(next.dataset.chart ?? "");
    draw();
    return next;
  }

  /** Has the chart drawn anew with the next news. */
  function outdate() {
    drawn = "";
  }

  function redraw() {
    outdate();
    draw();
  }

  /** Takes all lines away. */
  function clear() {
    outdate();
    const plot = part(chosen.name);
    if (plot.data) library.react(plot, [], layoutOf(chosen, plot, view, look()), CONFIG);
  }

  /** Moves the marks alone, while the slider moves. */
  function mark() {
    if (marking || !library || !isSeen) return;
    marking = true;
    requestAnimationFrame(() => {
      marking = false;
      const plot = part(chosen.name);
      if (plot.layout) library.relayout(plot, { shapes: marksOf(chosen, view, look()) });
    });
  }

  async function loadOverlay() {
    view.overlay = [];
    showMeaning();
    if (!view.about?.origin) return;
    const { generation } = view;
    const found = await server.ask("overlay");
    if (!found || generation !== view.generation) return;
    view.overlay = found.curves;
    draw();
  }

  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      choose(tab.dataset.chart ?? "");
      draw();
    });
    tab.addEventListener("keydown", (event) => {
      const step = /** @type {Record<string, -1 | 1>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[
        event.key
      ];
      if (!step) return;
      event.stopPropagation(); // they would move through time
      turn(step).focus();
    });
  }
  part("more-charts").addEventListener("click", () => {
    part("chart-tabs").classList.add("gm-all-charts");
    part("more-charts").hidden = true;
  });
  for (const option of ["smooth", "log"]) {
    part(option).setAttribute("aria-pressed", String(browser.get(`curves.${option}`) === "yes"));
    part(option).addEventListener("click", () => {
      part(option).setAttribute("aria-pressed", String(!isPressed(option)));
      browser.set(`curves.${option}`, isPressed(option) ? "yes" : "no");
      redraw();
    });
  }
  part("zoom-back").addEventListener("click", () => {
    library.relayout(part(chosen.name), { "xaxis.autorange": true, "yaxis.autorange": true });
    redraw();
  });
  watchSwipes(section, ".gm-chart", turn);
  on("theme", () => (view.rows.length ? redraw() : clear()));
  new ResizeObserver(() => {
    if (view.rows.length) redraw();
  }).observe(room.element);
  // Not before it is seen: the library alone weighs more than all the rest of the page.
  new IntersectionObserver((entries) => {
    isSeen = entries.some((entry) => entry.isIntersecting);
    draw();
  }).observe(section);
  choose(browser.get("curves.chart") ?? "");
  return { draw, mark, clear, outdate, loadOverlay };
}

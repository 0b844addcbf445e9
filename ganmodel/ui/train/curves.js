// @ts-check
// The curves: which charts are seen, and when each is drawn anew.
import { coloursOf, plotly } from "../shared/charts.js";
import { words as allWords, contract } from "../shared/contract.js";
import { latest } from "../shared/latest.js";
import { on } from "../shared/signals.js";
import { browser } from "../shared/storage.js";
import { CONFIG, layoutOf, linesOf, marksOf } from "./charts.js";
import { columnOf, imagesOf } from "./rows.js";
import { isLive } from "./state.js";

/** @typedef {import("./charts.js").Chart} Chart */

const words = allWords.train;
// A long curve moves by less than a pixel from one update to the next, so it is drawn less often.
const MANY_ROWS = 200;
const DRAW_EVERY = 3000; // milliseconds

/** @param {import("./run_server.js").Base} base */
export function createCurves({ room, view, server, messages }) {
  const { part } = room;
  const more = room.one("#train-more");
  const colour = coloursOf(room.one(".gm-train"));
  /** @type {Map<string, string>} chart -> what it shows */
  const drawn = new Map();
  let drawnAt = 0;
  /** @type {any} */
  let library = null; // once the first chart is drawn
  let marking = false;

  const look = () => ({ colour, smooth: part("smooth").checked, log: part("log").checked });

  // Each chart in a task of its own, so that the page answers to input in between.
  const draw = latest(async () => {
    if (!room.isShown() || !view.rows.length) return;
    const many = view.rows.length > MANY_ROWS && drawn.size > 0;
    if (many && performance.now() - drawnAt < DRAW_EVERY && isLive(view)) return;
    drawnAt = performance.now();
    try {
      library ??= await plotly();
    } catch {
      messages.complain(words.NO_PLOTLY);
      return;
    }
    for (const chart of visibleCharts()) await drawOne(chart);
  });

  /** @param {Chart} chart */
  async function drawOne(chart) {
    const plot = part(chart.name);
    const { rows, overlay, marks } = view;
    const newest = rows.length ? imagesOf(rows[rows.length - 1]) : null;
    // With the width, which changes while the page around the chart loads.
    const shows = [view.run, rows.length, newest, overlay.length, marks.length, plot.clientWidth];
    if (drawn.get(chart.name) === shows.join()) return;
    drawn.set(chart.name, shows.join());
    const layout = layoutOf(chart, plot, view, look());
    await library.react(plot, linesOf(chart, view, look()), layout, CONFIG);
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** The charts that are open. A column that the run never noted has none, as in runs of earlier
   * editions; a run that just began has all. */
  function visibleCharts() {
    return contract.charts.filter((chart) => {
      const classless = chart.needsClasses && view.quality?.classes === null;
      const isEmpty = () =>
        chart.lines.every(({ column }) => columnOf(view.rows, column).every((one) => one === null));
      const unknown = classless || (chart.more && !chart.sparse && isEmpty());
      part(chart.name).closest(".gm-chart").hidden = unknown;
      return !unknown && (!chart.more || more.open);
    });
  }

  /** Has every chart drawn anew with the next news. */
  function outdate() {
    drawn.clear();
  }

  function redraw() {
    outdate();
    draw();
  }

  /** Takes all lines away. */
  function clear() {
    outdate();
    for (const chart of contract.charts) {
      const plot = part(chart.name);
      if (plot.data) library.react(plot, [], layoutOf(chart, plot, view, look()), CONFIG);
    }
  }

  /** Moves the marks alone, while the slider moves. */
  function mark() {
    if (marking || !library) return;
    marking = true;
    requestAnimationFrame(() => {
      marking = false;
      for (const { name } of visibleCharts()) {
        if (part(name).layout) library.relayout(part(name), { shapes: marksOf(view, look()) });
      }
    });
  }

  async function loadOverlay() {
    view.overlay = [];
    if (!view.about?.origin) return;
    const { generation } = view;
    const found = await server.ask("overlay");
    if (!found || generation !== view.generation) return;
    view.overlay = found.curves;
    draw();
  }

  more.addEventListener("toggle", draw);
  for (const option of ["smooth", "log"]) {
    part(option).checked = browser.get(`curves.${option}`) === "yes";
    part(option).addEventListener("change", () => {
      browser.set(`curves.${option}`, part(option).checked ? "yes" : "no");
      redraw();
    });
  }
  on("theme", redraw);
  new ResizeObserver(() => {
    if (view.rows.length) redraw();
  }).observe(room.element);
  return { draw, mark, clear, outdate, loadOverlay };
}

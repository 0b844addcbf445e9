// @ts-check
// One chart of the curves, for plotly: its lines, its marks and its axes. The table of charts is
// Python's, in `charts.py`; an entry of it brings its own element in the page.
import { layoutOf as sharedLayout } from "../shared/charts.js";
import { contract } from "../shared/contract.js";
import { words, wordsFor } from "../shared/words.js";
import { columnOf, smoothed } from "./rows.js";
import { momentShown } from "./state.js";

/** @typedef {(typeof contract.charts)[number]} Chart */
/** @typedef {import("./state.js").Row} Row */
/** @typedef {import("./state.js").View} View */

/**
 * How the visitor wants curves to be drawn.
 * @typedef {object} Look
 * @property {(name: string) => string} colour
 * @property {boolean} smooth
 * @property {boolean} log
 */

const HALF_LIFE = 12; // rows of the smoothing
// Where a person's own few colours replace the page's, lines are told apart by their dashes as well.
const DASHES = ["solid", "dash", "longdashdot", "dot"];
const fewColours = matchMedia("(forced-colors: active)");
const AXES = /** @type {Record<string, object>} */ ({
  free: {},
  share: { range: [0, 1], tickformat: ".0%" },
  "from zero": { rangemode: "tozero" },
});

// The page has buttons of its own.
export const CONFIG = { displaylogo: false, displayModeBar: false, doubleClick: "reset" };

/**
 * A chart's lines, behind them those of the run that this one tried again from.
 * @param {Chart} chart
 * @param {View} view
 * @param {Look} look
 */
export function linesOf(chart, view, look) {
  const own = chart.lines.map((line, index) => ({
    ...traceOf(chart, line, view.rows, look, fewColours.matches ? DASHES[index] : "solid"),
    name: wordsFor(line.label),
    opacity: 1,
    hovertemplate: "%{y:.4g}",
    showlegend: chart.lines.length > 1 || view.overlay.length > 0,
  }));
  if (!view.overlay.length) return own;
  const before = chart.lines.map((line, index) => {
    return {
      ...traceOf(chart, line, view.overlay, look, "dot"),
      name: words("train.origin"),
      opacity: 0.55,
      hoverinfo: "skip",
      showlegend: index === 0,
    };
  });
  return [...before, ...own];
}

/**
 * @param {Chart} chart
 * @param {Chart["lines"][number]} line
 * @param {Row[]} rows
 * @param {Look} look
 * @param {string} dash
 */
function traceOf(chart, line, rows, { colour, smooth }, dash) {
  const values = columnOf(rows, line.column);
  const tint = colour(line.colour);
  return {
    x: columnOf(rows, "images"),
    y: smooth && !chart.sparse ? smoothed(values, HALF_LIFE) : values,
    mode: chart.sparse ? "lines+markers" : "lines",
    connectgaps: chart.sparse,
    marker: { size: 5, color: tint },
    line: { color: tint, width: 1.8, dash },
  };
}

/**
 * The heights of a coin toss in a chart, each with the name of its line.
 * @param {Chart} chart
 * @param {View} view
 * @returns {{ name: string, value: number, colour: string }[]}
 */
export function evenOf(chart, view) {
  const toss = view.about?.coin_toss ?? {};
  const ofRule = chart.lines.filter(({ column }) => column in toss);
  if (ofRule.length) {
    return ofRule.map((line) => ({
      name: wordsFor(line.label),
      value: toss[line.column],
      colour: line.colour,
    }));
  }
  return chart.even === null ? [] : [{ name: "", value: chart.even, colour: "soft" }];
}

/** Where knobs were turned, the moment that the slider holds, and the height of a coin toss.
 * @param {Chart} chart
 * @param {View} view
 * @param {Look} look */
export function marksOf(chart, view, { colour }) {
  const level = evenOf(chart, view).map((even) => ({
    type: "line",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: even.value,
    y1: even.value,
    layer: "below",
    line: { color: colour(even.colour), width: 1, dash: "dot" },
  }));
  const upright = (/** @type {number | null} */ x, /** @type {object} */ line) => ({
    type: "line",
    x0: x,
    x1: x,
    yref: "paper",
    y0: 0,
    y1: 1,
    line,
  });
  const turned = { color: colour("soft"), width: 1, dash: "dot" };
  const marks = [...level, ...view.marks.map(({ images }) => upright(images, turned))];
  if (view.at === null) return marks;
  return [...marks, upright(momentShown(view), { color: colour("ink"), width: 1.5 })];
}

/** What was turned at each mark.
 * @param {View} view
 * @param {Look} look */
function labelsOf(view, { colour }) {
  return view.marks.map(({ images, values }) => ({
    x: images,
    xref: "x",
    y: 1,
    yref: "paper",
    yanchor: "bottom",
    text: "▾",
    showarrow: false,
    font: { size: 14, color: colour("soft") },
    hovertext: Object.entries(values)
      .map(([name, value]) =>
        words("train.setting-value", { name: wordsFor(`settings.${name}.label`), value }),
      )
      .join("<br>"),
  }));
}

/**
 * @param {Chart} chart
 * @param {HTMLElement} plot
 * @param {View} view
 * @param {Look} look
 */
export function layoutOf(chart, plot, view, look) {
  const { axis, layout } = sharedLayout(plot, look.colour);
  const values = chart.lines.flatMap(({ column }) => columnOf(view.rows, column));
  const log = chart.log && look.log && values.every((value) => value === null || value > 0);
  const own = { ...axis, linecolor: look.colour("line"), automargin: false };
  const title = { text: words("train.x-axis"), font: { size: 14 }, standoff: 4 };
  return {
    ...layout,
    hoverlabel: { ...layout.hoverlabel, font: { color: look.colour("ink") } },
    uirevision: `${view.run}${log}`,
    height: plot.clientHeight,
    margin: { l: 52, r: 12, t: 12, b: 44 },
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" },
    showlegend: true,
    xaxis: { ...own, title, tickformat: "~s" },
    yaxis: { ...own, ...AXES[chart.axis], type: log ? "log" : "linear" },
    shapes: marksOf(chart, view, look),
    annotations: labelsOf(view, look),
  };
}

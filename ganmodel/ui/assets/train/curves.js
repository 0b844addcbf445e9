// The curves: two always, five more on request, with the moment that is shown and where a knob was
// turned as marks, and the run that this one tried again from behind its own.
const CHARTS = {
  beliefs: { lines: [["d_real", "real", words.IN_REAL], ["d_fake", "fake", words.IN_FAKES]], axis: { range: [0, 1], tickformat: ".0%" } },
  losses: { lines: [["loss_d", "disc", words.D], ["loss_g", "fake", words.G]], log: true },
  distance: { lines: [["fd_over_r", "ink", words.DISTANCE]], log: true, sparse: true, more: true, axis: { rangemode: "tozero" } },
  picks: { lines: [["picks", "disc", words.PICKS]], more: true, axis: { range: [0, 1], tickformat: ".0%" } },
  gradients: { lines: [["grad_d", "disc", words.D], ["grad_g", "fake", words.G]], log: true, more: true },
  variety: { lines: [["diversity", "fake", words.VARIETY]], more: true, axis: { rangemode: "tozero" } },
  covered: { lines: [["classes_covered", "ink", words.COVERED]], sparse: true, more: true, axis: { rangemode: "tozero" } },
};
const CONFIG = { displaylogo: false, displayModeBar: "hover", modeBarButtons: [["zoom2d", "pan2d", "autoScale2d"]], doubleClick: "reset" };
const SMOOTH_OVER = 12;            // rows, as the half-life of the smoothing
const more = element.querySelector("#train-more");

let style = null;
function colour(name) {
  style ??= getComputedStyle(element.querySelector(".gm-train"));
  return style.getPropertyValue("--gm-" + name).trim();
}

function column(rows, name, smooth) {
  const values = rows.map((row) => row[COLUMN[name]]);
  if (!smooth) return values;
  const keep = 0.5 ** (1 / SMOOTH_OVER);
  let mean = null;
  return values.map((v) => {
    if (v === null) return null;
    mean = mean === null ? v : keep * mean + (1 - keep) * v;
    return mean;
  });
}

function tracesOf(chart, rows, dotted) {
  const smooth = part("smooth").checked && !chart.sparse;
  return chart.lines.map(([name, tint, label]) => ({
    x: rows.map((row) => row[0]), y: column(rows, name, smooth), name: dotted ? words.ORIGIN : label, mode: chart.sparse ? "lines+markers" : "lines",
    connectgaps: Boolean(chart.sparse), marker: { size: 5, color: colour(tint) }, opacity: dotted ? 0.55 : 1, hoverinfo: dotted ? "skip" : undefined,
    line: { color: colour(tint), width: 1.8, dash: dotted ? "dot" : "solid" }, hovertemplate: dotted ? undefined : "%{y:.4g}",
    showlegend: dotted ? name === chart.lines[0][0] : chart.lines.length > 1 || Boolean(view.overlay),
  }));
}

// Where a knob was turned, and the moment that the slider holds.
function marks() {
  const lines = view.marks.map((mark) => ({
    type: "line", x0: mark.images, x1: mark.images, yref: "paper", y0: 0, y1: 1, line: { color: colour("soft"), width: 1, dash: "dot" },
  }));
  if (view.at !== null) {
    const x = momentShown();
    lines.push({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: colour("ink"), width: 1.5 } });
  }
  return lines;
}

function labels() {
  return view.marks.map((mark) => ({
    x: mark.images, xref: "x", y: 1, yref: "paper", text: "▾", showarrow: false, yanchor: "bottom", font: { size: 11, color: colour("soft") },
    hovertext: Object.entries(mark.values).map(([name, value]) => `${view.about?.knobs[name]?.label ?? name}: ${value}`).join("<br>"),
  }));
}

function layoutOf(name, plot) {
  const chart = CHARTS[name], ink = colour("ink"), line = colour("line");
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickfont: { size: 11 }, automargin: false };
  const all = view.rows.flatMap((row) => chart.lines.map(([column]) => row[COLUMN[column]]));
  const log = chart.log && part("log").checked && all.every((v) => v === null || v > 0);
  return {
    template: null, uirevision: view.run + log, width: plot.clientWidth, height: plot.clientHeight, margin: { l: 44, r: 8, t: 8, b: 30 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 11, color: ink }, hovermode: "x unified",
    hoverlabel: { bgcolor: colour("panel"), font: { color: ink } },
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" }, showlegend: true,
    xaxis: { ...axis, title: { text: words.X_AXIS, font: { size: 11 }, standoff: 2 }, tickformat: "~s" },
    yaxis: { ...axis, ...chart.axis, type: log ? "log" : "linear" },
    shapes: marks(), annotations: labels(),
  };
}

// What a run never noted, such as one of an earlier edition, has no chart; one that just began has.
function visibleCharts() {
  return Object.keys(CHARTS).filter((name) => {
    const { lines, more: optional, sparse } = CHARTS[name];
    const classless = name === "covered" && view.quality && view.quality.classes === null;
    const unknown = classless || optional && !sparse && view.rows.every((row) => lines.every(([column]) => row[COLUMN[column]] === null));
    part(name).closest(".gm-chart").hidden = unknown;
    return !unknown && (!optional || more.open);
  });
}

// One chart at a time, each in a moment of its own, so that the page stays quick under the hand.
// A long curve moves by less than a pixel from one update to the next, so it is drawn less often.
const MANY_POINTS = 200, DRAW_EVERY = 3000;   // milliseconds
let drawn = {}, redrawing = false, lastDrawn = 0;
async function drawCurves(force = false) {
  if (force) drawn = {};
  if (redrawing || !element.offsetParent || !view.rows.length) return;
  const many = view.rows.length > MANY_POINTS && Object.keys(drawn).length;
  if (many && performance.now() - lastDrawn < DRAW_EVERY && LIVE_STATES.includes(view.state)) return;
  lastDrawn = performance.now();
  redrawing = true;
  try {
    const Plotly = await ganmodel.plotly();
    for (const name of visibleCharts()) {
      const plot = part(name);   // its width may change while what is around it comes
      const now = [view.run, view.rows.length, view.rows.at(-1)?.[0], view.overlay?.length, view.marks.length, plot.clientWidth].join("/");
      if (drawn[name] === now) continue;
      drawn[name] = now;
      const lines = tracesOf(CHARTS[name], view.rows, false);
      if (view.overlay?.length) lines.unshift(...tracesOf(CHARTS[name], view.overlay, true));
      await Plotly.react(plot, lines, layoutOf(name, plot), CONFIG);
      await new Promise((resolve) => setTimeout(resolve));
    }
  } catch { complain(words.NO_PLOTLY); }
  finally { redrawing = false; }
}

function clearCurves() {
  drawn = {};
  for (const name of Object.keys(CHARTS)) if (part(name).data) window.Plotly.react(part(name), [], layoutOf(name, part(name)), CONFIG);
}

// Only the marks, while the slider moves.
let marking = false;
function markMoment() {
  if (marking || !window.Plotly) return;
  marking = true;
  requestAnimationFrame(() => {
    marking = false;
    for (const name of visibleCharts()) {
      if (part(name).layout) window.Plotly.relayout(part(name), { shapes: marks() });
    }
  });
}

function redraw() { style = null; drawCurves(true); }

async function loadOverlay() {
  view.overlay = null;
  if (!view.about.origin) return;
  const asked = view.generation, found = await ask("overlay", {});
  if (found && asked === view.generation) { view.overlay = found.curves; drawCurves(); }
}

more.addEventListener("toggle", () => drawCurves());
for (const option of ["smooth", "log"]) {
  part(option).checked = ganmodel.get("curves." + option) === "yes";
  part(option).addEventListener("change", () => { ganmodel.set("curves." + option, part(option).checked ? "yes" : "no"); redraw(); });
}
window.addEventListener("ganmodel:theme", redraw);
new ResizeObserver(() => { if (view.rows.length) redraw(); }).observe(element);

// @ts-check
// Two runs beside each other: their newest grids, what differs in their settings, their curves.
import { coloursOf, layoutOf, plotly } from "../shared/charts.js";
import { contract } from "../shared/contract.js";
import { make } from "../shared/elements.js";
import { orTold } from "../shared/server.js";
import { worded, words } from "../shared/words.js";

/** @typedef {import("#routes").Compared} Run */

/** @type {Record<string, [column: string, colour: string, label: string][]>} */
const CHARTS = {
  beliefs: [
    ["d_real", "real", words("drawer.real")],
    ["d_fake", "fake", words("drawer.fakes")],
  ],
  losses: [
    ["loss_d", "disc", words("drawer.d")],
    ["loss_g", "fake", words("drawer.g")],
  ],
  distance: [["fd_over_r", "ink", words("drawer.distance-short")]],
};
const HEIGHT = 200; // pixels of a chart
const MARGIN = { l: 44, r: 8, t: 8, b: 34 };

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("../shared/server.js").Server} given.server
 * @param {(said: import("../shared/words.js").Words) => void} given.say
 * @param {Set<string>} given.ticked the names of the runs to compare
 */
export function createComparison({ room, server, say, ticked }) {
  const { part } = room;

  async function open() {
    const found = await orTold(server.ask("compare", { runs: [...ticked] }), say);
    if (!found) return;
    part("drawer-list").hidden = true;
    part("drawer-compared").hidden = part("drawer-back").hidden = false;
    part("drawer-title").textContent = words("drawer.compared");
    room.one("#runs-drawer").classList.add("gm-wide");
    showGrids(found.runs);
    showDiffering(found);
    await showCurves(found.runs);
    part("drawer-back").focus();
  }

  function close() {
    part("drawer-list").hidden = false;
    part("drawer-compared").hidden = part("drawer-back").hidden = true;
    part("drawer-title").textContent = words("drawer.title");
    room.one("#runs-drawer").classList.remove("gm-wide");
  }

  /** @param {Run[]} runs */
  function showGrids(runs) {
    const figures = runs.map((run, index) => {
      const image = make("img", { alt: "" });
      const moment = run.grid === null ? "" : ` · ${words("drawer.grid-of", { images: run.grid })}`;
      const caption = make(
        "figcaption",
        {},
        make("i", { className: index ? "gm-dashed" : "gm-solid" }),
        make("b", {}, worded(run.title)),
        make("span", {}, ` · ${worded(run.verdict)}${moment}`),
      );
      if (run.grid !== null) showGrid(run, image);
      return make("figure", {}, caption, image);
    });
    part("compared-grids").replaceChildren(...figures);
  }

  /**
   * @param {Run} run
   * @param {HTMLImageElement} image
   */
  async function showGrid(run, image) {
    const { name, grid } = run;
    const asked = server.file("picture", { run: name, kind: "samples", images: grid ?? -1 });
    const answer = await orTold(asked, say);
    if (answer) image.src = URL.createObjectURL(await answer.blob());
  }

  /** @param {{ runs: Run[], differing: import("#routes").Differing[] }} found */
  function showDiffering({ runs, differing }) {
    const table = part("differing");
    if (!differing.length) {
      table.replaceChildren(make("caption", {}, words("drawer.nothing-differs")));
      return;
    }
    const row = (
      /** @type {"th" | "td"} */ tag,
      /** @type {import("../shared/words.js").Words[]} */ cells,
    ) => make("tr", {}, ...cells.map((cell) => make(tag, {}, worded(cell))));
    table.replaceChildren(
      row("th", [words("drawer.setting"), runs[0].title, runs[1].title]),
      ...differing.map(({ label, values }) => row("td", [label, ...values])),
    );
  }

  /** @param {Run[]} runs */
  async function showCurves(runs) {
    const colour = coloursOf(room.one(".gm-top"));
    const Plotly = await plotly();
    for (const [name, lines] of Object.entries(CHARTS)) {
      const plot = part(`compared-${name}`);
      const { axis, layout } = layoutOf(plot, colour);
      const traces = runs.flatMap((run, index) =>
        lines.map(([column, tint, label]) => ({
          x: columnOf(run, "images"),
          y: columnOf(run, column),
          name: words("drawer.line", { label, title: run.title }),
          connectgaps: true,
          mode: name === "distance" ? "lines+markers" : "lines",
          line: { color: colour(tint), width: 1.8, dash: index ? "dash" : "solid" },
        })),
      );
      const title = { text: words("drawer.x-axis"), font: { size: 11 }, standoff: 4 };
      const range = name === "beliefs" ? { range: [0, 1], tickformat: ".0%" } : {};
      const whole = {
        ...layout,
        height: HEIGHT,
        margin: MARGIN,
        showlegend: false,
        xaxis: { ...axis, tickformat: "~s", title },
        yaxis: { ...axis, ...range },
      };
      await Plotly.react(plot, traces, whole, { displayModeBar: false });
    }
  }

  part("drawer-compare").addEventListener("click", open);
  part("drawer-back").addEventListener("click", close);
  return { close, isOpen: () => !part("drawer-compared").hidden };
}

/**
 * @param {Run} run
 * @param {string} column
 * @returns {(number | null)[]}
 */
function columnOf(run, column) {
  const place = contract.comparedColumns.indexOf(column);
  return run.curves.map((/** @type {(number | null)[]} */ row) => row[place]);
}

// Two runs beside each other: their newest grids, what differs in their settings, their curves.
part("drawer-compare").addEventListener("click", async () => {
  const found = await call("compare", { runs: [...ticked] });
  if (!found) return;
  part("drawer-list").hidden = true;
  part("drawer-compared").hidden = part("drawer-back").hidden = false;
  part("drawer-title").textContent = words.COMPARED;
  drawer.classList.add("gm-wide");
  showGrids(found.runs);
  showDiffering(found);
  await showCurves(found.runs);
  part("drawer-back").focus();
});

part("drawer-back").addEventListener("click", showList);
function showList() {
  part("drawer-list").hidden = false;
  part("drawer-compared").hidden = part("drawer-back").hidden = true;
  part("drawer-title").textContent = words.TITLE;
  drawer.classList.remove("gm-wide");
}

function showGrids(runs) {
  part("compared-grids").replaceChildren(...runs.map((run, index) => {
    const figure = make("figure"), caption = make("figcaption"), image = make("img", "", { alt: "" });
    caption.append(make("i", "", { className: index ? "gm-dashed" : "gm-solid" }), make("b", run.title),
      make("span", ` · ${run.verdict}` + (run.grid === null ? "" : " · " + fill(words.GRID_OF, { images: run.grid }))));
    figure.append(caption, image);
    if (run.grid !== null) picture(run, image);
    return figure;
  }));
}

async function picture(run, image) {
  const body = JSON.stringify({ token: ganmodel.token(), run: run.name, kind: "samples", images: run.grid });
  try {
    const answer = await fetch("ganmodel-picture", { method: "POST", body });
    if (answer.ok) image.src = URL.createObjectURL(await answer.blob());
  } catch { say(words.NO_ANSWER); }
}

function showDiffering({ runs, differing }) {
  if (!differing.length) { part("differing").replaceChildren(make("caption", words.NOTHING_DIFFERS)); return; }
  const row = (tag, cells) => { const made = make("tr"); made.append(...cells.map((text) => make(tag, text))); return made; };
  part("differing").replaceChildren(row("th", [words.SETTING, runs[0].title, runs[1].title]),
    ...differing.map(({ label, values }) => row("td", [label, ...values])));
}

async function showCurves(runs) {
  const style = getComputedStyle(element.querySelector(".gm-top"));
  const colour = (name) => style.getPropertyValue("--gm-" + name).trim();
  const charts = { beliefs: [[1, "real", words.REAL], [2, "fake", words.FAKES]], losses: [[3, "disc", words.D], [4, "fake", words.G]], distance: [[5, "ink", words.DISTANCE_SHORT]] };
  const Plotly = await ganmodel.plotly();
  for (const [name, lines] of Object.entries(charts)) {
    const plot = part("compared-" + name), axis = { gridcolor: colour("line"), zerolinecolor: colour("line"), tickfont: { size: 11 } };
    const traces = runs.flatMap((run, index) => lines.map(([column, tint, label]) => ({
      x: run.curves.map((row) => row[0]), y: run.curves.map((row) => row[column]), name: `${label}, ${run.title}`, connectgaps: true,
      mode: name === "distance" ? "lines+markers" : "lines", line: { color: colour(tint), width: 1.8, dash: index ? "dash" : "solid" },
    })));
    await Plotly.react(plot, traces, {
      template: null, height: 200, width: plot.clientWidth, margin: { l: 44, r: 8, t: 8, b: 34 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 11, color: colour("ink") }, hovermode: "x unified", dragmode: ganmodel.drags, hoverlabel: { bgcolor: colour("panel") },
      showlegend: false, xaxis: { ...axis, tickformat: "~s", title: { text: words.X_AXIS, font: { size: 11 }, standoff: 4 } },
      yaxis: { ...axis, ...(name === "beliefs" ? { range: [0, 1], tickformat: ".0%" } : {}) },
    }, { displayModeBar: false });
  }
}

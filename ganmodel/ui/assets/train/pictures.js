// The grids: G's pictures at the moment that is shown, real ones beside them, and one enlarged.
const PICTURES_KEPT = 160;         // grids that were shown and may be shown again
const kept = new Map();            // "kind/images" -> object URL of its picture
let raw = false;

// A picture's address in this browser, fetched once; null after having said why not.
async function pictureAt(kind, images) {
  const name = `${view.run}/${kind}/${images}`;
  if (kept.has(name)) return kept.get(name);
  let answer;
  try {
    answer = await fetch("ganmodel-picture", { method: "POST", body: JSON.stringify(about({ kind, images })) });
  } catch { return null; }   // the next question for news says that the server is gone
  if (!answer.ok) { complain((await answer.json()).error); return null; }
  const source = URL.createObjectURL(await answer.blob());
  kept.set(name, source);
  if (kept.size > PICTURES_KEPT) {
    const [oldest, old] = kept.entries().next().value;
    kept.delete(oldest);
    URL.revokeObjectURL(old);
  }
  return source;
}

// Shown only once decoded, so that one picture replaces the other without a blank between.
async function replacePicture(image, source) {
  const next = new Image();
  next.src = source;
  try { await next.decode(); } catch { return false; }
  image.src = source;
  image.style.aspectRatio = `${next.naturalWidth} / ${next.naturalHeight}`;
  return true;
}

// The grid of the moment that is shown. One is on its way; where the hand was quicker, the latest wins.
let drawing = false;
async function showGrid() {
  if (drawing) return;
  drawing = true;
  try {
    for (;;) {
      const images = momentShown(), kind = raw && view.about?.averaged ? "samples_raw" : "samples";
      const wanted = images === null ? null : `${view.run}/${kind}/${images}`, asked = view.generation;
      if (wanted === null || wanted === view.shown) return;
      const source = await pictureAt(kind, images);
      if (asked !== view.generation) continue;
      view.shown = wanted;         // even where it failed: the next moment tries again
      if (!source || !(await replacePicture(part("samples"), source))) continue;
      part("samples").dataset.images = images;
      element.querySelector(".gm-grid").classList.remove("gm-old");
      part("moment").textContent = fill(words.AFTER, { images });
    }
  } finally { drawing = false; }
}

async function showReals() {
  const image = part("reals"), { shows_reals: allowed } = view.about;
  part("reals-hint").textContent = allowed ? words.REALS_HINT : words.REALS_HIDDEN;
  image.closest("figure").classList.toggle("gm-withheld", !allowed);
  if (!allowed) image.removeAttribute("src");
  const wanted = `${view.run}/${view.history}`, asked = view.generation;
  if (!view.has_reals || view.reals === wanted) return;
  view.reals = wanted;
  const source = await pictureAt("reals", 0);
  if (source && asked === view.generation) await replacePicture(image, source);
}

// G's pictures above those that they copy, of the evaluation that is shown, where it says so.
async function showPairs(quality) {
  const figure = element.querySelector(".gm-pairs"), asked = view.generation;
  figure.hidden = !quality?.copying || !view.about?.shows_reals;
  if (figure.hidden) return;
  part("pairs-hint").textContent = fill(words.PAIRS_HINT, { share: percent(quality.copied), images: quality.images });
  const source = await pictureAt("copies", quality.images);
  if (source && asked === view.generation && source !== part("pairs").src) await replacePicture(part("pairs"), source);
}

// --- which G ----------------------------------------------------------------------------------

for (const choice of element.querySelectorAll('[name="train-which"]')) {
  choice.addEventListener("change", () => { raw = choice.value === "raw"; showGrid(); });
}

function showRaw() {
  raw = Boolean(view.about?.averaged);
  element.querySelector(`[name="train-which"][value="${raw ? "raw" : "averaged"}"]`).checked = true;
}

// --- the cells of the grid: each sample can be chosen --------------------------------------------

function buildCells() {
  const cells = part("cells"), { count: samples, columns, classes } = view.layout;
  const named = Array.from({ length: classes }, (_, k) => view.about.classes[k] ?? String(k));
  const wanted = [samples, columns, ...named].join();
  if (cells.dataset.wanted === wanted) return;
  cells.dataset.wanted = wanted;
  cells.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  cells.replaceChildren(...Array.from({ length: samples }, (_, index) => {
    const cell = document.createElement("button");
    cell.type = "button";
    const name = named[index % columns];
    cell.setAttribute("aria-label", fill(name === undefined ? words.SAMPLE : words.SAMPLE_OF, { index: index + 1, name }));
    cell.addEventListener("click", () => openSheet(index));
    return cell;
  }));
  ganmodel.oneStop(cells, columns);
}

// What goes into G.
function showNoise() {
  const drawn = element.querySelector(".gm-pair"), by_class = view.about.by_class;
  drawn.classList.toggle("gm-class-goes-in", by_class);
  drawn.setAttribute("aria-label", by_class ? words.PAIR_ALT_BY_CLASS : words.PAIR_ALT);
}

// --- classes ----------------------------------------------------------------------------------

function showClasses(quality) {
  const shares = quality?.histogram, figure = element.querySelector(".gm-classes");
  figure.hidden = !shares || shares.length > 20;
  if (figure.hidden) return;
  const highest = Math.max(...shares, 1.5 / shares.length), box = part("classes");
  const named = shares.map((_, k) => view.about?.classes[k] ?? String(k));
  box.setAttribute("aria-label", fill(words.CLASSES_ALT, {
    covered: quality.classes_covered, classes: quality.classes,
    shares: shares.map((share, k) => `${named[k]}: ${percent(share)}`).join(", "),
  }));
  if (box.dataset.named !== named.join()) {
    box.dataset.named = named.join();
    box.classList.toggle("gm-long-names", named.some((name) => name.length > 3));
    box.replaceChildren(...named.map((name) => {
      const column = document.createElement("span"), label = document.createElement("em");
      column.innerHTML = "<i><b></b></i>";
      label.textContent = name;
      column.append(label);
      return column;
    }));
  }
  shares.forEach((share, k) => {
    const column = box.children[k];
    column.querySelector("b").style.height = 100 * share / highest + "%";
    column.querySelector("i").style.setProperty("--real", 100 / shares.length / highest + "%");
    column.title = `${named[k]}: ${percent(share)}`;
  });
}

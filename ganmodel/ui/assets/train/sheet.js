// One picture, closer: enlarged, with D's opinion of it and the real picture that is closest.
const sheet = element.querySelector("#train-sheet");
let chosen = null;

async function openSheet(index) {
  const image = part("samples"), images = momentShown(), { columns } = view.layout;
  if (images === null || !image.naturalWidth) return;
  chosen = { seed: index, generator: view.generator, moment: view.at === null ? null : images };
  const side = (image.naturalWidth + 2) / columns - 2, canvas = part("sheet-picture");
  canvas.width = canvas.height = side;
  canvas.getContext("2d").drawImage(image, (index % columns) * (side + 2), Math.floor(index / columns) * (side + 2),
    side, side, 0, 0, side, side);
  part("sheet-of").textContent = fill(words.SHEET_OF, { seed: String(index), images });
  part("sheet-opinion").textContent = words.THINKING;
  element.querySelector(".gm-sheet-closest").hidden = true;
  part("sheet-use").hidden = !view.generator;
  if (!sheet.open) sheet.showModal();
  const asked = `${view.generation}/${index}`;
  sheet.dataset.asked = asked;
  const found = await ask("sheet", { images, index, raw: raw && view.about.averaged });
  if (sheet.dataset.asked !== asked) return;
  showOpinion(found);
}

function showOpinion(found) {
  if (!found) { part("sheet-opinion").textContent = ""; return; }
  if (found.class) part("sheet-of").textContent += " · " + fill(words.SHEET_CLASS, { name: found.class });
  part("sheet-opinion").textContent = found.opinion === undefined ? words.NO_OPINION
    : fill(words.OPINION, { share: Math.round(100 * found.opinion), images: found.opinion_of });
  const closest = found.closest, box = element.querySelector(".gm-sheet-closest");
  box.hidden = !closest;
  if (!closest) return;
  ganmodel.paint(part("sheet-closest"), closest.pixels);
  const copied = closest.distance < 0.4 * closest.usual ? " " + words.COPY : "";
  part("sheet-distance").textContent = fill(words.CLOSEST, { distance: tidy(closest.distance), usual: tidy(closest.usual) }) + copied;
}

part("sheet-close").addEventListener("click", () => sheet.close());
sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });   // beside it
part("sheet-use").addEventListener("click", () => {
  sheet.close();
  ganmodel.openInPlayground(chosen.generator, chosen.seed, chosen.moment);
});

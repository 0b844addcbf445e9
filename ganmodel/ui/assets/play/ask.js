// What the model and the data say of the picture; asked while its box is open, once the hand rests.
const asking = within("#play-ask");
let askedOf = null;

async function askModel() {
  const key = JSON.stringify([where.generator, facts?.moment, placeText()]);
  if (!facts || askedOf === key) return;
  askedOf = key;
  if (!part("d-says").textContent) part("d-says").textContent = words.THINKING;
  const answer = await call("opinion", standing(), (text) => { part("d-says").textContent = text; });
  if (!answer || askedOf !== key) return;
  const known = answer.opinion !== undefined, closest = answer.closest ?? [];
  const without = facts.shows_reals ? answer.missing ?? words.NO_D : words.HIDDEN;
  part("d-says").textContent = known ? fill(words.D_SAYS, { share: Math.round(100 * answer.opinion) }) : without;
  within(".gm-opinion").hidden = !known;
  part("d-bar").style.width = 100 * (answer.opinion ?? 0) + "%";
  const believed = (answer.believed ?? []).filter((one) => one.share >= 0.01);
  part("believed").textContent = believed.length
    ? `${words.BELIEVED} ${believed.map((one) => fill(words.BELIEVED_ONE, { name: one.name, share: Math.round(100 * one.share) })).join(", ")}` : "";
  part("closest-box").hidden = !closest.length;
  part("closest").replaceChildren(...closest.map((one) => {
    const figure = document.createElement("figure"), picture = document.createElement("canvas"), caption = document.createElement("figcaption");
    ganmodel.paint(picture, one.pixels);
    caption.textContent = fill(words.CLOSEST_DISTANCE, { distance: String(one.distance) });
    figure.append(picture, caption);
    return figure;
  }));
  const copied = closest.length && closest[0].distance < 0.4 * answer.usual ? " " + words.COPY : "";
  part("usual").textContent = closest.length ? fill(words.CLOSEST_USUAL, { usual: String(answer.usual) }) + copied : "";
  asking.dataset.asked = Number(asking.dataset.asked ?? 0) + 1;
}

asking.addEventListener("toggle", () => { if (asking.open) askModel(); });

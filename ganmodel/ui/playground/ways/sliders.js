// @ts-check
// Single sliders: each moves one coordinate of z.
import { words } from "../../shared/words.js";
import { moveBeside, zOf } from "../state.js";
import { createCoordinate, withinRange } from "./coordinate.js";

const AT_ONCE = 8;

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createSliders(given) {
  const { room, values, picture } = given;
  const { part } = room;
  /** @type {ReturnType<typeof createCoordinate>[]} */
  let sliders = [];

  /** @param {number} wanted how many sliders; there are at most as many as coordinates */
  function build(wanted) {
    const most = values.facts?.z_dim ?? 0;
    sliders = Array.from({ length: Math.min(wanted, most) }, (_, index) => sliderOf(index));
    room.one("#play-z").replaceChildren(...sliders.map(({ row }) => row));
    part("more").hidden = part("all").hidden = sliders.length >= most;
    part("all").textContent = words("playground.all-sliders", { count: most });
    point();
  }

  /** @param {number} index */
  function sliderOf(index) {
    const number = index + 1;
    const label = words("playground.coordinate-label", { number });
    return createCoordinate(given, words("playground.coordinate", { number }), label, (value) => {
      const step = value - zOf(values)[index];
      moveBeside(values, (k) => (k === index ? step : 0));
    });
  }

  function point() {
    const z = zOf(values);
    if (!z.length) return;
    sliders.forEach(({ row, show }, index) => {
      show(z[index]);
      row.classList.toggle("moved", Boolean(values.place.rest?.[index]));
    });
  }

  part("random").addEventListener("click", () => {
    const z = zOf(values);
    moveBeside(values, (k) => (k < sliders.length ? withinRange(gaussian()) - z[k] : 0));
    picture.changed();
  });
  part("reset").addEventListener("click", () => {
    values.place.rest = null;
    picture.changed();
  });
  part("more").addEventListener("click", () => build(sliders.length + AT_ONCE));
  part("all").addEventListener("click", () => build(values.facts?.z_dim ?? 0));

  return {
    id: "sliders",
    show: point,
    point,
    reset: () => build(Math.max(sliders.length, AT_ONCE)),
  };
}

function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

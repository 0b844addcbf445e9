// @ts-check
// From A to B: how the way leads from stop to stop. The slider along it is always in view.
import { legsOf } from "../place.js";

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createBetween({ room, values, picture, along, stops }) {
  /** @type {HTMLInputElement[]} */
  const radios = room.all("#play-path input");

  function reset() {
    for (const radio of radios) radio.checked = radio.value === values.place.path;
  }

  /** @param {string} path */
  function choose(path) {
    const { place } = values;
    const legs = place.at * legsOf(place); // as far between the same two stops as before
    place.path = path;
    place.at = Math.min(legs / legsOf(place), 1);
    stops.show();
    along.showShare();
    picture.changed();
  }

  for (const radio of radios) radio.addEventListener("change", () => choose(radio.value));

  return { id: "ab", reset };
}

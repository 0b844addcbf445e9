// @ts-check
// Variety: how far from the average picture, truncation by ψ.
import { numberIn } from "../shared/numbers.js";

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./picture.js").Picture} given.picture
 */
export function createVariety({ room, values, picture }) {
  /** @type {HTMLInputElement[]} */
  const [range, number] = room.all("#play-psi input");

  function show() {
    const text = String(values.place.psi);
    range.value = text;
    if (document.activeElement !== number) number.value = text;
  }

  for (const input of [range, number]) {
    input.addEventListener("input", () => {
      const value = numberIn(input);
      if (value === null) return;
      values.place.psi = value;
      show();
      picture.changed();
    });
  }

  return { show };
}

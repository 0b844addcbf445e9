// @ts-check
// Variety: how far from the average picture, truncation by ψ.
import { paintSprite } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { numberIn } from "../shared/numbers.js";
import { words } from "../shared/words.js";
import { createStrip } from "./strip.js";

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./picture.js").Picture} given.picture
 * @param {import("./rows.js").Rows} given.rows
 */
export function createVariety({ room, values, picture, rows }) {
  /** @type {HTMLInputElement} */
  const number = room.one("#play-psi input.gm-number");
  const strip = createStrip({
    count: contract.stripColumns,
    low: 0,
    high: contract.mostVariety,
    step: 0.01,
    label: words("playground.variety-strip"),
    moved: change,
  });
  room.part("variety").append(strip.element);
  rows.add("psi", strip.element, ({ sprites, first }) => {
    for (const [k, tile] of strip.tiles.entries()) paintSprite(tile, sprites, first + k);
  });

  function show() {
    const { psi } = values.place;
    strip.show(psi);
    if (document.activeElement !== number) number.value = String(psi);
  }

  /** @param {number} psi */
  function change(psi) {
    values.place.psi = psi;
    show();
    picture.changed();
  }

  number.addEventListener("input", () => {
    const value = numberIn(number);
    if (value !== null) change(value);
  });

  return { show };
}

// @ts-check
// Found changes: directions in z along which pictures change much, each as a strip of how, in which one
// slides.
import { decoded, paint } from "../../shared/canvas.js";
import { contract } from "../../shared/contract.js";
import { make } from "../../shared/elements.js";
import { words, number as written } from "../../shared/words.js";
import { placeText } from "../place_text.js";
import { moveBeside, zOf } from "../state.js";
import { createStrip } from "../strip.js";

/**
 * As the server found it; its `pixels` are the strip's pictures.
 * @typedef {{ vector: number[], effect: number, width: number, height: number, channels: number,
 *     pixels: string }} Direction
 */

const STEP = 0.02; // of a strip's slider, in standard deviations

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createDirections(given) {
  const { room, values, questions, picture, along: way } = given;
  /** @type {HTMLInputElement[]} */
  const hows = room.all("[name=found-how]");
  const said = room.part("found-said");
  const box = room.part("found");
  /** @type {Direction[]} */
  let directions = [];
  /** @type {ReturnType<typeof rowOf>[]} */
  let rows = [];
  let foundAt = ""; // where the strips are of

  async function find() {
    const { generator, facts, place, base } = values;
    const how = hows.find(({ checked }) => checked)?.value === "layer" ? "layer" : "activation";
    const here = JSON.stringify([how, generator, facts?.moment, placeText(place)]);
    if (foundAt === here || !base.length) return;
    foundAt = here;
    if (!rows.length) said.textContent = words("playground.finding-changes");
    const answer = await questions.ask("directions", { how }, (sentence) => {
      said.textContent = sentence;
      foundAt = "";
    });
    if (!answer || foundAt !== here) return;
    said.textContent = "";
    directions = answer.directions;
    if (rows.length !== directions.length) {
      rows = directions.map((_, index) => rowOf(index));
      box.replaceChildren(...rows.map(({ whole }) => whole));
    }
    for (const [index, { paintStrip }] of rows.entries()) paintStrip(directions[index]);
    point();
  }

  /** @param {number} index */
  function rowOf(index) {
    const number = index + 1;
    const reach = contract.changeReach;
    const strip = createStrip({
      count: contract.changePictures,
      low: -reach,
      high: reach,
      step: STEP,
      label: words("playground.found-label", { number }),
      moved: (value) => move(index, value),
    });
    const shown = make("output");
    const whole = make("div", { className: "gm-found" }, strip.element, shown);

    /** @param {Direction} direction */
    function paintStrip(direction) {
      strip.element.title = words("playground.found-effect", { effect: direction.effect });
      const pictures = decoded(direction);
      for (const [k, tile] of strip.tiles.entries()) paint(tile, pictures, k);
    }

    /** @param {number} value how far z lies along this direction now */
    function show(value) {
      shown.textContent = written(value, {
        signDisplay: "always",
        minimumFractionDigits: 1,
        maximumFractionDigits: 1,
      });
      // The hand may be ahead of the picture.
      if (document.activeElement !== strip.range || !picture.isBehind()) strip.show(value);
    }

    return { whole, paintStrip, show };
  }

  /**
   * @param {number} index of a direction
   * @param {number} value where along it
   */
  function move(index, value) {
    if (!values.base.length) return;
    way.stop();
    const { vector } = directions[index];
    const step = value - along(vector, zOf(values));
    moveBeside(values, (k) => step * vector[k]);
    picture.changed();
  }

  function point() {
    const z = zOf(values);
    if (!z.length) return;
    for (const [index, { show }] of rows.entries()) show(along(directions[index].vector, z));
  }

  function reset() {
    box.replaceChildren();
    directions = [];
    rows = [];
    foundAt = "";
  }

  for (const how of hows) how.addEventListener("change", find);

  return { id: "found", show: find, refresh: find, point, reset };
}

/**
 * How far z lies along a direction.
 * @param {number[]} vector
 * @param {number[]} z
 */
const along = (vector, z) => z.reduce((sum, value, index) => sum + value * vector[index], 0);

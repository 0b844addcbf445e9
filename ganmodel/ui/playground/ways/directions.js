// @ts-check
// Found changes: directions in z along which pictures change much, each with a strip that shows how.
import { decoded, paint } from "../../shared/canvas.js";
import { words as allWords, contract, fill } from "../../shared/contract.js";
import { make } from "../../shared/elements.js";
import { placeText } from "../place_text.js";
import { moveBeside, zOf } from "../state.js";
import { createCoordinate } from "./coordinate.js";

/**
 * As the server found it; its `pixels` are the strip's pictures.
 * @typedef {{ vector: number[], effect: number, width: number, height: number, channels: number,
 *     pixels: string }} Direction
 */

const words = allWords.playground;

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createDirections(given) {
  const { room, values, questions } = given;
  const how = room.part("found-how");
  const said = room.part("found-said");
  const box = room.part("found");
  /** @type {Direction[]} */
  let directions = [];
  /** @type {ReturnType<typeof rowOf>[]} */
  let rows = [];
  let foundAt = ""; // where the strips are of

  async function find() {
    const { generator, facts, place, base } = values;
    const here = JSON.stringify([how.value, generator, facts?.moment, placeText(place)]);
    if (foundAt === here || !base.length) return;
    foundAt = here;
    if (!rows.length) said.textContent = words.FINDING_CHANGES;
    const answer = await questions.ask("directions", { how: how.value }, (sentence) => {
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
    const tiles = Array.from({ length: contract.stripPictures }, () => make("canvas"));
    const strip = make("div", { className: "gm-found-strip", ariaHidden: "true" }, ...tiles);
    const label = fill(words.FOUND_LABEL, { number });
    const { row, show } = createCoordinate(given, String(number), label, (value) => {
      const { vector } = directions[index];
      const step = value - along(vector, zOf(values));
      moveBeside(values, (k) => step * vector[k]);
    });

    /** @param {Direction} direction */
    function paintStrip(direction) {
      strip.title = fill(words.FOUND_EFFECT, { effect: direction.effect });
      const pictures = decoded(direction);
      for (const [k, tile] of tiles.entries()) paint(tile, pictures, k);
    }

    return { whole: make("div", { className: "gm-found" }, strip, row), paintStrip, show };
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

  how.addEventListener("change", find);

  return { id: "found", show: find, refresh: find, point, reset };
}

/**
 * How far z lies along a direction.
 * @param {number[]} vector
 * @param {number[]} z
 */
const along = (vector, z) => z.reduce((sum, value, index) => sum + value * vector[index], 0);

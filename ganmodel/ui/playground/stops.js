// @ts-check
// The stops of the way: start numbers or points, each with its picture.
import { paintSprite } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { icon, make, press } from "../shared/elements.js";
import { numberField, readField } from "../shared/numbers.js";
import { randomSeed } from "../shared/visitor.js";
import { words } from "../shared/words.js";
import { letterOf, shareOf } from "./place.js";
import { zOf } from "./state.js";

/** @import { Stop } from "./place.js" */
/** @typedef {ReturnType<typeof createStops>} Stops */

const THUMB_SIDE = 28; // pixels, before the generator's size is known

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./picture.js").Picture} given.picture
 * @param {import("./along.js").Along} given.along
 * @param {import("./rows.js").Rows} given.rows
 * @param {(sentence: string) => void} given.say
 */
export function createStops({ room, values, picture, along, rows, say }) {
  const list = room.part("stops");
  /** The stops' pictures as they came last.
   * @type {import("./rows.js").Row | null} */
  let pictures = null;

  function show() {
    const { stops, path } = values.place;
    list.replaceChildren(...stops.map(rowOf));
    room.part("add").hidden = stops.length >= contract.mostStops;
    room.part("last-letter").textContent = letterOf(path === "loop" ? 0 : stops.length - 1);
    showThumbs();
  }

  /**
   * @param {Stop} stop
   * @param {number} index
   */
  function rowOf(stop, index) {
    const isNumber = typeof stop === "number";
    const letter = letterOf(index);
    const id = `play-stop-${index}`;
    const side = values.facts?.size ?? THUMB_SIDE;
    const thumb = make("canvas", { width: side, height: side, ariaHidden: "true" });
    const text = words(isNumber ? "playground.start-number" : "playground.point", { letter });
    const label = make("label", isNumber ? { htmlFor: id } : {}, text);
    const roll = labelled("dice", words("playground.roll-label", { letter }), () =>
      set(index, randomSeed()),
    );
    roll.dataset.roll = letter.toLowerCase();
    const controls = make("div", { className: "gm-seed" });
    if (isNumber) controls.append(fieldOf(stop, index, id));
    controls.append(roll);
    if (values.place.stops.length > 2) {
      controls.append(
        labelled("close", words("playground.remove-label", { letter }), () => remove(index)),
      );
    }
    const row = make("div", { className: "gm-stop" }, thumb, label, controls);
    if (index < 2) row.id = `play-seed-${letter.toLowerCase()}`;
    return row;
  }

  /**
   * @param {number} seed
   * @param {number} index
   * @param {string} id
   */
  function fieldOf(seed, index, id) {
    const bounds = { low: 0, high: contract.mostSeed, step: 1, whole: true };
    const field = numberField({ value: seed, id }, bounds);
    field.addEventListener("input", () => {
      const { value } = readField(field);
      if (value === null || !isSeed(value)) return;
      values.place.stops[index] = value;
      picture.changed();
    });
    field.addEventListener("change", () => {
      field.value = String(values.place.stops[index]);
    });
    return field;
  }

  /** @param {number} value */
  function isSeed(value) {
    const isOne = Number.isInteger(value) && value >= 0 && value <= contract.mostSeed;
    if (!isOne) say(words("playground.bad-seed", { most: contract.mostSeed }));
    return isOne;
  }

  /** Paints the stops' pictures, as far as they are those of these stops. */
  function showThumbs() {
    if (!pictures || pictures.lengths.length !== values.place.stops.length) return;
    const { sprites, first } = pictures;
    const thumbs = /** @type {HTMLCanvasElement[]} */ ([...list.querySelectorAll("canvas")]);
    for (const [index, thumb] of thumbs.entries()) paintSprite(thumb, sprites, first + index);
  }

  /**
   * Puts a start number or a point in the place of a stop, and goes there.
   * @param {number} index
   * @param {Stop} stop
   */
  function set(index, stop) {
    values.place.stops[index] = stop;
    goToStop(index);
  }

  /** One more stop at the end of the way, and goes there.
   * @param {Stop} stop */
  function add(stop) {
    const { stops } = values.place;
    if (stops.length >= contract.mostStops) {
      say(words("playground.most-stops", { most: contract.mostStops }));
      return;
    }
    stops.push(stop);
    goToStop(stops.length - 1);
  }

  /** @param {number} index */
  function remove(index) {
    const { place } = values;
    place.stops.splice(index, 1);
    show();
    along.goTo(place.at, true);
  }

  /** @param {number} index */
  function goToStop(index) {
    const { place } = values;
    place.rest = null;
    show();
    along.goTo(shareOf(place, index), true);
  }

  rows.add("stops", list, (row) => {
    pictures = row;
    showThumbs();
  });
  room.part("add").addEventListener("click", () => add(randomSeed()));
  for (const use of room.all("[data-use]")) {
    const name = use.dataset.use;
    use.ariaLabel =
      name === "new"
        ? words("playground.use-new")
        : words("playground.use-label", { letter: letterOf(Number(name)) });
    use.addEventListener("click", () => {
      const here = Float32Array.from(zOf(values));
      if (!here.length) return;
      if (name === "new") add(here);
      else set(Number(name), here);
    });
  }

  return { show, add };
}

/**
 * A button with an icon alone, which its label explains.
 * @param {string} name of the icon
 * @param {string} label
 * @param {() => void} action
 */
function labelled(name, label, action) {
  return press(icon(name), action, { title: label, ariaLabel: label });
}

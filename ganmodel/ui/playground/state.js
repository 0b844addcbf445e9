// @ts-check
// The Playground's state: where one stands, which way to move is shown, and what the server said of
// the generator. Every module of this room reads and writes these fields; nothing else is shared.
import { createState, field } from "../shared/state.js";
import { browser, tab } from "../shared/storage.js";
import { placeText, startPlace } from "./place_text.js";

/** @typedef {ReturnType<typeof createPlaygroundState>} PlaygroundState */

/** What can be done with a generator.
 * @typedef {import("../shared/server.js").Answer<"generator">} Facts */

/**
 * A spot on the map: previewed under the pointer, or chosen, which moves the place there.
 * @typedef {object} Spot
 * @property {{ third: number, u: number, v: number }} point
 * @property {() => void} [chosen] called once the place has been moved there; absent in a preview
 */

/** Where one stands, as this tab remembers it between visits.
 * @typedef {{ generator: string, moment: number | null, text: string }} Standing */

/** A place that is kept, and its picture as a data URL.
 * @typedef {Standing & { picture: string }} Favourite */

export function createPlaygroundState() {
  return createState({
    generator: field(() => /** @type {string | null} */ (null), { address: "weights" }),
    /** Images seen by a run's weights; null: the newest. */
    moment: field(() => /** @type {number | null} */ (null), {
      address: "moment",
      write: (moment) => (moment === null ? null : String(moment)),
    }),
    place: field(startPlace, { address: true, write: placeText }),
    /** Where one stood when the hand rested last. */
    standing: field(() => /** @type {Standing | null} */ (null), {
      kept: tab,
      key: "place",
      read: JSON.parse,
      write: JSON.stringify,
    }),
    /** The id of the way to move that is shown. */
    way: field(() => "", {
      kept: tab,
      read: String,
      address: "way",
      write: (way) => way || null,
    }),
    favourites: field(() => /** @type {Favourite[]} */ ([]), {
      kept: browser,
      read: favouritesIn,
      write: JSON.stringify,
    }),
    /** Whether pictures are shown with their pixels' edges blurred. */
    smooth: field(() => false, {
      kept: browser,
      read: (text) => text === "yes",
      write: (smooth) => (smooth ? "yes" : "no"),
    }),
    facts: field(() => /** @type {Facts | null} */ (null)),
    /** The point on the way, as the server said last; [] before the first picture. */
    base: field(() => /** @type {number[]} */ ([])),
    spot: field(() => /** @type {Spot | null} */ (null)),
  });
}

/**
 * What a browser keeps as favourites: whatever is none is left out.
 * @param {string} text
 * @returns {Favourite[]}
 */
function favouritesIn(text) {
  return JSON.parse(text).filter((/** @type {any} */ { generator, moment, text, picture }) => {
    const isPlace = typeof generator === "string" && typeof text === "string";
    const isMoment = moment === null || Number.isInteger(moment);
    return isPlace && isMoment && String(picture).startsWith("data:image/");
  });
}

/** Where one stands now, to be remembered.
 * @param {PlaygroundState["values"]} values
 * @returns {Standing} */
export function standingOf({ generator, moment, place }) {
  return { generator: generator ?? "", moment, text: placeText(place) };
}

/** The noise that the picture is drawn from, before variety.
 * @param {PlaygroundState["values"]} values */
export function zOf({ base, place: { rest } }) {
  return rest ? base.map((value, index) => value + rest[index]) : [...base];
}

/**
 * Moves the point beside the way.
 * @param {PlaygroundState["values"]} values
 * @param {(index: number) => number} change what is added to each coordinate of z
 */
export function moveBeside({ base, place }, change) {
  place.rest ??= new Float32Array(base.length);
  for (let index = 0; index < base.length; index++) place.rest[index] += change(index);
}

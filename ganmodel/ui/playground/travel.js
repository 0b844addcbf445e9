// @ts-check
// Going to another place, maybe with another generator; where that is gone, all stays as it was.
import { fitPlace } from "./place.js";
import { startPlace } from "./place_text.js";

/** @import { Place } from "./place.js" */
/** @typedef {ReturnType<typeof createTravel>} Travel */

/**
 * @param {object} given
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {import("./picture.js").Picture} given.picture
 * @param {() => void} given.arrived one stands somewhere else, and `facts` are of there
 * @param {() => void} given.stayed there is no such generator (any more)
 */
export function createTravel({ values, questions, picture, arrived, stayed }) {
  /**
   * @param {{ generator: string, moment: number | null }} there
   * @param {Place} place
   * @returns {Promise<boolean>} whether one arrived
   */
  async function to(there, place) {
    const { generator, moment, facts, place: left } = values;
    Object.assign(values, { ...there, place, spot: null });
    const found = await questions.ask("generator", { place: "" });
    if (!found) {
      Object.assign(values, { generator, moment, facts, place: left });
      stayed();
      return false;
    }
    values.facts = found;
    if (values.base.length !== found.z_dim) values.base = []; // not known before it is drawn
    fitPlace(values.place, found, startPlace());
    arrived();
    picture.changed();
    return true;
  }

  return { to };
}

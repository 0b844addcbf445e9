// @ts-check
// The ways to move: one file a way, which this list makes known. All of them move one and the same
// point; the tabs, the picture and everything else know a way by what is written here alone. Its panel
// is the template `ways/<id>.html`; its tab's title stands in `WAYS` of `texts/playground.py`, whose
// order is that of the tabs.
import { createBetween } from "./between.js";
import { createDirections } from "./directions.js";
import { createDrawing } from "./drawing.js";
import { createMap } from "./map.js";
import { createSliders } from "./sliders.js";
import { createTime } from "./time.js";

/**
 * What a way does, beside what its own panel's elements make it do.
 * @typedef {object} Way
 * @property {string} id
 * @property {() => void} [show] its panel was opened
 * @property {() => void} [hide] another panel is about to be opened
 * @property {() => void} [share] its panel is open, and the share of the way is another
 * @property {() => void} [point] its panel is open, and the picture of another point is shown
 * @property {() => void} [refresh] its panel is open, and the hand has come to rest
 * @property {() => void} [reset] one stands somewhere else, maybe with another generator: what it
 *     knew is out of date, whether or not its panel is open
 * @property {() => boolean} [suits] whether one can move this way with this generator; always, if absent
 * @property {(file: File, tell: (sentence: string) => void) => Promise<boolean>} [take] takes a picture
 *     that carries no place; false after having told why not
 */

/**
 * What a way is given. It moves by changing `values.place`, and then tells the `picture`.
 * @typedef {object} Given
 * @property {import("../../shared/elements.js").Room} room
 * @property {import("../state.js").PlaygroundState["values"]} values
 * @property {import("../questions.js").Questions} questions
 * @property {import("../picture.js").Picture} picture
 * @property {import("../frames.js").Frames} frames
 * @property {import("../along.js").Along} along
 * @property {import("../stops.js").Stops} stops
 * @property {import("../moments.js").Moments} moments
 * @property {import("../rows.js").Rows} rows
 * @property {() => void} showPlace shows a place's settings anew: its variety and its class
 * @property {(sentence: string) => void} say
 */

/** @type {((given: Given) => Way)[]} */
export const WAYS = [
  createDrawing,
  createBetween,
  createSliders,
  createMap,
  createDirections,
  createTime,
];

// @ts-check
// What one room tells the others. A room imports no other: it sends one of these signals.

/**
 * @typedef {object} Signals
 * @property {undefined} theme light or dark was chosen
 * @property {{ name: string, state: string, own: boolean, words: string }} run another run is shown,
 *     or its state is another; `name` is "" and `state` "none" for a bundled one
 * @property {undefined} runs the list of runs is another
 * @property {{ name: string, key?: string | null, said?: import("./words.js").Words }} follow show this run
 * @property {undefined} forget the run that was shown is gone
 * @property {{ settings: Record<string, any> }} fill fill the form with these settings
 * @property {{ generator: string, seed: number | null, moment: number | null }} explore draw with
 *     this generator, perhaps from one of its samples
 * @property {undefined} settings open the form that starts a run
 * @property {undefined} list open the list of runs
 * @property {undefined} mine show the sheet of one's own pictures
 * @property {undefined} started a run was started, and the button that did it is about to go
 */

const target = new EventTarget();

/**
 * @template {keyof Signals} K
 * @param {K} name
 * @param {Signals[K] extends undefined ? [] : [Signals[K]]} detail
 */
export function emit(name, ...detail) {
  target.dispatchEvent(new CustomEvent(name, { detail: detail[0] }));
}

/**
 * @template {keyof Signals} K
 * @param {K} name
 * @param {(detail: Signals[K]) => void} action
 */
export function on(name, action) {
  target.addEventListener(name, (event) => action(/** @type {CustomEvent} */ (event).detail));
}

// @ts-check
// A place in the latent space: a way through stops, the share of it that was gone, and what was moved
// beside it. Its text is in `place_text.js`, its meaning as noise in `ganmodel/places.py`.

/** A start number, or a vector of noise.
 * @typedef {number | Float32Array} Stop */

/**
 * @typedef {object} Place
 * @property {Stop[]} stops at least two
 * @property {string} path "slerp", "lerp" or "loop"
 * @property {number} at share of the way, 0 to 1
 * @property {Float32Array | null} rest what was moved beside the way
 * @property {number} psi variety
 * @property {number | null} label the class; null for a generator without classes
 * @property {number | null} other the class that is blended in
 * @property {number} blend the share of `other`
 */

/** @param {number} index of a stop, from 0 */
export const letterOf = (index) => String.fromCharCode("A".charCodeAt(0) + index);

/** How many legs a way has. A loop through two stops goes all around the circle they lie on.
 * @param {Place} place */
export function legsOf({ stops, path }) {
  if (path !== "loop") return stops.length - 1;
  return stops.length === 2 ? 4 : stops.length;
}

/**
 * The share of the way at which a stop lies.
 * @param {Place} place
 * @param {number} index
 */
export const shareOf = (place, index) => index / legsOf(place);

/**
 * Moves a place into another generator's noise and classes: what has no meaning there is left out.
 * @param {Place} place is changed
 * @param {{ z_dim: number, classes: string[] }} facts
 * @param {Place} start whose stops replace those of another noise
 */
export function fitPlace(place, { z_dim, classes }, start) {
  const isKnown = (/** @type {number | null} */ label) => label !== null && label < classes.length;
  if (!classes.length) place.label = null;
  else if (!isKnown(place.label)) {
    const [first] = place.stops;
    place.label = typeof first === "number" ? first % classes.length : 0;
  }
  if (!isKnown(place.other)) Object.assign(place, { other: null, blend: 0 });
  if (place.rest && place.rest.length !== z_dim) place.rest = null;
  place.stops = place.stops.map((stop, index) =>
    typeof stop === "number" || stop.length === z_dim ? stop : start.stops[index % 2],
  );
}

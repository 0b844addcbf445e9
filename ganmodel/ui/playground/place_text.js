// @ts-check
// A place as a line of text, by the grammar of `ganmodel/places.py`: in the address, in a PNG, and in
// every question to the server. What it does not say has the usual value.
import { decode } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";

/** @import { Place, Stop } from "./place.js" */

/** How each part of a place is written, null where it is left out, and read.
 * @type {Record<string, { write: (place: Place) => string | null, read: (text: string) => Partial<Place> }>} */
const PARTS = {
  stops: {
    write: ({ stops }) => stops.map(written).join(","),
    read: (text) => ({ stops: text.split(",").map(stopIn) }),
  },
  path: {
    write: ({ path }) => (path === contract.usualPlace.path ? null : path),
    read: (path) => ({ path }),
  },
  at: {
    write: ({ at }) => (at === contract.usualPlace.at ? null : String(at)),
    read: (text) => ({ at: Number(text) }),
  },
  rest: {
    write: ({ rest }) => rest && packed(rest),
    read: (text) => ({ rest: unpacked(text) }),
  },
  psi: {
    write: ({ psi }) => (psi === contract.usualPlace.psi ? null : String(psi)),
    read: (text) => ({ psi: Number(text) }),
  },
  class: {
    write: ({ label, other, blend }) =>
      label === null ? null : (other === null ? [label] : [label, other, blend]).join(","),
    read: (text) => {
      const [label, other = null, blend = 0] = text.split(",").map(Number);
      return { label, other, blend };
    },
  },
};

/** The place where the Playground opens. */
export function startPlace() {
  const unset = { stops: [], rest: null, label: null, other: null };
  return read(contract.startPlace, { ...contract.usualPlace, ...unset });
}

/** @param {Place} place */
export function placeText(place) {
  const found = [];
  for (const [name, { write }] of Object.entries(PARTS)) {
    const text = write(place);
    if (text !== null) found.push(`${name}=${text}`);
  }
  return found.join("&");
}

/** Undoes `placeText`. The server has the last word on what makes sense.
 * @param {string} text */
export const readPlace = (text) => read(text, startPlace());

/**
 * @param {string} text
 * @param {Place} place has what the text does not say; is changed
 */
function read(text, place) {
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(PARTS, name)) Object.assign(place, PARTS[name].read(value));
  }
  return place;
}

/** @param {Stop} stop */
const written = (stop) =>
  typeof stop === "number" ? String(stop) : contract.vectorPrefix + packed(stop);

/** @param {string} text */
function stopIn(text) {
  const { vectorPrefix } = contract;
  return text.startsWith(vectorPrefix) ? unpacked(text.slice(vectorPrefix.length)) : Number(text);
}

/** float32 values, little end first, as base64 that an address can carry.
 * @param {Float32Array} vector */
export function packed(vector) {
  const view = new DataView(new ArrayBuffer(4 * vector.length));
  for (const [index, value] of vector.entries()) view.setFloat32(4 * index, value, true);
  const letters = Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Undoes `packed`.
 * @param {string} text */
export function unpacked(text) {
  const bytes = decode(text.replaceAll("-", "+").replaceAll("_", "/"));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(4 * i, true));
}

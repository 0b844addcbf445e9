// @ts-check
// What the form holds: what the visitor chose, and nothing of what follows from it; their own
// pictures; and what the server said last.
import { contract } from "../../shared/contract.js";
import { createState, field } from "../../shared/state.js";
import { tab } from "../../shared/storage.js";

/** @typedef {Record<string, any>} Answer of the server's */
/** @typedef {Record<string, unknown>} Chosen by name of setting; null: a field was emptied */
/** @typedef {{ upload: string, size: number, with_classes: boolean, fit?: string }} Upload */
/** @typedef {ReturnType<typeof createFormState>["values"]} Form */

// Settings without a field of their own, which come with a run that is reproduced.
const WITHOUT_FIELD = ["image_size", "fit", "start_from"];

/**
 * @param {(name: string, value: unknown) => boolean | null} isOffered whether a field offers a
 *     value; null where there is no such field
 */
export function createFormState(isOffered) {
  return createState({
    chosen: field(firstChosen, {
      kept: tab,
      key: "form",
      read: (text) => readChosen(JSON.parse(text), isOffered),
      write: JSON.stringify,
    }),
    upload: field(/** @returns {Upload | null} */ () => null, {
      kept: tab,
      key: "own",
      read: (text) => (text ? JSON.parse(text) : null),
      write: (upload) => (upload ? JSON.stringify(upload) : ""),
    }),
    own: field(/** @returns {Answer | null} */ () => null), // what the server found in the upload
    described: field(/** @returns {Answer | null} */ () => null),
  });
}

/** @returns {Chosen} */
const firstChosen = () => ({ preset: contract.firstPreset, edition: contract.edition });

/**
 * What was remembered, perhaps by another version; what this form does not offer is left out.
 * @param {unknown} found
 * @param {(name: string, value: unknown) => boolean | null} isOffered
 */
export function readChosen(found, isOffered) {
  if (!found || typeof found !== "object") return undefined;
  const { edition, ...others } = /** @type {Chosen} */ (found);
  const chosen = firstChosen();
  // The first edition did not say so.
  chosen.edition = Number.isInteger(edition) ? Math.min(Number(edition), contract.edition) : 1;
  for (const [name, value] of Object.entries(others)) {
    if (isOffered(name, value) ?? WITHOUT_FIELD.includes(name)) chosen[name] = value;
  }
  return chosen;
}

/** How many of an upload's pictures are not left out.
 * @param {Answer} own */
export const stayOf = ({ count, left_out }) => count - left_out.length;

/**
 * What is sent of what was chosen: no text that is no number, and an upload by its id.
 * @param {Form} form
 * @param {(name: string) => boolean} isNumber whether a setting has a field for numbers
 * @returns {Chosen}
 */
export function settingsOf({ chosen, own }, isNumber) {
  const sent = Object.fromEntries(
    Object.entries(chosen).filter(([name, value]) => !isNumber(name) || typeof value !== "string"),
  );
  if (sent.dataset !== contract.ownDataset) return sent;
  if (own) {
    const { id, size, fit, conditional } = own;
    return { ...sent, dataset: contract.uploadPrefix + id, image_size: size, fit, conditional };
  }
  delete sent.dataset;
  return sent;
}

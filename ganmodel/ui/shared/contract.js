// @ts-check
// What Python told this page: names, limits and thresholds that both sides must agree on, and all
// words. `ganmodel/ui/contract.py` defines them.

/** @typedef {typeof import("#contract")} Contract */
/** @typedef {typeof import("#words")} Words */

/** @param {string} id */
function read(id) {
  return JSON.parse(/** @type {HTMLElement} */ (document.getElementById(id)).textContent ?? "");
}

/** @type {Contract} */
export const contract = read("ganmodel-contract");

/** Every sentence that scripts may say, by part of the page.
 * @type {Words} */
export const words = read("ganmodel-words");

/**
 * A sentence with its {holes} filled; a number gets its thousands separated.
 * @param {string} sentence
 * @param {Record<string, unknown>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (hole, name) => {
    const value = values[name] ?? hole;
    return typeof value === "number" ? value.toLocaleString("en-US") : String(value);
  });
}

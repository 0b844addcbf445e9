// @ts-check
// What Python told this page: names, limits and thresholds that both sides must agree on.
// `ganmodel/ui/contract.py` defines them.

/** @typedef {typeof import("#contract")} Contract */

/** What an element of the page's first lines holds.
 * @param {string} id */
export function read(id) {
  return JSON.parse(/** @type {HTMLElement} */ (document.getElementById(id)).textContent ?? "");
}

/** @type {Contract} */
export const contract = read("ganmodel-contract");

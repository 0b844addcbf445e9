// @ts-check
// Files that the visitor keeps.
import { make } from "./elements.js";

const KEPT = 60000; // milliseconds that a browser may take to begin a download

/**
 * Saves what this page holds.
 * @param {Blob} content
 * @param {string} name
 */
export function save(content, name) {
  const link = make("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}

/**
 * Saves the file that an answer offers, if it does: once, at an address of its own.
 * @param {{ address?: string, name?: string }} answer
 */
export function saveFrom({ address, name }) {
  if (address) make("a", { href: address, download: name }).click();
}

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
 * Has the server send a file to be saved, asked for by a form, so that no secret is in an address.
 * @param {string} action
 * @param {Record<string, string>} fields
 */
export function saveFrom(action, fields) {
  const inputs = Object.entries(fields).map(([name, value]) =>
    make("input", { type: "hidden", name, value }),
  );
  const form = make("form", { method: "post", action, hidden: true }, ...inputs);
  document.body.append(form);
  form.submit();
  form.remove();
}

// @ts-check
// A room's state: one object, and a table that says of each field how it begins, whether it is
// remembered, and whether it stands in the address.

/** @import { Store } from "./storage.js" */

/**
 * @template T
 * @typedef {object} Field
 * @property {() => T} begins its value before anything is known or chosen
 * @property {Store} [kept] where it is remembered between visits, under `key`
 * @property {string} [key] its name there; without one, the field's own name
 * @property {string | true} [address] its name in the address's hash; true: its text has names of its
 *     own there
 * @property {(text: string) => T | undefined} [read] from text; undefined for what makes no sense
 * @property {(value: T) => string | null} [write] to text; null: it is left out
 */

/**
 * @template T
 * @param {() => T} begins
 * @param {Omit<Field<T>, "begins">} [more]
 * @returns {Field<T>}
 */
export function field(begins, more = {}) {
  return { begins, ...more };
}

/**
 * @template {Record<string, Field<any>>} F
 * @typedef {{ [K in keyof F]: ReturnType<F[K]["begins"]> }} Values
 */

/**
 * The values, which anybody may change, and what can be done with all of them.
 * @template {Record<string, Field<any>>} F
 * @param {F} fields
 */
export function createState(fields) {
  const values = /** @type {Values<F>} */ ({});
  const names = Object.keys(fields);

  /** @param {string[]} [some] fields that begin again; all of them if not given */
  function reset(some = names) {
    for (const name of some) values[/** @type {keyof F} */ (name)] = fields[name].begins();
  }

  /**
   * @param {string} name
   * @param {Values<F>} [of]
   */
  const textOf = (name, of = values) => {
    const { write = String } = fields[name];
    return write(of[name]);
  };

  /** Writes all that is remembered, or one field of it.
   * @param {string} [only] */
  function remember(only) {
    for (const name of names) {
      const { kept, key = name } = fields[name];
      if (kept && (only === undefined || only === name)) kept.set(key, textOf(name) ?? "");
    }
  }

  /** Reads all that is remembered; what makes no sense (any more) begins anew. */
  function recall() {
    for (const name of names) {
      const { kept, key = name, read } = fields[name];
      take(name, kept?.get(key), read);
    }
  }

  /**
   * @param {string} name
   * @param {string | null | undefined} text
   * @param {((text: string) => any) | undefined} read
   */
  function take(name, text, read) {
    if (text === null || text === undefined || !read) return;
    let value;
    try {
      value = read(text);
    } catch {
      return; // another version's, or somebody's own
    }
    if (value !== undefined) values[/** @type {keyof F} */ (name)] = value;
  }

  /** "name=value" of every field that stands in the address, in the table's order.
   * @param {Values<F>} [of] other values than those of now */
  function address(of = values) {
    return names.flatMap((name) => {
      const { address: called } = fields[name];
      const text = called ? textOf(name, of) : null;
      if (text === null) return [];
      return called === true ? [text] : [`${called}=${text}`];
    });
  }

  reset();
  return { values, reset, remember, recall, address };
}

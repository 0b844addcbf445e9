// @ts-check
// What a browser remembers: for all its tabs, for one tab, or, where it allows no storage, for this
// visit only.

/** @typedef {{ get(key: string): string | null, set(key: string, value: string): void }} Store */

/** @type {Record<string, string>} */
const fallback = {};

/**
 * @param {() => Storage} storage found late: reading it throws where a browser forbids storage
 * @param {string} key
 */
function read(storage, key) {
  try {
    return storage().getItem(`ganmodel.${key}`);
  } catch {
    return null;
  }
}

/**
 * @param {() => Storage} storage
 * @param {string} key
 * @param {string} value
 */
function write(storage, key, value) {
  try {
    storage().setItem(`ganmodel.${key}`, value);
  } catch {
    // Kept in `fallback` for this visit.
  }
}

const local = () => localStorage;
const session = () => sessionStorage;

/** For all tabs of this browser.
 * @type {Store} */
export const browser = {
  get: (key) => read(local, key) ?? fallback[key] ?? null,
  set(key, value) {
    fallback[key] = value;
    write(local, key, value);
  },
};

/** For this tab; a new tab begins with what was chosen last in any.
 * @type {Store} */
export const tab = {
  get: (key) => read(session, key) ?? browser.get(key),
  set(key, value) {
    browser.set(key, value);
    write(session, key, value);
  },
};

/** For this tab alone: two tabs may show two runs, and a reload shows the same again.
 * @type {Store} */
export const visit = {
  get: (key) => read(session, key),
  set: (key, value) => write(session, key, value),
};

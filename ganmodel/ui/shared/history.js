// @ts-check
// The browser's Back and Forward: the state of an entry says what was shown there, so that the page
// can show it again. An entry that an address made has none.

/**
 * @typedef {object} Shown
 * @property {string} [tab] the name of the tab
 * @property {string} [run] the run that the Train tab shows
 * @property {number | null} [moment] and which of its moments; null: the newest
 * @property {string} [way] the id of the Playground's way to move
 * @property {string} [since] tells apart what is before and behind a link that was followed
 */

/** What the present entry says.
 * @returns {Shown} */
export const shown = () => history.state ?? {};

/** Adds to what the present entry says.
 * @param {Shown} more */
export function note(more) {
  history.replaceState({ ...shown(), ...more }, "");
}

/**
 * A new entry, which says all that the present one does, and more.
 * @param {Shown} more
 * @param {string} address
 */
export function enter(more, address) {
  history.pushState({ ...shown(), ...more }, "", address);
}

/** @param {(shown: Shown) => void} action told of an entry, other than an address's, to which one came
 *     by Back or Forward */
export function onReturn(action) {
  window.addEventListener("popstate", ({ state }) => {
    if (state) action(state);
  });
}

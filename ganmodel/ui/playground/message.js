// @ts-check
// The sentences under the picture: one at a time, each long enough to be read, and those on numbers
// that a field can't take.

import { setText } from "../shared/elements.js";
import { numberIn, readField } from "../shared/numbers.js";
import { words } from "../shared/words.js";

const READABLE = 5000; // milliseconds that a sentence stays, though the next picture would clear it

/**
 * A function that says a sentence, or clears it with "" once it could be read.
 * @param {HTMLElement} message
 */
export function createMessage(message) {
  let said = -READABLE;
  return (/** @type {string} */ sentence) => {
    if (!sentence && performance.now() - said < READABLE) return;
    if (sentence) said = performance.now();
    setText(message, sentence);
  };
}

/**
 * Says what is wrong with a number once the hand has left its field, and shows the one before again.
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {(sentence: string) => void} given.say
 * @param {() => void} given.showNumbers
 */
export function refuseNumbers({ room, say, showNumbers }) {
  room.element.addEventListener("change", ({ target }) => {
    const field = /** @type {HTMLInputElement} */ (target);
    if (!field.matches("input.gm-number") || numberIn(field) !== null) return;
    const { low, high } = field.dataset;
    const label = field.ariaLabel ?? field.labels?.[0]?.textContent?.trim() ?? "";
    say(readField(field).why ?? words("playground.bad-number", { label, low, high }));
    setTimeout(showNumbers); // after the field's own listeners
  });
}

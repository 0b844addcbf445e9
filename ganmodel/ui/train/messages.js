// @ts-check
// The line that says how the run is doing. What went wrong stays readable in it for a while, though
// the next news would say something else.
import { setText } from "../shared/elements.js";

/** @typedef {ReturnType<typeof createMessages>} Messages */

const COMPLAINT_STANDS = 12000; // milliseconds

/** @param {{ room: import("../shared/elements.js").Room }} given */
export function createMessages({ room }) {
  const line = room.part("message");
  /** @type {number | null} */
  let complainedAt = null;

  /** @param {import("../shared/words.js").Words} sentence */
  const say = (sentence) => setText(line, sentence);

  /** @param {import("../shared/words.js").Words} sentence */
  function complain(sentence) {
    complainedAt = performance.now();
    say(sentence);
    line.classList.add("gm-complaint");
  }

  /** Says how the run is, unless a complaint stands.
   * @param {import("../shared/words.js").Words} sentence
   * @param {boolean} isBad */
  function report(sentence, isBad) {
    if (complainedAt !== null && performance.now() - complainedAt <= COMPLAINT_STANDS) return;
    withdraw();
    line.classList.toggle("gm-complaint", isBad);
    say(sentence);
  }

  /** Lets the next report replace a complaint. */
  function withdraw() {
    complainedAt = null;
  }

  return { say, complain, report, withdraw };
}

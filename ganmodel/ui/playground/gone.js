// @ts-check
// Moments that a link or a kept picture names, but whose weights are gone: no other moment's picture
// may stand in for theirs. Where nothing is shown yet, a button leads to the newest moment instead.
import { words } from "../shared/words.js";
import { readPlace } from "./place_text.js";

/** @typedef {ReturnType<typeof createGone>} Gone */
/** @typedef {{ generator: string | null, moment: number | null, text: string }} Named */

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {import("./travel.js").Travel} given.travel
 * @param {(sentence: string) => void} given.say
 */
export function createGone({ room, values, questions, travel, say }) {
  const toNewest = room.part("to-newest");
  /** @type {Named | null} what the button is about */
  let lost = null;

  /**
   * Whether the weights of a moment are gone, after having said so. Whatever else is wrong is left to
   * who asks for the picture.
   * @param {Named} named
   */
  async function isGone(named) {
    const { moment } = named;
    if (moment === null) return false;
    const question = { generator: named.generator ?? "", moment, place: "" };
    const facts = await questions.ask("generator", question, () => {});
    if (!facts || facts.moments.includes(moment)) return false;
    const isEmpty = !values.generator;
    const id = isEmpty ? "playground.nothing-to-show" : "playground.link-moment-gone";
    say(words(id, { asked: moment }));
    if (isEmpty) {
      lost = named;
      toNewest.hidden = false;
    }
    return true;
  }

  /** Takes the button back, since something is shown. */
  function arrive() {
    toNewest.hidden = true;
    lost = null;
  }

  toNewest.addEventListener("click", () => {
    if (!lost) return;
    const { generator, text } = lost;
    travel.to({ generator: generator ?? "", moment: null }, readPlace(text));
  });

  return { isGone, arrive };
}

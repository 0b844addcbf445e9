// @ts-check
// Training time: which moment's weights draw the picture. A slider where a run kept its
// history.
import { words } from "../shared/words.js";

/** @typedef {ReturnType<typeof createMoments>} Moments */

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./picture.js").Picture} given.picture
 * @param {import("./along.js").Along} given.along
 * @param {(sentence: string) => void} given.say
 */
export function createMoments({ room, values, picture, along, say }) {
  /** @type {HTMLInputElement} */
  const slider = room.one("#play-time input");

  function show() {
    const { facts, moment } = values;
    if (!facts) return;
    const { moments } = facts;
    slider.max = String(moments.length - 1);
    slider.value = String(moment === null ? moments.length - 1 : moments.indexOf(facts.moment));
    const images = moments[Number(slider.value)] ?? facts.moment;
    const text = words("playground.time-shown", { images });
    room.part("time-shown").textContent = text;
    room.part("about").textContent = words("playground.seen", { images });
    slider.ariaValueText = text;
  }

  /** Says so where the moment that was asked for is gone, and stays at the one that is shown. */
  function arrive() {
    const { facts, moment } = values;
    if (facts && moment !== null && !facts.moments.includes(moment)) {
      values.moment = facts.moment;
      say(words("playground.moment-gone", { asked: moment, images: facts.moment }));
    }
    show();
  }

  /** @param {number} index among the generator's moments */
  function goTo(index) {
    const { facts } = values;
    if (!facts) return;
    const { moments } = facts;
    values.moment = index >= moments.length - 1 ? null : moments[index];
    values.facts = { ...facts, moment: moments[index] };
    show();
    picture.changed();
  }

  slider.addEventListener("input", () => {
    along.stop();
    goTo(Number(slider.value));
  });

  return { show, arrive, goTo };
}

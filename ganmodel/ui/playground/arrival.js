// @ts-check
// Where one stands when the tab opens, and where links and the other rooms lead.
import { mendedAddress } from "../shared/address.js";
import { on } from "../shared/signals.js";
import { takeWanted } from "../shared/tabs.js";
import { words } from "../shared/words.js";
import { askedBy } from "./address.js";
import { readPlace, startPlace } from "./place_text.js";

/** @import { Asked } from "./address.js" */

/**
 * @param {object} given
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {import("./generators.js").Generators} given.generators
 * @param {import("./travel.js").Travel} given.travel
 * @param {import("./gone.js").Gone} given.gone
 * @param {import("./returns.js").Returns} given.returns
 * @param {(way: string) => void} given.showWay
 * @param {(sentence: string) => void} given.say
 */
export function createArrival(given) {
  const { values, questions, generators, travel, gone, returns, showWay, say } = given;

  /** Goes where an address leads, and tells why where it leads nowhere.
   * @param {Asked} asked */
  async function follow(asked) {
    const usable = await generators.list();
    let sentence = words("playground.not-here");
    if (asked.generator !== null && usable.includes(asked.generator)) {
      if (await gone.isGone(asked)) return;
      const { generator, moment, text } = asked;
      const why = await refusal(asked);
      if (why === null && (await travel.to({ generator, moment }, readPlace(text)))) {
        if (asked.way) showWay(asked.way);
        return;
      }
      sentence = words("playground.bad-link", { why: why ?? "" });
    }
    if (!values.generator) await goBack(usable);
    say(sentence);
  }

  /** Why the server can't draw what an address asks for; null where it can.
   * @param {Asked} asked */
  async function refusal({ generator, moment, text }) {
    /** @type {string | null} */
    let why = null;
    await questions.ask("draw", { generator: generator ?? "", moment, place: text }, (sentence) => {
      why = sentence;
    });
    return why;
  }

  /** Goes where one stood last, else to the first generator.
   * @param {string[]} usable */
  async function goBack(usable) {
    const { standing } = values;
    if (standing && usable.includes(standing.generator)) {
      const { generator, moment, text } = standing;
      if (await travel.to({ generator, moment }, readPlace(text))) return;
    }
    if (usable.length) await travel.to({ generator: usable[0], moment: null }, startPlace());
  }

  /** Shows what another room asks to see: a generator, maybe one of its samples as A. */
  async function explore(wanted = takeWanted()) {
    if (!wanted) return;
    const { generator, seed, moment } = wanted;
    await generators.list();
    const place = { ...values.place, stops: [...values.place.stops], rest: null };
    if (seed !== null) {
      // The sample itself: its start number as A, the class that goes with it, nothing between.
      Object.assign(place, { at: 0, psi: 1, label: null, other: null });
      place.stops[0] = seed;
    }
    await travel.to({ generator, moment }, place);
  }

  async function begin() {
    const asked = askedBy(location.hash);
    const wanted = takeWanted();
    if (asked) await follow(asked);
    else if (!wanted) await goBack(await generators.list());
    await explore(wanted);
  }

  on("explore", () => explore());
  window.addEventListener("hashchange", (event) => {
    // Not location's: what was moved just before may have been written there in between.
    const asked = askedBy(new URL(mendedAddress(event.newURL)).hash);
    if (!asked || !returns.leads(event.newURL)) return;
    returns.followed();
    follow(asked);
  });

  return { begin };
}

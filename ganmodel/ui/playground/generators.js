// @ts-check
// The generators that one may draw with, and which one is chosen.
import { words as allWords, contract, fill } from "../shared/contract.js";
import { make } from "../shared/elements.js";
import { orTold } from "../shared/server.js";

/** @typedef {ReturnType<typeof createGenerators>} Generators */
/** @typedef {{ id: string, label: string, reason: string }} Listed `reason`: why it can't be used, or "" */

const words = allWords.playground;
const GROUPS = [
  { prefix: contract.shippedPrefix, label: words.SHIPPED },
  { prefix: contract.runPrefix, label: words.YOURS },
];

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("../shared/server.js").Server} given.server
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {(sentence: string) => void} given.say
 * @param {(generator: string) => void} given.chosen another one was chosen
 * @param {(isNewer: boolean) => void} given.described `facts` were asked for anew; `isNewer`: there
 *     are newer weights
 */
export function createGenerators({ room, server, values, questions, say, chosen, described }) {
  /** @type {HTMLSelectElement} */
  const choice = room.one("#play-weights-choice");
  let listed = "";

  /** Lists what there is now.
   * @returns {Promise<string[]>} the ids of those that can be used */
  async function list() {
    const found = await orTold(ask(), say);
    if (!found) return [];
    const now = JSON.stringify(found);
    if (now !== listed) {
      listed = now;
      choice.replaceChildren(...groupsOf(found));
      show();
    }
    const usable = found.filter(({ reason }) => !reason);
    if (!usable.length) say(found[0]?.reason || words.NO_GENERATOR);
    return usable.map(({ id }) => id);
  }

  /** @returns {Promise<Listed[]>} */
  async function ask() {
    const { generators } = await server.ask("generators", { ...questions.linked });
    return Promise.all(
      generators.map(async (/** @type {any} */ one) => ({
        ...one,
        reason: await server.sentenceOf(one.reason),
      })),
    );
  }

  function show() {
    const { generator, facts } = values;
    choice.value = generator ?? "";
    if (facts) {
      room.part("about").textContent = fill(words.SEEN, { images: facts.moments.at(-1) });
    }
  }

  /** Asks whether a run that is followed has newer weights. */
  async function look() {
    const { generator, facts } = values;
    if (!generator?.startsWith(contract.runPrefix) || values.moment !== null) return;
    const newest = facts?.moments.at(-1);
    const found = await questions.ask("generator", { place: "" });
    if (!found || values.moment !== null || values.generator !== generator) return;
    values.facts = found;
    show();
    described(found.moments.at(-1) !== newest);
  }

  choice.addEventListener("change", () => chosen(choice.value));

  return { list, show, look };
}

/** @param {Listed[]} found */
function groupsOf(found) {
  return GROUPS.flatMap(({ prefix, label }) => {
    const options = found.filter(({ id }) => id.startsWith(prefix)).map(optionOf);
    return options.length ? [make("optgroup", { label }, ...options)] : [];
  });
}

/** @param {Listed} one */
function optionOf({ id, label, reason }) {
  const text = reason ? fill(words.UNUSABLE, { label }) : label;
  return make("option", { value: id, disabled: Boolean(reason), title: reason }, text);
}

// @ts-check
// The picture as text to be copied: a link, a command, a piece of Python.
import { forOthers } from "../shared/address.js";
import { contract } from "../shared/contract.js";
import { isAbort } from "../shared/server.js";
import { worded, words } from "../shared/words.js";
import { addressOf } from "./address.js";
import { placeText } from "./place_text.js";

/**
 * @typedef {object} Weights
 * @property {number | null} moment
 * @property {string} file where a checkout has them
 */

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState} given.state
 * @param {import("./questions.js").Questions} given.questions
 * @param {() => void} given.close closes the menu
 * @param {(sentence: string) => void} given.tell
 */
export function createCopy({ room, state, questions, close, tell }) {
  const { values } = state;
  /** @type {HTMLTextAreaElement} */
  const field = room.part("copied");
  const box = room.part("keeping-box");

  const isRun = () => values.generator?.startsWith(contract.runPrefix) ?? false;

  /** Whether it is the visitor's own run, which a link opens in no other browser. */
  const isOwn = () => isRun() && !questions.linked && !values.facts?.open;

  /** @param {Weights} weights */
  function link({ moment }) {
    const base = isOwn() ? location.origin + location.pathname : forOthers().base;
    return base + location.search + addressOf(state, moment);
  }

  // As a shell and as Python would have it: neither a file nor a place has a quote in it.
  /** @type {Record<string, (weights: Weights) => string>} */
  const texts = {
    link,
    send: link,
    command: ({ file }) =>
      `ganmodel sample ${file} --place '${placeText(values.place)}' --out picture.png`,
    python: ({ file }) =>
      `import ganmodel\n\nG = ganmodel.load("${file}")\n` +
      `picture = ganmodel.draw(G, "${placeText(values.place)}")\npicture.save("picture.png")\n`,
  };

  /** @param {string} what */
  async function copy(what) {
    const { facts } = values;
    if (!facts) return;
    // Of a run, what is copied names the moment that is shown: its newest will be another one soon.
    const shown = {
      moment: isRun() ? facts.moment : values.moment,
      file: facts.files[facts.moments.indexOf(facts.moment)] ?? facts.files.at(-1) ?? "",
    };
    close();
    const text = texts[what](shown);
    if (what === "send" && (await isSent(text))) return;
    let isCopied = await offer(text);
    let isKept = true;
    const { moment } = shown;
    const kept = isRun() ? await questions.ask("keep_moment", { moment, place: "" }) : null;
    if (kept) {
      isKept = kept.kept;
      if (kept.moment !== moment) isCopied = await offer(texts[what](kept)); // it has just gone
    }
    const sentence = isCopied ? copiedSentence(what) : words("playground.copy-shown");
    tell(isKept ? sentence : worded([sentence, words("playground.not-kept")]));
  }

  /** @param {string} what */
  function copiedSentence(what) {
    if (texts[what] !== link) return words("playground.copied");
    if (isOwn()) return words("playground.copied-own");
    return forOthers().reaches ? words("playground.copied") : words("playground.copied-here");
  }

  /**
   * Shows a text and puts it on the clipboard.
   * @param {string} text
   * @returns {Promise<boolean>} whether that is allowed here
   */
  async function offer(text) {
    field.value = text;
    box.hidden = false;
    field.dataset.of = values.generator ?? "";
    field.hidden = false;
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return false;
    }
    return true;
  }

  /**
   * Hands a link to whatever else of this device takes one.
   * @param {string} url
   * @returns {Promise<boolean>} whether that was possible, though it may have been cancelled
   */
  async function isSent(url) {
    try {
      await navigator.share({ url });
    } catch (error) {
      return isAbort(error);
    }
    return true;
  }

  /** Hides a text that leads to another generator than the one that is shown. */
  function closeOther() {
    if (field.hidden || field.dataset.of === values.generator) return;
    field.hidden = true;
    tell("");
  }

  room.one('[data-copy="send"]').hidden = !navigator.share;
  for (const choice of room.all("[data-copy]")) {
    choice.addEventListener("click", () => copy(choice.dataset.copy));
  }

  return { closeOther };
}

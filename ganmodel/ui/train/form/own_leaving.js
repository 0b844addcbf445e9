// @ts-check
// Which of one's own pictures are left out: shown at once, and told to the server once the hand
// rests. What it refuses is taken back.
import { contract } from "../../shared/contract.js";
import { afterRest, latest } from "../../shared/latest.js";
import { orTold } from "../../shared/server.js";

const REST = 250; // milliseconds

/**
 * @param {object} given
 * @param {import("../../shared/server.js").Server} given.server
 * @param {import("./state.js").Form} given.form
 * @param {() => void} given.changed which are left out is another
 * @param {(sentence: string) => void} given.say why they cannot be; "" where they can
 */
export function createLeaving({ server, form, changed, say }) {
  /** @type {Set<number>} as the server has it */
  let known = new Set();
  /** @type {Set<number>} as the person has it */
  let wanted = new Set();
  let shown = ""; // which pictures these are, in which order

  /** Takes what the server found in an upload; what was pressed on the same pictures meanwhile and
   * is not told yet is kept. */
  function begin() {
    const { own } = form;
    if (!own) return;
    const now = JSON.stringify([own.id, own.count, own.conditional]);
    const out = now === shown ? [...wanted].filter((index) => !known.has(index)) : [];
    const back = now === shown ? [...known].filter((index) => !wanted.has(index)) : [];
    shown = now;
    known = new Set(own.left_out);
    wanted = new Set([...known, ...out]);
    for (const index of back) wanted.delete(index);
    own.left_out = [...wanted];
  }

  /**
   * @param {Iterable<number>} indices
   * @param {boolean} out
   */
  function leave(indices, out) {
    for (const index of indices) out ? wanted.add(index) : wanted.delete(index);
    told();
    say("");
    tellSoon();
  }

  function told() {
    if (form.own) form.own.left_out = [...wanted];
    changed();
  }

  const tell = latest(async () => {
    const { own, upload } = form;
    if (!own || !upload) return;
    const most = contract.mostLeftOutAtOnce;
    const out = [...wanted].filter((index) => !known.has(index)).slice(0, most);
    const back = [...known].filter((index) => !wanted.has(index)).slice(0, most);
    if (!out.length && !back.length) return;
    if (await orTold(server.ask("leave_out", { ...upload, out, back }), say)) {
      for (const index of out) known.add(index);
      for (const index of back) known.delete(index);
      tell(); // what did not fit, and what was pressed meanwhile
    } else if (form.own === own) {
      wanted = new Set(known);
      told();
    }
  });
  const tellSoon = afterRest(REST, tell);

  /** Resolves once the server knows, or has refused. */
  function flush() {
    tellSoon.cancel();
    return tell();
  }

  return { begin, leave, flush, isOut: (/** @type {number} */ index) => wanted.has(index) };
}

// @ts-check
// The knobs of a run: turned while it trains, or set for a new run that starts from an earlier moment.

import { make } from "../shared/elements.js";
import { numberField, readField } from "../shared/numbers.js";
import { emit } from "../shared/signals.js";
import { words, wordsFor } from "../shared/words.js";
import { pastShown } from "./state.js";

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view" | "messages">} base
 * @param {object} given
 * @param {import("./controls.js").Act} given.act
 */
export function createKnobs({ room, view, messages }, { act }) {
  const { part, one } = room;
  const panel = one("#train-panel");
  const opener = one("#train-knobs");
  /** @type {number | null} */
  let from = null; // the moment that a new run would start from; null: the knobs of this one

  /** @param {number | null} moment */
  function open(moment) {
    from = moment;
    const known = Object.entries(view.about?.knobs ?? {});
    part("knobs").replaceChildren(...known.map(([name, knob]) => fieldOf(name, knob)));
    part("knobs-help").textContent =
      from === null ? words("train.knobs-help") : words("train.again-help", { images: from });
    part("apply").textContent = from === null ? words("train.apply") : words("train.again-start");
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    panel.querySelector("input").focus();
  }

  /**
   * @param {string} name
   * @param {import("./state.js").Answer} knob
   */
  function fieldOf(name, knob) {
    const value = String(view.knobs[name] ?? knob.value);
    const input = numberField({ name, value }, knob);
    input.dataset.was = value;
    return make(
      "label",
      {},
      make("span", {}, wordsFor(`settings.${name}.label`)),
      input,
      make("small", {}, wordsFor(`settings.${name}.explanation`)),
    );
  }

  function close() {
    panel.hidden = true;
    from = null;
    opener.setAttribute("aria-expanded", "false");
  }

  /** To be called whenever what can be done has changed. */
  function show() {
    part("again-here").hidden = !(view.own && pastShown(view));
    if (!panel.hidden && !view.own) close();
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    /** @type {HTMLInputElement[]} */
    const inputs = [...panel.querySelectorAll("input")];
    const turned = inputs.filter((input) => input.value !== input.dataset.was);
    /** @type {Record<string, number>} */
    const changes = {};
    for (const input of turned) {
      const { value, why } = readField(input);
      if (value === null) {
        messages.complain(`${input.labels?.[0].firstElementChild?.textContent}: ${why}`);
        return;
      }
      changes[input.name] = value;
    }
    if (from === null && !turned.length) {
      messages.complain(words("train.nothing-turned"));
      return;
    }
    const done =
      from === null
        ? await act("set", { values: changes })
        : await act("again", { before: from, changes });
    if (!done) return;
    close();
    if (done.run) emit("follow", { name: done.run });
  }

  opener.addEventListener("click", () => {
    if (panel.hidden || from !== null) open(null);
    else close();
  });
  part("panel-close").addEventListener("click", () => {
    close();
    opener.focus();
  });
  part("again-here").addEventListener("click", () => open(pastShown(view)?.again ?? null));
  one("#train-knob-form").addEventListener("submit", submit);
  return { show, close };
}

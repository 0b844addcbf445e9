// @ts-check
// What follows from what was chosen: asked of the server, and shown around the fields.
import { contract } from "../../shared/contract.js";
import { make, setText, showItems } from "../../shared/elements.js";
import { afterRest, latest } from "../../shared/latest.js";
import { ServerError } from "../../shared/server.js";
import { words } from "../../shared/words.js";
import { placeOf } from "./length_slider.js";
import { settingsOf, stayOf } from "./state.js";

const REST = 200; // milliseconds

/**
 * @param {object} given
 * @param {import("../../shared/elements.js").Room} given.room
 * @param {import("../../shared/server.js").Server} given.server
 * @param {import("./state.js").Form} given.form
 * @param {import("./fields.js").Fields} given.fields
 * @param {HTMLInputElement} given.slider
 */
export function createDescribing({ room, server, form, fields, slider }) {
  const { part, one } = room;

  function question() {
    const own = form.own && { count: stayOf(form.own), colour: form.own.colour };
    return { settings: settingsOf(form, fields.takesNumber), ...own };
  }

  const ask = latest(async (again) => {
    const asked = question();
    // What was chosen since is asked for after a rest; until then it stays as it was chosen.
    const isOld = () => again() || JSON.stringify(question()) !== JSON.stringify(asked);
    let answer;
    let why;
    try {
      answer = await server.ask("describe", asked);
      why = await server.sentenceOf(answer.refusal);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (!error.gone && !isOld()) refuse(error.message); // the view reports a server that is gone
      return;
    }
    if (!isOld()) show(answer, why);
  });
  const describeSoon = afterRest(REST, ask);

  /** Asks at once; resolves when the answer is shown. */
  function describe() {
    describeSoon.cancel();
    return ask();
  }

  /**
   * @param {import("./state.js").Answer} answer
   * @param {string} why no run can be started; "" where one can
   */
  function show(answer, why) {
    const { chosen } = form;
    form.described = answer;
    putValues(answer);
    setText(part("recipe"), answer.recipe);
    const names = answer.changed;
    part("changes").hidden = !names.length;
    part("changes").firstElementChild.textContent = words("form.changed-list", { names });
    const recipe = fields.preset.selectedOptions[0]?.textContent ?? "";
    part("changed").textContent = names.length ? words("form.changed", { recipe }) : "";
    setText(one("#train-objective > p"), answer.rule);
    const lines = answer.formulas.flatMap((/** @type {string} */ line) => [line, make("br")]);
    part("formulas").replaceChildren(...lines);
    part("by-class").hidden = !answer.classes; // own pictures have a choice of their own
    const note = one("#train-dataset-note");
    setText(note, answer.data ?? "");
    note.hidden = !answer.data;
    setText(one("#train-length-note"), answer.expected ?? "");
    const time = answer.waits ?? answer.takes;
    setText(part("start-time"), time ? words("form.start-time", { time }) : "");
    setText(part("data-name"), answer.data_name);
    showData(String(chosen.dataset ?? contract.firstDataset));
    showItems(part("warnings"), answer.warnings);
    const wrong = fields.unread(chosen);
    for (const [name, field] of Object.entries(fields.all)) {
      field.ariaInvalid = name === wrong ? "true" : null;
    }
    const isTyped = wrong !== undefined && document.activeElement === fields.all[wrong];
    if (wrong !== undefined && !isTyped) refuse(fields.whyUnread(wrong));
    else if (why) refuse(why);
  }

  /** Fills the fields with what the run would have, but for those that the visitor is at.
   * @param {import("./state.js").Answer} answer */
  function putValues({ values, refusal }) {
    const { chosen } = form;
    for (const [name, field] of Object.entries(fields.all)) {
      const isTyped = field.type !== "checkbox" && document.activeElement === field;
      if (name === "dataset" || isTyped) continue;
      // What was typed stays, to be put right.
      const isText = fields.takesNumber(name) && typeof chosen[name] === "string";
      if (name in chosen && (refusal || isText)) continue;
      fields.put(name, values[name]);
    }
    if (document.activeElement !== slider) slider.value = String(placeOf(values.images));
    fields.put("dataset", chosen.dataset ?? contract.firstDataset);
  }

  /** The pictured choice of the data, and its picture on the page.
   * @param {string} dataset */
  function showData(dataset) {
    for (const choice of room.all('[name="train-dataset-choice"]')) {
      choice.checked = choice.value === dataset;
      if (!choice.checked) continue;
      const drawn = choice.parentElement.querySelector("img");
      const thumb = part("data-thumb");
      thumb.hidden = !drawn;
      if (drawn && thumb.src !== drawn.src) thumb.src = drawn.src;
    }
  }

  /** Says why a run can't be started; "" where it can.
   * @param {string} sentence */
  function refuse(sentence) {
    for (const place of ["refusal", "sheet-refusal"]) setText(part(place), sentence);
  }

  return { describe, describeSoon, refuse };
}

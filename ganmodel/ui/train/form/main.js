// @ts-check
// The form that starts a run: what is chosen in it, and the start itself.
import { contract } from "../../shared/contract.js";
import { within } from "../../shared/elements.js";
import { orTold, Server } from "../../shared/server.js";
import { createSheetOf } from "../../shared/sheets.js";
import { emit, on } from "../../shared/signals.js";
import { randomSeed } from "../../shared/visitor.js";
import { words } from "../../shared/words.js";
import { createDescribing } from "./describing.js";
import { createFields } from "./fields.js";
import { imagesAt, placeOf } from "./length_slider.js";
import { createOwnPictures } from "./own_pictures.js";
import { createFormState, settingsOf } from "./state.js";

/** @param {HTMLElement} element */
export function start(element) {
  const room = within(element);
  const { part, one, all } = room;
  const server = new Server(words("train.no-answer"));
  const fields = createFields(room);
  const { dataset, preset } = fields;
  const state = createFormState(fields.isOffered);
  const form = state.values;
  /** @type {HTMLFormElement} */
  const box = one("#train-form-body");
  /** @type {HTMLInputElement} */
  const slider = one('#train-length input[type="range"]');
  const describing = createDescribing({ room, server, form, fields, slider });
  const { describe, describeSoon, refuse } = describing;
  const sheet = createSheetOf(one("#train-form"), { opened: describe });
  const own = createOwnPictures({
    room,
    state,
    describe,
    describeSoon,
    accepted: chooseOwn,
    useRecipe,
    start: startRun,
  });

  /**
   * @param {string} name
   * @param {unknown} value
   */
  function choose(name, value) {
    if (name === "preset") {
      // Another recipe, the same pictures.
      const kept = form.chosen.dataset === undefined ? {} : { dataset: form.chosen.dataset };
      form.chosen = { preset: value, edition: contract.edition, ...kept };
    } else {
      form.chosen[name] = value;
    }
    refuse("");
    state.remember("chosen");
    describeSoon();
  }

  /** Chooses one's own pictures once they have been sent. */
  function chooseOwn() {
    form.chosen.dataset = dataset.value = contract.ownDataset;
    changed();
  }

  /** To be called after everything chosen may have changed. */
  function changed() {
    showOwn();
    refuse("");
    state.remember("chosen");
    describe();
  }

  function showOwn() {
    part("own").hidden = form.chosen.dataset !== contract.ownDataset;
  }

  function backToRecipe() {
    const { preset, dataset, images, seed } = form.chosen;
    const kept = Object.entries({ preset, dataset, images, seed, edition: contract.edition });
    form.chosen = Object.fromEntries(kept.filter(([, value]) => value !== undefined));
    changed();
  }

  /** Why no run can be started from what is chosen; "" where one can. */
  function trouble() {
    const { chosen } = form;
    const empty = Object.keys(chosen).find((name) => chosen[name] === null);
    if (empty) return words("form.empty", { label: fields.labelOf(empty) });
    const wrong = fields.unread(chosen);
    if (wrong) return fields.whyUnread(wrong);
    return chosen.dataset === contract.ownDataset && !form.own ? words("form.no-upload") : "";
  }

  let starting = false;
  /**
   * @param {(sentence: string) => void} [tell] why no run can be started
   * @param {() => Promise<void>} [begun] called before others are told of the run
   */
  async function startRun(tell = refuse, begun = async () => {}) {
    if (starting) return;
    const why = trouble();
    tell(why);
    if (why) return;
    starting = true;
    sayStart(words("form.starting"));
    const settings = settingsOf(form, fields.takesNumber);
    const answer = await orTold(server.ask("start", { settings }), tell);
    starting = false;
    sayStart(words("form.start"));
    if (!answer) return;
    sheet.close();
    await begun();
    emit("follow", { name: answer.run, said: answer.said });
    emit("started");
  }

  /** @param {string} label */
  function sayStart(label) {
    part("start-label").textContent = label;
    part("sheet-start").textContent = label;
  }

  /** @param {string} name */
  function useRecipe(name) {
    preset.value = name;
    choose("preset", name);
  }

  /** The next of the recipes that fail on purpose. */
  function chooseLesson() {
    const lessons = all("#train-preset optgroup option").map((option) => option.value);
    const next = lessons[(lessons.indexOf(form.chosen.preset) + 1) % lessons.length];
    useRecipe(next);
  }

  /** Fills the form with the settings of a run that is to be reproduced.
   * @param {import("./state.js").Chosen} settings */
  function fillWith(settings) {
    const isHere = fields.isOffered("dataset", settings.dataset);
    const { image_size, fit, ...others } = settings;
    form.chosen = isHere ? { ...settings } : { ...others, dataset: contract.ownDataset };
    changed();
    sheet.open();
    if (!isHere) refuse(words("form.not-ours"));
  }

  for (const [name, field] of Object.entries(fields.all)) {
    field.addEventListener(field.tagName === "SELECT" ? "change" : "input", () => {
      const value = fields.read(name);
      choose(name, value);
      if (name === "dataset") showOwn();
      if (name === "images" && typeof value === "number") slider.value = String(placeOf(value));
    });
    if (fields.takesNumber(name)) field.addEventListener("change", describe);
  }
  slider.addEventListener("input", () => {
    const images = imagesAt(Number(slider.value));
    fields.put("images", images);
    choose("images", images);
  });
  part("roll").addEventListener("click", () => {
    const seed = randomSeed();
    fields.put("seed", seed);
    choose("seed", seed);
  });
  part("back").addEventListener("click", backToRecipe);
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    startRun();
  });
  one("#train-fail").addEventListener("click", chooseLesson);
  one("#train-own").addEventListener("click", () => emit("mine"));
  for (const choice of all('[name="train-dataset-choice"]')) {
    choice.addEventListener("change", () => {
      dataset.value = choice.value;
      choose("dataset", choice.value);
      showOwn();
      if (choice.value === contract.ownDataset && !form.own) emit("mine");
    });
  }
  one("#train-settings").addEventListener("click", sheet.open);
  one("#train-data").addEventListener("click", sheet.open);
  on("settings", sheet.open);
  on("fill", ({ settings }) => fillWith(settings));
  on("run", describeSoon); // how long a run takes depends on what trains beside it

  state.recall();
  for (const [name, value] of Object.entries(form.chosen)) {
    if (fields.all[name] && value !== null) fields.put(name, value);
  }
  dataset.value = String(form.chosen.dataset ?? contract.firstDataset);
  showOwn();
  describe();
  own.recall();
}

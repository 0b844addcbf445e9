// @ts-check
// One's own pictures: a sheet of three steps, and the line in the form that says what is there.

import { orTold, Server } from "../../shared/server.js";
import { createSheetOf } from "../../shared/sheets.js";
import { emit, on } from "../../shared/signals.js";
import { words, wordsFor } from "../../shared/words.js";
import { createBringing } from "./own_bringing.js";
import { createLooking } from "./own_looking.js";
import { createStarting } from "./own_starting.js";
import { stayOf } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */
/** @typedef {import("./state.js").Upload} Upload */

const CHOOSE = 1;
const LOOK = 2;
const START = 3;

/**
 * @param {object} given
 * @param {import("../../shared/elements.js").Room} given.room
 * @param {ReturnType<typeof import("./state.js").createFormState>} given.state
 * @param {() => Promise<void>} given.describe asks the server what follows from what is chosen
 * @param {() => void} given.describeSoon
 * @param {() => void} given.accepted chooses what was sent
 * @param {(name: string) => void} given.useRecipe
 * @param {(tell: (sentence: string) => void, begun: () => Promise<void>) => Promise<void>} given.start
 *     begins a run, or tells why it does not
 */
export function createOwnPictures(given) {
  const { room, state, describe, describeSoon, accepted } = given;
  const { part, one, all } = room;
  const form = state.values;
  const server = new Server(words("pictures.not-sent"));
  /** @type {HTMLDialogElement} */
  const dialog = one("#own-sheet");
  // What was pressed last is told at once, not with what is pressed when it is open again.
  const sheet = createSheetOf(dialog, { closed: () => looking.flush() });
  let step = CHOOSE;
  let furthest = CHOOSE;
  /** @type {string[]} what is to be said of the files that this tab sent */
  let notesOnSent = [];

  const bringing = createBringing({
    room,
    server,
    form,
    describe,
    begins: () => {
      sheet.open();
      go(CHOOSE);
    },
    brought: async (found, notes) => {
      notesOnSent = notes;
      furthest = LOOK;
      accept(found);
      go(LOOK);
      await starting.suggest();
    },
  });
  const looking = createLooking({
    room,
    server,
    form,
    reread: async (way) => {
      const found = form.own && (await examine({ upload: form.own.id, ...way }, looking.say));
      if (found) accept(found);
      return Boolean(found);
    },
    changed: () => {
      showSummary();
      describeSoon();
    },
  });
  const starting = createStarting({
    ...given,
    server,
    form,
    start: async (tell) => {
      accepted(); // other data may have been chosen meanwhile
      await given.start(tell, close);
    },
  });

  /** Resolves when the focus is back where it came from. */
  function close() {
    const closed = new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(undefined), { once: true });
    });
    sheet.close();
    return /** @type {Promise<void>} */ (closed);
  }

  /** Shows one of the steps.
   * @param {number} to */
  function go(to) {
    const held = dialog.contains(document.activeElement);
    step = form.own ? to : CHOOSE;
    furthest = form.own ? Math.max(furthest, step, LOOK) : CHOOSE;
    for (const panel of all("[data-panel]")) panel.hidden = Number(panel.dataset.panel) !== step;
    for (const button of all("[data-to]")) {
      const number = Number(button.dataset.to);
      const isDone = number < furthest && number !== step;
      button.ariaCurrent = number === step ? "step" : null;
      button.disabled = number > CHOOSE && !form.own;
      button.classList.toggle("gm-done", isDone);
      button.querySelector("[data-done]").hidden = !isDone;
    }
    bringing.show();
    dialog.scrollTop = 0;
    // What was pressed may be gone with its step.
    if (held && !document.activeElement?.checkVisibility?.()) one(`[data-to="${step}"]`).focus();
  }

  async function goOn() {
    await looking.flush();
    const found = form.upload && (await examine(form.upload, looking.say));
    if (!found) {
      go(LOOK); // where the reason stands
      return;
    }
    accept(found);
    go(START);
    await starting.show();
  }

  /**
   * @param {Upload} upload
   * @param {(sentence: string) => void} say
   * @returns {Promise<Answer | null>} null after having said why it is of no use
   */
  const examine = (upload, say) => orTold(server.ask("examine", upload), say);

  /** @param {Answer} found */
  function accept(found) {
    const { id, size, conditional, fit } = found;
    form.own = found;
    form.upload = { upload: id, size, with_classes: conditional, fit };
    state.remember("upload");
    looking.show([...notesOnSent, ...found.notes]);
    showSummary();
    accepted();
  }

  /** The line in the form. */
  function showSummary() {
    const { own } = form;
    part("own-result").hidden = !own;
    part("own-open").textContent = own ? words("pictures.open-again") : words("pictures.open");
    if (!own) return;
    const fit = wordsFor(`pictures.fitted.${own.fit}`);
    part("own-preview").src = own.preview;
    part("own-read").textContent = words("pictures.summary", { ...own, stay: stayOf(own), fit });
  }

  function remove() {
    if (form.own) bringing.forget(form.own.id);
    form.own = form.upload = null;
    notesOnSent = [];
    state.remember("upload");
    showSummary();
    bringing.say("");
    go(CHOOSE);
    part("own-choose").focus();
    describe();
  }

  /** Shows what was sent before the page was loaded, if the server has it still. */
  async function recall() {
    if (!form.upload) return;
    const found = await examine(form.upload, bringing.say);
    if (found) {
      accept(found);
      go(LOOK);
      return;
    }
    form.upload = null;
    state.remember("upload");
  }

  for (const button of all("[data-to]")) {
    const to = Number(button.dataset.to);
    button.addEventListener("click", () => (to === START ? goOn() : go(to)));
  }
  part("own-look").addEventListener("click", () => go(LOOK));
  part("own-go-on").addEventListener("click", goOn);
  part("own-remove").addEventListener("click", remove);
  part("own-open").addEventListener("click", () => emit("mine"));
  on("mine", () => {
    go(bringing.isSending() ? CHOOSE : step);
    sheet.open();
    if (step === START) starting.show(); // another length may have been chosen meanwhile
  });
  go(CHOOSE);
  return { recall };
}

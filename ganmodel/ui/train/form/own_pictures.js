// @ts-check
// The visitor's own pictures: dropped or chosen, sent, and shown as the networks will see them.
import { words as allWords, fill } from "../../shared/contract.js";
import { showItems } from "../../shared/elements.js";
import { isAbort, orTold, Server } from "../../shared/server.js";
import { randomHex } from "../../shared/visitor.js";
import { counted, filesOf, pickedFrom, refuseTooMany, sortedOut } from "./picking.js";
import { Sending } from "./sending.js";

/** @typedef {import("./state.js").Answer} Answer */
/** @typedef {import("./state.js").Upload} Upload */
/** @typedef {import("./picking.js").Picking} Picking */

const words = allWords.form;
const FIRST_SIZE = 28; // pixels a side, before another is chosen
const NAMES_SHOWN = 12; // of classes

/**
 * @param {object} given
 * @param {import("../../shared/elements.js").Room} given.room
 * @param {ReturnType<typeof import("./state.js").createFormState>} given.state
 * @param {() => Promise<void>} given.describe asks the server what follows from what is chosen
 * @param {() => void} given.accepted chooses what was sent
 */
export function createOwnPictures({ room, state, describe, accepted }) {
  const { part } = room;
  const form = state.values;
  const server = new Server(words.NOT_SENT);
  const drop = room.one("#own-drop");
  const input = drop.querySelector('input[type="file"]');
  /** @type {Map<string, string[]>} uploads that this tab sent, and what is to be said of each */
  const sentHere = new Map();
  /** @type {Sending | null} */
  let sending = null;

  /** @param {string} sentence */
  const say = (sentence) => {
    part("own-said").textContent = sentence;
  };

  /** @param {Promise<Picking> | Picking} picking the files: finding those in folders takes time */
  async function send(picking) {
    if (sending) {
      say(words.STILL_SENDING);
      return;
    }
    const upload = randomHex(8);
    sending = new Sending(upload, showShare);
    /** @type {string[]} */
    const notes = [];
    say("");
    showShare(0);
    part("own-sending").hidden = false;
    try {
      const found = await sent(sending, await picking, notes);
      if (form.own && sentHere.has(form.own.id)) forget(form.own.id);
      sentHere.set(upload, notes);
      accept(found);
    } catch (error) {
      forget(upload);
      const why = /** @type {Error} */ (error).message;
      say(isAbort(error) ? words.CANCELLED : [why, ...notes].join(" "));
    } finally {
      sending = null;
      part("own-sending").hidden = true;
      input.value = "";
    }
  }

  /**
   * What the server found in files that are sent to it.
   * @param {Sending} one
   * @param {Picking} picking
   * @param {string[]} notes gets what is to be said of files that were left out
   */
  async function sent(one, { files, empty = [], unread = [] }, notes) {
    refuseTooMany(files);
    const { sent, others } = sortedOut(files);
    notes.push(
      ...counted(words.LEFT_OUT, others),
      ...counted(words.CANT_READ, unread),
      ...counted(words.EMPTY_FOLDERS, empty),
    );
    const unopened = await one.send(sent);
    notes.unshift(...counted(words.UNOPENED, unopened));
    if (sent.length === unopened.length) throw new Error(words.NOTHING_TO_SEND);
    part("own-doing").textContent = words.READING;
    await describe(); // tells whether the recipe learns by class
    const size = form.own?.size ?? FIRST_SIZE;
    const asked = form.described?.by_class ? null : false;
    const found = await server.ask("examine", { upload: one.upload, size, with_classes: asked });
    one.refuseCancelled();
    return found;
  }

  /** @param {number} share */
  function showShare(share) {
    const shown = Math.round(100 * Math.min(1, share));
    part("own-doing").textContent = fill(words.SENDING, { share: shown });
    part("own-bar").value = shown;
  }

  /** Tells the server that an upload is no longer needed; it would find out by itself, only later.
   * @param {string} upload */
  const forget = (upload) => orTold(server.ask("forget", { upload }), () => {});

  /** @param {Upload} upload
   * @returns {Promise<Answer | null>} null after having said why it is of no use */
  const examine = (upload) => orTold(server.ask("examine", upload), say);

  /** @param {Answer} found */
  function accept(found) {
    form.own = found;
    form.upload = { upload: found.id, size: found.size, with_classes: found.conditional };
    state.remember("upload");
    show(found);
    accepted();
  }

  /** @param {Answer} found */
  function show(found) {
    const { count, name, size, classes } = found;
    const kind = found.colour ? words.COLOUR : words.GREY;
    part("own-result").hidden = false;
    part("own-preview").src = found.preview;
    part("own-read").textContent = fill(words.READ, { count, name, kind, size });
    const names = classes.slice(0, NAMES_SHOWN).join(", ");
    const named = fill(words.CLASSES, { count: classes.length, names });
    part("own-class-names").textContent = classes.length ? named : "";
    showItems(part("own-notes"), [...found.notes, ...(sentHere.get(found.id) ?? [])]);
    showChoices(found);
  }

  /** @param {Answer} found */
  function showChoices({ size, conditional }) {
    part("own-size").value = size;
    part("own-classes").checked = conditional;
  }

  async function readAgain() {
    const { own } = form;
    if (!own) return;
    const size = Number(part("own-size").value);
    const with_classes = part("own-classes").checked;
    const found = await examine({ upload: own.id, size, with_classes });
    if (found) {
      say("");
      accept(found);
    } else showChoices(own); // what was there stays
  }

  function remove() {
    if (form.own) forget(form.own.id);
    form.own = form.upload = null;
    state.remember("upload");
    part("own-result").hidden = true;
    part("own-read").textContent = "";
    say("");
    describe();
  }

  /** Shows what was sent before the page was loaded, if the server has it still. */
  async function recall() {
    if (!form.upload) return;
    const found = await examine(form.upload);
    if (found) {
      accept(found);
      return;
    }
    form.upload = null;
    state.remember("upload");
  }

  for (const choice of ["own-size", "own-classes"]) {
    part(choice).addEventListener("change", readAgain);
  }
  part("own-remove").addEventListener("click", remove);
  part("own-cancel").addEventListener("click", () => sending?.cancel());
  input.addEventListener("change", () => {
    if (input.files.length) send({ files: pickedFrom(input.files) });
  });
  takeDrops(room, drop, (transfer) => send(filesOf(transfer)));
  return { recall };
}

/**
 * Takes files that are dropped anywhere on the form while the field for them is there: nobody aims
 * well with 300 pictures.
 * @param {import("../../shared/elements.js").Room} room
 * @param {HTMLElement} field
 * @param {(transfer: DataTransfer) => void} take
 */
function takeDrops({ element, part }, field, take) {
  /** @param {DragEvent} event */
  const filesIn = ({ dataTransfer }) =>
    !part("own").hidden && dataTransfer?.types.includes("Files") ? dataTransfer : null;
  for (const kind of /** @type {const} */ (["dragenter", "dragover"])) {
    element.addEventListener(kind, (event) => {
      if (!filesIn(event)) return;
      event.preventDefault();
      field.classList.add("gm-over");
    });
  }
  element.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!element.contains(/** @type {Node | null} */ (relatedTarget))) {
      field.classList.remove("gm-over");
    }
  });
  element.addEventListener("drop", (event) => {
    const files = filesIn(event);
    if (!files) return;
    event.preventDefault();
    field.classList.remove("gm-over");
    take(files);
  });
}

// @ts-check
// The first step: one's own pictures are dropped or chosen, made small, and sent.

import { contract } from "../../shared/contract.js";
import { isAbort, orTold } from "../../shared/server.js";
import { randomHex } from "../../shared/visitor.js";
import { words } from "../../shared/words.js";
import { counted, filesOf, pickedFrom, refuseTooMany, sortedOut } from "./picking.js";
import { Sending } from "./sending.js";

/** @typedef {import("./state.js").Answer} Answer */
/** @typedef {import("./picking.js").Picking} Picking */

const FIRST_SIZE = 28; // pixels a side, before another is chosen
const FIRST_FIT = "crop";

/**
 * @param {object} given
 * @param {import("../../shared/elements.js").Room} given.room
 * @param {import("../../shared/server.js").Server} given.server
 * @param {import("./state.js").Form} given.form
 * @param {() => Promise<void>} given.describe asks the server what follows from what is chosen
 * @param {() => void} given.begins files are on their way
 * @param {(found: Answer, notes: string[]) => void} given.brought
 */
export function createBringing({ room, server, form, describe, begins, brought }) {
  const { part, one } = room;
  /** @type {HTMLElement} */
  const drop = one("#own-drop");
  const input = one('#own-drop input[type="file"]');
  const choose = part("own-choose");
  const [last, ...names] = contract.readFormats.toReversed();
  const formats = { id: "joins.or", values: { names: names.toReversed(), last } };
  const hint = words("pictures.drop-hint", { formats, least: contract.leastImages });
  part("own-drop-hint").textContent = hint;
  /** @type {Sending | null} */
  let sending = null;

  /** @param {string} sentence */
  const say = (sentence) => {
    part("own-said").textContent = sentence;
  };

  /** @param {Promise<Picking> | Picking} picking the files: finding those in folders takes time */
  async function send(picking) {
    begins();
    if (sending) {
      say(words("pictures.still-sending"));
      return;
    }
    const upload = randomHex(8);
    sending = new Sending(upload, showShare);
    /** @type {string[]} */
    const notes = [];
    say("");
    showShare(0);
    showSending(true);
    try {
      const found = await sent(sending, await picking, notes);
      if (form.own) forget(form.own.id);
      sending = null;
      showSending(false);
      brought(found, notes);
    } catch (error) {
      forget(upload);
      const why = /** @type {Error} */ (error).message;
      say(isAbort(error) ? words("pictures.cancelled") : [why, ...notes].join(" "));
    } finally {
      sending = null;
      showSending(false);
      input.value = "";
    }
  }

  /** @param {boolean} isSending */
  function showSending(isSending) {
    part("own-sending").hidden = !isSending;
    drop.hidden = isSending;
    part("own-held").hidden = isSending || !form.own;
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
      ...counted("pictures.left-out", others),
      ...counted("pictures.cant-read", unread),
      ...counted("pictures.empty-folders", empty),
    );
    const unopened = await one.send(sent);
    notes.unshift(...counted("pictures.unopened", unopened));
    if (sent.length === unopened.length) throw new Error(words("pictures.nothing-to-send"));
    part("own-doing").textContent = words("pictures.reading");
    await describe(); // tells whether the recipe learns by class
    const size = form.own?.size ?? FIRST_SIZE;
    const fit = form.own?.fit ?? FIRST_FIT;
    const with_classes = form.described?.by_class ? null : false;
    const found = await server.ask("examine", { upload: one.upload, size, fit, with_classes });
    one.refuseCancelled();
    return found;
  }

  /** @param {number} share */
  function showShare(share) {
    const shown = Math.round(100 * Math.min(1, share));
    part("own-doing").textContent = words("pictures.sending", { share: shown });
    part("own-bar").value = shown;
  }

  /** Tells the server that an upload is no longer needed; it would find out by itself, only later.
   * @param {string} upload */
  const forget = (upload) => orTold(server.ask("forget", { upload }), () => {});

  /** Shows whether there are pictures. */
  function show() {
    const { own } = form;
    part("own-held").hidden = !own || sending !== null;
    if (own) part("own-held-said").textContent = words("pictures.held", own);
    choose.classList.toggle("gm-strong", !own); // one filled button on the screen
    choose.textContent = own ? words("pictures.choose-others") : words("pictures.choose");
  }

  choose.addEventListener("click", () => input.click());
  part("own-cancel").addEventListener("click", () => sending?.cancel());
  input.addEventListener("change", () => {
    if (input.files.length) send({ files: pickedFrom(input.files) });
  });
  takeDrops(room.element, drop, (transfer) => send(filesOf(transfer)));
  return { show, say, forget, isSending: () => sending !== null };
}

/**
 * Takes files that are dropped anywhere on the form or its sheet: nobody aims well with 300
 * pictures.
 * @param {HTMLElement} element
 * @param {HTMLElement} field
 * @param {(transfer: DataTransfer) => void} take
 */
function takeDrops(element, field, take) {
  /** @param {DragEvent} event */
  const filesIn = ({ dataTransfer }) =>
    dataTransfer?.types.includes("Files") ? dataTransfer : null;
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

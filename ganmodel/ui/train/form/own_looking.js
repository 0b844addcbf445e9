// @ts-check
// The second step: the contact sheet, how pictures become squares, their size, and their classes.

import { setText, showItems } from "../../shared/elements.js";
import { words } from "../../shared/words.js";
import { createCells } from "./own_cells.js";
import { createLeaving } from "./own_leaving.js";
import { stayOf } from "./state.js";

/** @typedef {{ size: number, fit: string, with_classes: boolean }} Way */

const NAMES_SHOWN = 12; // of classes

/**
 * @param {object} given
 * @param {import("../../shared/elements.js").Room} given.room
 * @param {import("../../shared/server.js").Server} given.server
 * @param {import("./state.js").Form} given.form
 * @param {(way: Way) => Promise<boolean>} given.reread the upload in another way; false where that
 *     was refused
 * @param {() => void} given.changed which stay is another
 */
export function createLooking({ room, server, form, reread, changed }) {
  const { part, all } = room;
  const copiesButton = part("own-copies");
  const backButton = part("own-back");
  const leaving = createLeaving({ server, form, changed: showCounts, say });
  const cells = createCells({ room, server, form, isOut: leaving.isOut, toggle, say });

  /** @param {string} sentence */
  function say(sentence) {
    setText(part("own-look-said"), sentence);
  }

  /** @param {number} index */
  function toggle(index) {
    leaving.leave([index], !leaving.isOut(index));
  }

  /** @returns {HTMLInputElement} the chosen one of some radio buttons
   * @param {string} name */
  const chosen = (name) => room.one(`[name="${name}"]:checked`);

  /** Shows what the server found.
   * @param {string[]} notes what else is to be said of it */
  function show(notes) {
    const { own } = form;
    if (!own) return;
    const { count, name, classes } = own;
    leaving.begin();
    say("");
    const kind = own.colour ? words("pictures.colour") : words("pictures.grey");
    setText(part("own-found"), words("pictures.read", { count, name, kind }));
    showItems(part("own-notes"), notes);
    const isOblong = Object.keys(own.examples).length > 0;
    part("own-fits").hidden = !isOblong;
    part("own-squares").hidden = isOblong;
    for (const image of all("[data-fit]")) image.src = own.examples[image.dataset.fit] ?? "";
    const names = classes.slice(0, NAMES_SHOWN).join(", ");
    const named = words("pictures.classes", { count: classes.length, names });
    setText(part("own-class-names"), classes.length ? named : "");
    part("own-folders").hidden = own.folders < 2 && !own.conditional;
    showWay();
    cells.show();
    showCounts();
  }

  function showWay() {
    const { own } = form;
    if (!own) return;
    const values = { "own-fit": own.fit, "own-size": String(own.size) };
    for (const [name, value] of Object.entries(values)) {
      for (const radio of all(`[name="${name}"]`)) radio.checked = radio.value === value;
    }
    part("own-classes").checked = own.conditional;
  }

  function showCounts() {
    const { own } = form;
    if (!own) return;
    const stay = stayOf(own);
    setText(part("own-stay"), words("pictures.stay", { stay, count: own.count }));
    setText(part("own-go-on"), words("pictures.go-on", { stay }));
    const copies = copiesIn();
    copiesButton.hidden = !copies.length;
    setText(copiesButton, words("pictures.leave-copies", { count: copies.length }));
    backButton.hidden = stay === own.count;
    cells.update();
    changed();
  }

  /** The duplicates that are not left out yet. */
  const copiesIn = () =>
    form.own?.copies.filter((/** @type {number} */ index) => !leaving.isOut(index)) ?? [];

  async function read() {
    const size = Number(chosen("own-size").value);
    const fit = chosen("own-fit").value;
    const with_classes = part("own-classes").checked;
    await leaving.flush();
    if (!(await reread({ size, fit, with_classes }))) showWay(); // what was there stays
  }

  for (const control of [...all('[name="own-fit"], [name="own-size"]'), part("own-classes")]) {
    control.addEventListener("change", read);
  }
  // A button that goes gives the focus to what stays.
  copiesButton.addEventListener("click", () => {
    leaving.leave(copiesIn(), true);
    backButton.focus();
  });
  backButton.addEventListener("click", () => {
    leaving.leave(form.own?.left_out ?? [], false);
    (copiesButton.hidden ? part("own-go-on") : copiesButton).focus();
  });
  return { show, say, flush: leaving.flush };
}

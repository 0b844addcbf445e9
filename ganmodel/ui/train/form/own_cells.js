// @ts-check
// The contact sheet: every picture a button that leaves it out, some hundred at a time, each hundred
// cut from one picture of the server's.
import { contract } from "../../shared/contract.js";
import { icon, make } from "../../shared/elements.js";
import { orTold } from "../../shared/server.js";
import { words } from "../../shared/words.js";

const NEAR = "600px"; // below what is seen, for more to be fetched already

/**
 * @param {object} given
 * @param {import("../../shared/elements.js").Room} given.room
 * @param {import("../../shared/server.js").Server} given.server
 * @param {import("./state.js").Form} given.form
 * @param {(index: number) => boolean} given.isOut
 * @param {(index: number) => void} given.toggle
 * @param {(sentence: string) => void} given.say
 */
export function createCells({ room, server, form, isOut, toggle, say }) {
  const { part, one } = room;
  /** @type {HTMLElement} */
  const cells = part("own-cells");
  const more = part("own-show-more");
  /** @type {HTMLElement[]} of a contact sheet each, in order */
  let groups = [];
  let shown = ""; // which pictures are shown, in which order
  /** @type {Set<number>} */
  let copies = new Set();

  const all = () => /** @type {HTMLElement[]} */ ([...cells.querySelectorAll("button")]);
  const isWhole = () => groups.length * contract.contactSheet >= (form.own?.count ?? 0);

  /** Shows what the server found; the same pictures made squares in another way stay in place. */
  function show() {
    const { own } = form;
    if (!own) return;
    copies = new Set(own.copies);
    one("#own-sheet").style.setProperty("--own-pixels", String(own.size));
    cells.style.setProperty("--own-columns", String(contract.contactColumns));
    const now = JSON.stringify([own.id, own.count, own.conditional]);
    if (now === shown) {
      for (const group of groups) paint(group);
      update();
      return;
    }
    shown = now;
    for (const group of groups) URL.revokeObjectURL(group.dataset.address ?? "");
    groups = [];
    cells.replaceChildren();
    addGroup();
  }

  function addGroup() {
    const { own } = form;
    if (!own || isWhole()) return;
    const first = groups.length * contract.contactSheet;
    const count = Math.min(contract.contactSheet, own.count - first);
    const group = make("div", { className: "gm-own-group", data: { first } });
    group.append(...Array.from({ length: count }, (_, k) => cell(first + k, k)));
    groups.push(group);
    cells.append(group);
    paint(group);
    update();
  }

  /**
   * @param {number} index
   * @param {number} k its place on the sheet
   */
  function cell(index, k) {
    const picture = make("span", { className: "gm-own-picture" });
    picture.style.setProperty("--own-column", String(k % contract.contactColumns));
    picture.style.setProperty("--own-row", String(Math.floor(k / contract.contactColumns)));
    return make(
      "button",
      { type: "button", className: "gm-bare", tabIndex: index ? -1 : 0, data: { index } },
      picture,
    );
  }

  /** Fetches a group's picture.
   * @param {HTMLElement} group */
  async function paint(group) {
    const asked = { ...form.upload, first: Number(group.dataset.first) };
    const way = JSON.stringify(asked);
    if (group.dataset.way === way) return;
    group.dataset.way = way;
    const question = /** @type {import("#routes").ContactSheet} */ (asked);
    const answer = await orTold(server.file("contact_sheet", question), say);
    if (!answer) delete group.dataset.way; // so that it is asked for anew
    if (!answer || group.dataset.way !== way) return;
    const old = group.dataset.address;
    const address = URL.createObjectURL(await answer.blob());
    group.style.setProperty("--own-sheet", `url("${address}")`);
    group.dataset.address = address;
    if (old) URL.revokeObjectURL(old);
  }

  /** Shows which pictures are left out and which are duplicates. */
  function update() {
    for (const button of all()) {
      const index = Number(button.dataset.index);
      const out = isOut(index);
      const copy = copies.has(index);
      const marks = `${out}${copy}`;
      if (button.dataset.marks === marks) continue;
      button.dataset.marks = marks;
      const name = words("pictures.picture", { n: index + 1, count: form.own?.count ?? 0 });
      button.ariaLabel = [
        name,
        out && words("pictures.picture-out"),
        copy && words("pictures.picture-copy"),
      ]
        .filter(Boolean)
        .join(", ");
      button.ariaPressed = String(out);
      const picture = /** @type {Node} */ (button.firstChild);
      const badge = copy
        ? [make("span", { className: "gm-own-copy" }, words("pictures.copy"))]
        : [];
      button.replaceChildren(picture, ...badge, ...(out ? [icon("cross")] : []));
    }
    more.hidden = isWhole();
  }

  /** Moves the one stop for the tab key.
   * @param {HTMLElement} to */
  function stopAt(to) {
    for (const button of cells.querySelectorAll('[tabindex="0"]')) {
      /** @type {HTMLElement} */ (button).tabIndex = -1;
    }
    to.tabIndex = 0;
  }

  cells.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (!button) return;
    stopAt(button);
    toggle(Number(button.dataset.index));
  });
  cells.addEventListener("keydown", (event) => {
    const buttons = all();
    const here = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const below = buttons.findIndex((one) => one.offsetTop > buttons[0].offsetTop);
    const columns = below > 0 ? below : buttons.length;
    /** @type {Record<string, number>} */
    const places = {
      ArrowRight: here + 1,
      ArrowLeft: here - 1,
      ArrowDown: here + columns,
      ArrowUp: here - columns,
      Home: 0,
      End: buttons.length - 1,
    };
    if (here < 0 || places[event.key] === undefined) return;
    event.preventDefault();
    const next = buttons[places[event.key]];
    if (!next) return;
    stopAt(next);
    next.focus();
  });
  more.addEventListener("click", addGroup);
  new IntersectionObserver(
    (seen) => {
      if (seen.some((entry) => entry.isIntersecting)) addGroup();
    },
    { root: one("#own-sheet"), rootMargin: `0px 0px ${NEAR} 0px` },
  ).observe(more);

  return { show, update };
}

// @ts-check
// What can be done with a run: renamed, downloaded, reproduced, shared, resumed, deleted and brought
// back for a while.
import { forOthers } from "../shared/address.js";
import { contract } from "../shared/contract.js";
import { saveFrom } from "../shared/download.js";
import { make, press } from "../shared/elements.js";
import { orTold } from "../shared/server.js";
import { emit, on } from "../shared/signals.js";
import { words } from "../shared/words.js";

/** @typedef {import("./run_list.js").Card} Card */
/** @template {import("../shared/server.js").Route} R
 * @typedef {import("../shared/server.js").Question<R>} Question */

const UNDO_FOR = 10000; // milliseconds

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("../shared/server.js").Server} given.server
 * @param {(said: import("../shared/words.js").Words) => void} given.say
 * @param {(card: Card) => void} given.open shows a run
 * @param {() => void} given.close closes the drawer
 * @param {() => void} given.refresh draws the cards anew
 */
export function createCardMenu({ room, server, say, open, close, refresh }) {
  const undo = room.part("drawer-undo");
  let renaming = false;
  let shownRun = "";
  /** @type {string | null} */
  let deleted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let undoClock;
  on("run", ({ name }) => {
    shownRun = name;
  });

  /**
   * @template {import("../shared/server.js").Route} R
   * @param {R} route
   * @param {Card} card
   * @param {Omit<Question<R>, "run">} [more]
   */
  function ask(route, card, more) {
    const question = /** @type {Question<R>} */ ({ run: card.name, ...more });
    return orTold(server.ask(route, question), say);
  }

  /** @param {Card} card */
  function of(card) {
    /** @type {[string, () => unknown][]} */
    const actions = [];
    if (!card.trouble) {
      actions.push([words("drawer.rename"), () => rename(card)]);
      if (card.has_weights)
        actions.push([words("drawer.weights"), () => download(card, "weights")]);
      actions.push([words("drawer.zip"), () => download(card, "zip")]);
      actions.push([words("drawer.reproduce"), () => reproduce(card)]);
      actions.push([words("drawer.link"), () => share(card)]);
      if (card.resumable) actions.push([words("drawer.resume"), () => resume(card)]);
    }
    if (!card.living) actions.push([words("drawer.delete"), () => remove(card)]);
    const items = actions.map(([text, action]) =>
      press(
        text,
        () => {
          menu.open = false;
          action();
        },
        { data: { key: `${card.name}/${text}` } },
      ),
    );
    const label = words("drawer.menu-label", { title: card.title });
    const data = { key: `${card.name}/menu` };
    const menu = make(
      "details",
      {},
      make("summary", { className: "gm-button", data, aria: { label } }, words("drawer.menu")),
      make("div", { className: "gm-menu" }, ...items),
    );
    menu.addEventListener("toggle", () => {
      if (!menu.open) return;
      for (const other of openMenus()) if (other !== menu) other.open = false;
    });
    return menu;
  }

  /** @returns {HTMLDetailsElement[]} */
  const openMenus = () => room.all(".gm-card details[open]");

  /** @param {Card} card */
  async function resume(card) {
    if (await ask("resume", card)) open(card);
  }

  /** @param {Card} card */
  function rename(card) {
    const box = room.all(".gm-card").find((one) => one.dataset.run === card.name);
    const title = box?.querySelector("b");
    if (!title) return;
    const input = make("input", {
      value: card.title,
      maxLength: contract.longestTitle,
      aria: { label: words("drawer.rename-label") },
    });
    const save = make("button", { type: "submit" }, words("drawer.save"));
    const form = make("form", { className: "gm-rename" }, input, save);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const done = await ask("rename", card, { title: input.value });
      if (!done) {
        input.focus();
        return;
      }
      say(done.said);
      endRename();
      refresh();
      if (shownRun === card.name) emit("follow", { name: card.name });
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      endRename();
      refresh();
    });
    renaming = true;
    title.replaceWith(form);
    input.select();
  }

  function endRename() {
    renaming = false;
  }

  /**
   * @param {Card} card
   * @param {"weights" | "zip"} what
   */
  async function download(card, what) {
    const offered = await ask("download", card, { what });
    if (offered) saveFrom(offered);
  }

  /** @param {Card} card */
  async function reproduce(card) {
    const found = await ask("reproduce", card);
    if (!found) return;
    close();
    emit("fill", found);
  }

  /** @param {Card} card */
  async function share(card) {
    const made = await ask("link", card);
    if (!made) return;
    const { base, reaches } = forOthers();
    const address = new URL(base);
    address.searchParams.set("run", card.name);
    address.searchParams.set("key", made.key);
    // Where strangers share a machine, a link shows first what costs it least.
    if (contract.mode === "hosted") {
      address.hash = `#play&weights=${contract.runPrefix}${card.name}`;
    }
    const said = reaches ? [made.said] : [made.said, words("drawer.only-here")];
    try {
      await navigator.clipboard.writeText(address.href);
      say([words("drawer.link-copied"), ...said]);
    } catch {
      say([...said, address.href]);
    }
    room.one("#runs-drawer").dataset.link = address.href;
  }

  /** @param {Card} card */
  async function remove(card) {
    const done = await ask("delete", card);
    if (!done) return;
    deleted = card.name;
    say(done.said);
    undo.hidden = false;
    undo.focus();
    clearTimeout(undoClock);
    undoClock = setTimeout(forgetDeleted, UNDO_FOR);
    if (shownRun === card.name) emit("forget");
    refresh();
  }

  function forgetDeleted() {
    clearTimeout(undoClock);
    deleted = null;
    undo.hidden = true;
  }

  undo.addEventListener("click", async () => {
    const run = deleted ?? "";
    forgetDeleted();
    const done = await orTold(server.ask("undo", { run }), say);
    if (done) say(done.said);
    refresh();
  });

  /** Whether a menu is open or a name is being changed. */
  const isInUse = () => renaming || openMenus().length > 0;

  return { of, endRename, isInUse };
}

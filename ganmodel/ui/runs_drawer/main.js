// @ts-check
// The page's head: it opens the drawer of runs, shows a class's address, and changes the theme.
import { onlyHere } from "../shared/address.js";
import { contract } from "../shared/contract.js";
import { setText, within } from "../shared/elements.js";
import { orTold, Server } from "../shared/server.js";
import { createSheetOf } from "../shared/sheets.js";
import { on } from "../shared/signals.js";
import { toggleTheme } from "../shared/theme.js";
import { words } from "../shared/words.js";
import { createComparison } from "./comparison.js";
import { createRunList } from "./run_list.js";

const LOOK_EVERY = 3000; // milliseconds

/** @param {HTMLElement} element */
export function start(element) {
  const room = within(element);
  const server = new Server(words("drawer.no-answer"));
  /** @type {HTMLDialogElement} */
  const drawer = room.one("#runs-drawer");
  const sheet = createSheetOf(drawer, { opened: lookIn, closed: () => list.closed() });
  /** @type {HTMLButtonElement} */
  const opener = room.one("#runs-open");
  /** @param {import("../shared/words.js").Words} said */
  const say = (said) => setText(room.part("drawer-said").firstElementChild, said);
  const list = createRunList({ room, server, say, close: sheet.close, showCount });
  const comparison = createComparison({ room, server, say, ticked: list.ticked });

  /** @param {number} count */
  function showCount(count) {
    setText(room.part("runs-count"), count ? String(count) : "");
  }

  function lookIn() {
    say("");
    comparison.close();
    list.refresh();
  }

  async function count() {
    const found = await orTold(server.ask("runs", { count: true }), say);
    if (found) showCount(found.count);
  }

  opener.addEventListener("click", sheet.open);
  on("list", sheet.open);
  on("runs", () => {
    if (drawer.open) list.refresh();
    else count();
  });
  setInterval(() => {
    if (drawer.open && !document.hidden && !comparison.isOpen()) list.refresh();
  }, LOOK_EVERY);
  room.one("#theme-toggle").addEventListener("click", toggleTheme);
  showClass(room);
  count();
}

/** A class's address and QR code, where the page serves one.
 * @param {import("../shared/elements.js").Room} room */
function showClass({ one, part }) {
  const { group } = contract;
  if (!group) return;
  const { address, qr } = /** @type {{ address: string, qr: string }} */ (group);
  const opener = one("#class-open");
  const sheet = createSheetOf(one("#class-dialog"));
  part("class-here").hidden = !onlyHere(address);
  part("class-qr").src = qr;
  part("class-address").textContent = address;
  opener.hidden = false;
  opener.addEventListener("click", sheet.open);
}

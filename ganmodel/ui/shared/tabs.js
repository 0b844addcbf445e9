// @ts-check
// The page's tabs: opened by scripts and addresses, and the browser's Back and Forward between them.

import { setText } from "./elements.js";
import { note, onReturn, shown } from "./history.js";
import { emit } from "./signals.js";
import { wordsFor } from "./words.js";

const TABS = '#page-tabs > .tab-wrapper [role="tab"]';
const FIRST = ".gm-first [role=tab]"; // until Gradio's page is there, see early.js
const PLAYGROUND = "#play&"; // an address's hash that opens that tab, which reads it once it is built

const tabs = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(TABS)]);
/** @param {HTMLElement} tab */
const nameOf = (tab) => tab.dataset.tabId ?? "";
const selected = () => tabs().find((tab) => tab.ariaSelected === "true");

/** The name of the tab to open once Gradio has built them; "" for none. */
let later = "";

/**
 * Opens a tab, at the latest when there is one.
 * @param {string} name
 */
export function openTab(name) {
  const wanted = tabs().find((tab) => nameOf(tab) === name);
  later = wanted ? "" : name;
  wanted?.click();
}

/** Opens the Playground where the address is one of it. */
function followAddress() {
  if (location.hash.startsWith(PLAYGROUND)) openTab("playground");
}

/** @type {import("./signals.js").Signals["explore"] | null} */
let wanted = null;

/** What was asked of the Playground before it was built, once. */
export function takeWanted() {
  const asked = wanted;
  wanted = null;
  return asked;
}

/** In the visitor's language, for good: Gradio builds them in that of the server, and again as their
 * room changes. It measures a copy. */
function nameTabs() {
  /** @type {NodeListOf<HTMLElement>} */
  const copies = document.querySelectorAll("#page-tabs > .tab-wrapper > [aria-hidden] > button");
  tabs().forEach((tab, index) => {
    for (const one of [tab, copies[index]]) setText(one, wordsFor(`page.tabs.${nameOf(tab)}`));
  });
}

/** Keeps a history of tabs. What stands in the address, each tab writes itself. */
export function keepHistory() {
  // The first entry, so that Back from a link that was followed by hand leads to it.
  if (shown().tab === undefined && !location.hash.startsWith(PLAYGROUND)) note({ tab: "train" });
  let going = false; // through the history: an entry is there already

  // Before the tabs themselves hear of it, so that each writes its address into its own entry.
  document.addEventListener(
    "click",
    (event) => {
      const target = /** @type {Element | null} */ (event.target);
      const tab = /** @type {HTMLElement | null} */ (target?.closest?.(TABS));
      const before = selected();
      if (!tab || going || !before || tab === before) return;
      const byLink = shown().tab === undefined && location.hash.startsWith(PLAYGROUND);
      if (byLink) {
        note({ tab: nameOf(tab) });
        return;
      }
      note({ tab: nameOf(before) });
      history.pushState({ tab: nameOf(tab) }, "");
    },
    true,
  );

  onReturn(({ tab }) => {
    if (tab === undefined) return;
    going = true;
    openTab(tab);
    going = false;
  });
  window.addEventListener("hashchange", followAddress);

  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(FIRST))) {
    tab.addEventListener("click", () => openTab(nameOf(tab)));
  }
  window.addEventListener("ganmodel-whole", () => {
    nameTabs();
    const built = /** @type {Node} */ (document.querySelector("#page-tabs > .tab-wrapper"));
    new MutationObserver(nameTabs).observe(built, { childList: true, subtree: true });
    if (later) openTab(later);
  });
  followAddress();
}

/**
 * Draws with a generator in the Playground, whether or not that tab has been built yet.
 * @param {string} generator
 * @param {number | null} [seed] becomes the first stop
 * @param {number | null} [moment] images seen by its weights; null: the newest
 */
export function explore(generator, seed = null, moment = null) {
  wanted = { generator, seed, moment };
  openTab("playground");
  emit("explore", wanted);
}

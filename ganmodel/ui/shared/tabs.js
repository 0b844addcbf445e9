// @ts-check
// The page's tabs: opened by scripts and addresses, and the browser's Back and Forward between them.
import { note, onReturn, shown } from "./history.js";
import { emit } from "./signals.js";

const TABS = '#page-tabs > .tab-wrapper [role="tab"]';
const PLAYGROUND = "#play&"; // an address's hash that opens that tab, which reads it once it is built

const tabs = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(TABS)]);
/** @param {HTMLElement} tab */
const titleOf = (tab) => tab.textContent?.trim() ?? "";
const selected = () => tabs().find((tab) => tab.ariaSelected === "true");

/** The title of the tab to open once Gradio has built them; "" for none. */
let later = "";

/**
 * Opens the tab of that title, at the latest when there is one.
 * @param {string} title
 */
export function openTab(title) {
  const wanted = tabs().find((tab) => titleOf(tab) === title);
  later = wanted ? "" : title;
  wanted?.click();
}

/** Opens the Playground where the address is one of it. */
function followAddress() {
  if (location.hash.startsWith(PLAYGROUND)) openTab("Playground");
}

/** @type {import("./signals.js").Signals["explore"] | null} */
let wanted = null;

/** What was asked of the Playground before it was built, once. */
export function takeWanted() {
  const asked = wanted;
  wanted = null;
  return asked;
}

/** Keeps a history of tabs. What stands in the address, each tab writes itself. */
export function keepHistory() {
  // The first entry, so that Back from a link that was followed by hand leads to it.
  if (shown().tab === undefined && !location.hash.startsWith(PLAYGROUND)) note({ tab: "Train" });
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
        note({ tab: titleOf(tab) });
        return;
      }
      note({ tab: titleOf(before) });
      history.pushState({ tab: titleOf(tab) }, "");
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

  // Until Gradio's page is there, see early.js.
  const first = document.querySelector(".gm-first [role=tablist]");
  first?.addEventListener("click", ({ target }) => {
    const tab = /** @type {HTMLElement} */ (target).closest("button");
    if (tab) openTab(titleOf(tab));
  });
  window.addEventListener("ganmodel-whole", () => {
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
  openTab("Playground");
  emit("explore", wanted);
}

// @ts-check
// `window.ganmodel`, the page's one global: for whoever drives it from outside, such as a browser's
// console, a test or a benchmark. The page itself never reads it.
import { emit, on } from "./signals.js";
import { browser, tab } from "./storage.js";
import { explore } from "./tabs.js";
import { isDark, toggleTheme } from "./theme.js";
import { token } from "./visitor.js";

let run = "";

export function installHook() {
  on("run", ({ name }) => {
    run = name;
  });
  on("forget", () => {
    run = "";
  });
  Object.assign(window, {
    ganmodel: {
      /** The name of the run that is shown; "" for a bundled one. */
      run: () => run,
      /** Shows a run of this browser's. */
      follow: (/** @type {string} */ name) => emit("follow", { name }),
      /** Draws with a generator in the Playground. */
      explore,
      /** The secret that makes this browser's runs its own. */
      token,
      /** Remembers a text for all tabs of this browser, as the page does. */
      set: browser.set,
      /** What the page remembers for this tab. */
      tab,
      isDark,
      toggleTheme,
    },
  });
}

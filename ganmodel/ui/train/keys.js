// @ts-check
// Keys that work wherever nothing else takes them: space pauses and resumes, arrows move through time.

const TAKES_KEYS = [
  "input",
  "textarea",
  "select",
  "button",
  "summary",
  "dialog",
  "[contenteditable]",
  "[role=listbox]",
  "[role=tab]",
].join();

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {() => boolean} given.pauseOrResume whether there was anything to press
 * @param {import("./time_slider.js").TimeSlider} given.slider
 */
export function watchKeys({ room, view }, { pauseOrResume, slider }) {
  /** @type {Record<string, -1 | 1>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1 };

  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element | null} */ (event.target);
    if (target?.closest?.(TAKES_KEYS) || !room.isShown()) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") {
      if (pauseOrResume()) event.preventDefault();
    } else if (steps[event.key] && view.grids.length > 1) {
      event.preventDefault();
      slider.step(steps[event.key]);
    }
  });
}

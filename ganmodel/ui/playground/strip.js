// @ts-check
// A strip of small pictures over which one slides. A slider lies over them whose thumb is a frame of
// one picture's size, so that its middle is over the picture of its value; a press goes to the nearest
// picture's own.
import { make } from "../shared/elements.js";

/** @typedef {ReturnType<typeof createStrip>} Strip */

const STILL = 4; // pixels that a press may move

/**
 * @param {object} given
 * @param {number} given.count pictures
 * @param {number} given.low what the first picture is of
 * @param {number} given.high what the last one is of
 * @param {number} given.step of the slider
 * @param {string} given.label
 * @param {(value: number) => void} given.moved
 * @param {boolean} [given.captioned] whether there is a line of text under each picture
 */
export function createStrip({ count, low, high, step, label, moved, captioned = false }) {
  const tiles = Array.from({ length: count }, () => make("canvas"));
  const captions = captioned ? tiles.map(() => make("span")) : [];
  const range = make("input", { type: "range", min: low, max: high, step, ariaLabel: label });
  const pictures = make("div", { className: "gm-strip-pictures", ariaHidden: "true" }, ...tiles);
  const element = make("div", { className: "gm-strip" }, pictures, range, ...captionsIn(captions));
  element.style.setProperty("--count", String(count));
  /** @type {number | null} */
  let pressedAt = null;

  /** @param {number} index */
  const pictured = (index) => low + ((high - low) * index) / (count - 1);

  /** @param {number} value to be moved to, whatever lies between */
  function go(value) {
    range.value = String(value);
    moved(value);
  }

  range.addEventListener("input", () => moved(Number(range.value)));
  range.addEventListener("pointerdown", (event) => {
    pressedAt = event.clientX;
  });
  range.addEventListener("click", (event) => {
    const wasPress = pressedAt !== null && Math.abs(event.clientX - pressedAt) < STILL;
    pressedAt = null;
    if (!wasPress) return;
    const box = element.getBoundingClientRect();
    const index = Math.floor((count * (event.clientX - box.left)) / box.width);
    go(pictured(Math.min(Math.max(index, 0), count - 1)));
  });

  return {
    element,
    tiles,
    range,
    /**
     * Where one stands.
     * @param {number} value
     * @param {boolean} [isHere] whether the frame is shown there
     */
    show(value, isHere = true) {
      range.value = String(value);
      element.classList.toggle("gm-away", !isHere);
    },
    /** @param {string[]} texts one under each picture */
    caption(texts) {
      captions.forEach((caption, index) => {
        caption.textContent = texts[index] ?? "";
      });
    },
  };
}

/** @param {HTMLElement[]} captions */
function captionsIn(captions) {
  return captions.length ? [make("div", { className: "gm-strip-captions" }, ...captions)] : [];
}

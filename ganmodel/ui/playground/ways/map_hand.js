// @ts-check
// What a hand does on the map: a mouse points, a press chooses, dragging pans; the wheel or two fingers
// zoom.

/** @import { Spot } from "./plane.js" */

const TAP = 5; // pixels that a press may move
const MOST_WHEEL = 300; // of a wheel's steps at once
const WHEEL_ZOOM = 1.0015; // for each

/**
 * @typedef {object} Actions
 * @property {(spot: Spot) => void} point
 * @property {() => void} leave nothing is pointed at any more
 * @property {(spot: Spot) => void} press
 * @property {(dx: number, dy: number) => void} pan by pixels
 * @property {(factor: number, around: Spot) => void} zoom
 */

/**
 * @param {HTMLElement} board
 * @param {Actions} actions
 */
export function followHand(board, { point, leave, press, pan, zoom }) {
  /** Fingers and pressed mice: by pointer, where on the page.
   * @type {Map<number, { x: number, y: number }>} */
  const down = new Map();
  /** Where the only one came down; null where there were two.
   * @type {{ x: number, y: number, moved: boolean } | null} */
  let pressed = null;

  /**
   * @param {{ x: number, y: number }} place on the page
   * @returns {Spot}
   */
  function spotAt({ x, y }) {
    const box = board.getBoundingClientRect();
    return { x: (x - box.left) / box.width, y: (y - box.top) / box.height };
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const before = down.get(event.pointerId);
    const now = { x: event.clientX, y: event.clientY };
    if (!before) {
      if (event.pointerType === "mouse") point(spotAt(now));
      return;
    }
    if (down.size === 2) pinch(event.pointerId, before, now);
    else if (pressed) drag(pressed, before, now);
    down.set(event.pointerId, now);
  }

  /**
   * @param {number} pointer
   * @param {{ x: number, y: number }} before
   * @param {{ x: number, y: number }} now
   */
  function pinch(pointer, before, now) {
    const [, other] = /** @type {[number, { x: number, y: number }]} */ (
      [...down].find(([id]) => id !== pointer)
    );
    const between = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    zoom((distance(before, other) || 1) / (distance(now, other) || 1), spotAt(between));
  }

  /**
   * @param {{ x: number, y: number, moved: boolean }} from
   * @param {{ x: number, y: number }} before
   * @param {{ x: number, y: number }} now
   */
  function drag(from, before, now) {
    if (!from.moved && distance(now, from) > TAP) {
      from.moved = true;
      leave();
    }
    if (from.moved) pan(now.x - before.x, now.y - before.y);
  }

  board.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const here = { x: event.clientX, y: event.clientY };
    board.setPointerCapture(event.pointerId);
    down.set(event.pointerId, here);
    pressed = down.size === 1 ? { ...here, moved: false } : null;
    board.focus({ preventScroll: true });
  });
  board.addEventListener("pointermove", move);
  board.addEventListener("pointerup", (event) => {
    down.delete(event.pointerId);
    if (pressed && !pressed.moved) press(spotAt({ x: event.clientX, y: event.clientY }));
    pressed = null;
  });
  board.addEventListener("pointercancel", (event) => {
    down.delete(event.pointerId);
    pressed = null;
  });
  board.addEventListener("pointerleave", () => {
    if (!down.size) leave();
  });
  board.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const steps = Math.min(Math.max(event.deltaY, -MOST_WHEEL), MOST_WHEEL);
      zoom(WHEEL_ZOOM ** steps, spotAt({ x: event.clientX, y: event.clientY }));
    },
    { passive: false },
  );
}

/**
 * @param {{ x: number, y: number }} a
 * @param {{ x: number, y: number }} b
 */
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

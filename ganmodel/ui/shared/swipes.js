// @ts-check
// Swipes of one finger, to the left or to the right.

const SWIPE = 50; // pixels across, and more than up or down

/**
 * Tells of a finger that moves across; one that moves up or down scrolls the page.
 * @param {HTMLElement} section
 * @param {string} within a selector of what is swiped
 * @param {(by: -1 | 1) => void} turn
 */
export function watchSwipes(section, within, turn) {
  /** @type {Touch | null} */
  let began = null;
  section.addEventListener(
    "touchstart",
    (event) => {
      const target = /** @type {Element} */ (event.target);
      began = event.touches.length === 1 && target.closest(within) ? event.touches[0] : null;
    },
    { passive: true },
  );
  section.addEventListener(
    "touchend",
    (event) => {
      if (!began) return;
      const ended = event.changedTouches[0];
      const across = ended.clientX - began.clientX;
      const along = Math.abs(ended.clientY - began.clientY);
      if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * along) turn(across < 0 ? 1 : -1);
    },
    { passive: true },
  );
}

// @ts-check
// Undo and redo: the places where the hand has rested.
import { readPlace } from "./place_text.js";
import { standingOf } from "./state.js";

const MOST = 100;
const OWN_UNDO = "input.gm-number, textarea, select"; // what is undone there is the browser's

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./travel.js").Travel} given.travel
 */
export function createHistory({ room, values, travel }) {
  const undoing = room.part("undo");
  const redoing = room.part("redo");
  /** Standings as JSON; the last is where one stands, or stood before the last move.
   * @type {string[]} */
  const past = [];
  /** @type {string[]} */
  const future = [];

  /** Notes where the hand rests. */
  function note() {
    const now = JSON.stringify(standingOf(values));
    if (past.at(-1) === now) return;
    past.push(now);
    if (past.length > MOST) past.shift();
    future.length = 0;
    show();
  }

  function show() {
    undoing.disabled = past.length < 2;
    redoing.disabled = !future.length;
  }

  async function undo() {
    if (past.length < 2) return;
    note();
    future.push(/** @type {string} */ (past.pop()));
    await goToLast();
  }

  async function redo() {
    const next = future.pop();
    if (next === undefined) return;
    past.push(next);
    await goToLast();
  }

  async function goToLast() {
    const { text, ...there } = JSON.parse(/** @type {string} */ (past.at(-1)));
    show();
    await travel.to(there, readPlace(text));
  }

  undoing.addEventListener("click", undo);
  redoing.addEventListener("click", redo);
  document.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const target = /** @type {Element} */ (event.target);
    if (!isUndo || !room.isShown() || target.closest?.(OWN_UNDO)) return;
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
  });

  return { note };
}

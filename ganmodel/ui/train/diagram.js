// @ts-check
// The drawing of who feeds whom: what goes into G, and how D answers at the moment that is shown.
import { words as allWords } from "../shared/contract.js";

const words = allWords.train;

/** @param {Pick<import("./run_server.js").Base, "room" | "view">} base */
export function createDiagram({ room, view }) {
  const { part, one } = room;

  function showInputs() {
    const byClass = Boolean(view.about?.by_class);
    const drawing = one(".gm-pair");
    drawing.classList.toggle("gm-class-goes-in", byClass);
    drawing.setAttribute("aria-label", byClass ? words.PAIR_ALT_BY_CLASS : words.PAIR_ALT);
  }

  /**
   * @param {string | null} picks how often D picks the real one of a pair; null where it was not
   *     noted, as in earlier editions, which noted D's belief alone
   * @param {string} real
   * @param {string} fake
   */
  function showAnswers(picks, real, fake) {
    part("live-fake").textContent = picks ?? fake;
    part("live-real").textContent = picks === null ? real : words.LIVE_PICKS;
    for (const name of ["live-fake", "live-real"]) {
      part(name).classList.toggle("gm-picked", picks !== null);
    }
  }

  return { showInputs, showAnswers };
}

// @ts-check
// My drawing: a pad to draw on or to put a picture on, and the search for the noise that draws it.
import { decoded, paint } from "../../shared/canvas.js";
import { contract } from "../../shared/contract.js";
import { words } from "../../shared/words.js";
import { createPad } from "./pad.js";
import { targetOf } from "./target.js";

/** @typedef {import("../../shared/server.js").Answer<"search">} Improvement */

const EMPTY_BELOW = 8; // grey levels that everything on an empty pad lies within
const POOR = 0.45; // explained less than this: the generator draws nothing like it

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createDrawing({ room, values, questions, stops, showPlace }) {
  const { part } = room;
  const pad = createPad(room.one("#play-pad"));
  const cancel = part("find-cancel");
  /** @type {AbortController | null} */
  let searching = null;

  /** @param {string} sentence */
  function tell(sentence) {
    part("find-said").textContent = sentence;
  }

  /**
   * Puts a picture on the pad, which stays as it is where the browser can't open it.
   * @param {File} file
   * @param {(sentence: string) => void} told
   */
  async function show(file, told) {
    let image;
    try {
      image = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      told(words("playground.unreadable"));
      return false;
    }
    // Ink on paper becomes light on dark, where the generator draws that way.
    pad.show(image, values.facts?.channels === 1);
    image.close();
    tell("");
    return true;
  }

  async function find() {
    const { facts } = values;
    if (searching || !facts) return;
    const drawing = targetOf(pad, facts);
    if (Math.max(...drawing) - Math.min(...drawing) < EMPTY_BELOW) {
      tell(words("playground.empty"));
      return;
    }
    searching = new AbortController();
    const { signal } = searching;
    cancel.hidden = part("find-pictures").hidden = false;
    const { size, channels } = facts;
    paint(part("target"), { width: size, height: size, channels, bytes: drawing });
    const last = await questions.watch("search", { drawing }, signal, showNews, tell);
    searching = null;
    cancel.hidden = true;
    if (signal.aborted) tell(words("playground.cancelled"));
    else if (last?.z) use(last, last.z);
  }

  /** @param {Improvement} news */
  function showNews(news) {
    paint(part("closest-found"), decoded(news));
    const share = Math.round(100 * news.share);
    tell(words("playground.finding", { share, loss: news.loss }));
  }

  /**
   * Makes what was found the last stop.
   * @param {Improvement} found
   * @param {number[]} z
   */
  function use({ label = null, loss, explained }, z) {
    const { place } = values;
    if (label !== null) Object.assign(place, { label, other: null });
    if (place.stops.length >= contract.mostStops) place.stops.pop();
    place.psi = 1; // it was looked for at full variety
    showPlace();
    stops.add(Float32Array.from(z));
    tell(words(explained < POOR ? "playground.found-poorly" : "playground.found-well", { loss }));
  }

  part("clear").addEventListener("click", () => {
    pad.clear();
    tell("");
  });
  part("invert").addEventListener("click", pad.invert);
  part("find").addEventListener("click", find);
  cancel.addEventListener("click", () => searching?.abort());
  const chosen = part("drop");
  chosen.addEventListener("change", () => {
    const [file] = chosen.files;
    if (file) show(file, tell);
    chosen.value = "";
  });
  pad.canvas.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault(); // nothing else takes it
    show(file, tell);
  });

  return {
    id: "drawing",
    async take(file, told) {
      const isShown = await show(file, told);
      if (isShown) tell(words("playground.plain-picture"));
      return isShown;
    },
  };
}

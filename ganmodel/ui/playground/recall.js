// @ts-check
// A picture that comes back, chosen or dropped: to where it was drawn, as a stop of the way, or, where
// it says nothing of that, to a way to move that takes pictures.

import { orTold } from "../shared/server.js";
import { words } from "../shared/words.js";
import { readPlace } from "./place_text.js";

const PNG = "PNG"; // in the head of such a file, behind one byte

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("../shared/server.js").Server} given.server
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {import("./stops.js").Stops} given.stops
 * @param {import("./travel.js").Travel} given.travel
 * @param {import("./gone.js").Gone} given.gone
 * @param {(file: File) => void} given.takePlain takes a picture that carries no place
 * @param {() => void} given.close closes the menu
 * @param {(sentence: string) => void} given.say
 */
export function createRecall(given) {
  const { room, server, values, questions, stops, travel, gone, takePlain, close, say } = given;

  /**
   * The place that a picture carries; null after having told why it can't be read.
   * @param {File} file
   */
  async function placeIn(file) {
    // PNGs alone carry one; whatever else the browser opens is a plain picture.
    const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
    if (String.fromCharCode(...head.subarray(1)) !== PNG) return { plain: true };
    return orTold(server.send("recall", file), say);
  }

  /** Goes to where a picture was drawn.
   * @param {File} file */
  async function recall(file) {
    const found = await placeIn(file);
    if (!found) return;
    if (found.plain) {
      takePlain(file);
      return;
    }
    const { generator = "", moment = null, place = "" } = found;
    if (await gone.isGone({ generator, moment, text: place })) return;
    const isThere = await travel.to({ generator, moment }, readPlace(place));
    if (isThere && values.moment === moment) say(words("playground.recalled"));
  }

  /** Makes the point that a picture was drawn from a stop; variety and class stay those of the way.
   * @param {File} file */
  async function recallAsStop(file) {
    const found = await placeIn(file);
    if (!found) return;
    if (found.plain) {
      say(words("playground.no-stop-in-it"));
      return;
    }
    const { generator = "", moment = null, place = "" } = found;
    if (await gone.isGone({ generator, moment, text: place })) return;
    const drawn = await questions.ask("draw", { generator, moment, place });
    if (!drawn) return;
    if (drawn.base.length !== values.facts?.z_dim) {
      say(words("playground.other-noise"));
      return;
    }
    const { rest } = readPlace(place);
    stops.add(Float32Array.from(drawn.base, (value, index) => value + (rest?.[index] ?? 0)));
  }

  const chosen = room.part("recipe-file");
  chosen.addEventListener("change", () => {
    const [file] = chosen.files;
    if (file) recall(file);
    chosen.value = "";
    close();
  });
  room.element.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  room.element.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file || event.defaultPrevented) return;
    event.preventDefault();
    const target = /** @type {Element} */ (event.target);
    if (target.closest("#play-stops")) recallAsStop(file);
    else recall(file);
  });
}

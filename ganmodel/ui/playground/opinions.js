// @ts-check
// What the model and the data say of the picture: asked once the hand rests, D alone while its sentence
// is in view, and all of it while there is more to see.
import { paint } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { make } from "../shared/elements.js";
import { orTold } from "../shared/server.js";
import { worded, words } from "../shared/words.js";
import { placeText } from "./place_text.js";
import { watchSeen } from "./seen.js";

const LEAST_SHARE = 0.01; // of a class that is named

/** @typedef {import("../shared/server.js").Answer<"opinion">} Opinion */

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("../shared/server.js").Server} given.server
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 */
export function createOpinions({ room, server, values, questions }) {
  const { part } = room;
  const box = room.one("#play-ask");
  /** @type {HTMLDetailsElement} */
  const resembles = part("resembles");
  const said = part("d-says");
  const isSeen = watchSeen(box, refresh);
  let askedOf = "";

  async function refresh() {
    const { generator, facts, place } = values;
    if (!isSeen() || !facts) return;
    const more = resembles.open;
    const now = JSON.stringify([generator, facts.moment, placeText(place), more]);
    if (askedOf === now) return;
    askedOf = now;
    said.textContent ||= words("playground.thinking");
    const answer = await questions.ask("opinion", { more }, say);
    if (!answer) return;
    const missing = await orTold(server.sentenceOf(answer.missing), say);
    if (askedOf !== now) return;
    const unknown = missing ? words("playground.d-away") : words("playground.no-d");
    const without = facts.shows_reals ? unknown : words("playground.hidden");
    showRank(answer, without);
    resembles.hidden = !facts.shows_reals;
    if (!more) return;
    showBelieved(answer);
    showClosest(answer);
    part("missing").textContent = missing ?? "";
    box.dataset.asked = String(Number(box.dataset.asked ?? 0) + 1);
  }

  /** @param {string} sentence */
  function say(sentence) {
    said.textContent = sentence;
  }

  /**
   * @param {Opinion} answer
   * @param {string} without what is said where it is not known
   */
  function showRank({ opinion }, without) {
    const isKnown = opinion !== undefined;
    const percent = 100 * (opinion ?? 0);
    said.textContent = isKnown
      ? words("playground.d-says", { share: Math.round(percent) })
      : without;
    room.one(".gm-opinion").hidden = !isKnown;
    part("d-bar").style.width = `${percent}%`;
  }

  /** @param {Opinion} answer */
  function showBelieved({ believed = [] }) {
    const named = believed
      .filter(({ share }) => share >= LEAST_SHARE)
      .map(({ name, share }) => ({
        id: "playground.believed-one",
        values: { name, share: 100 * share },
      }));
    part("believed").textContent = named.length ? words("playground.believed", { named }) : "";
  }

  /** @param {Opinion} answer */
  function showClosest({ closest = [], usual = 0 }) {
    part("closest-box").hidden = !closest.length;
    const figures = closest.map(({ pixels, distance }) => {
      const picture = make("canvas");
      paint(picture, pixels);
      const caption = words("playground.closest-distance", { distance: String(distance) });
      return make("figure", {}, picture, make("figcaption", {}, caption));
    });
    part("closest").replaceChildren(...figures);
    if (!closest.length) {
      part("usual").textContent = "";
      return;
    }
    const isCopy = closest[0].distance < contract.copiedBelow * usual;
    const sentence = words("playground.closest-usual", { usual: String(usual) });
    part("usual").textContent = isCopy ? worded([sentence, words("playground.copy")]) : sentence;
  }

  resembles.addEventListener("toggle", refresh);

  return { refresh };
}

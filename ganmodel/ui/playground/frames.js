// @ts-check
// The whole way as pictures, fetched ahead once the hand rests where one moves along it: they follow
// the hand however far away the server is.
import { paintSprite, sheetIn } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { afterRest } from "../shared/latest.js";
import { placeText } from "./place_text.js";

/** @typedef {ReturnType<typeof createFrames>} Frames */

const COUNT = 201; // as many as the slider from A has places
const ALONG = "ab"; // the way to move that uses them
const FETCH_AFTER = 200; // milliseconds of rest

/**
 * @param {object} given
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {(key: string) => void} given.fetched told what the frames that have come are of
 */
export function createFrames({ values, questions, fetched }) {
  /** @type {{ key: string, sprites: import("../shared/canvas.js").Sprites } | null} */
  let frames = null;
  let fetching = new AbortController();

  /** What a frame depends on besides the share of the way. */
  function key() {
    const { generator, facts, place } = values;
    return JSON.stringify([generator, facts?.moment, placeText({ ...place, at: 0 })]);
  }

  /** Whether the frames are those of the way as it is now. */
  const areHere = () => frames?.key === key();

  const fetchAhead = afterRest(FETCH_AFTER, async () => {
    const { facts } = values;
    const asked = key();
    if (!facts || values.way !== ALONG || frames?.key === asked) return;
    fetching.abort();
    fetching = new AbortController();
    const { signal } = fetching;
    const answer = await questions.file("frames", { count: COUNT }, undefined, signal);
    if (!answer) return;
    const sheet = await sheetIn(answer);
    if (asked !== key()) {
      fetchAhead();
      return;
    }
    frames = { key: asked, sprites: { sheet, size: facts.size, columns: contract.framesInARow } };
    fetched(asked);
  });

  /**
   * @param {number} share of the way
   * @returns {{ index: number, isExact: boolean }} the nearest frame
   */
  function nearest(share) {
    const place = share * (COUNT - 1);
    const index = Math.round(place);
    return { index, isExact: Math.abs(place - index) < 1e-6 };
  }

  /**
   * Paints the frame nearest to a share of the way, which must be here.
   * @param {HTMLCanvasElement} canvas
   * @param {number} share
   * @returns {boolean} whether it is the picture at just that share
   */
  function paint(canvas, share) {
    const { index, isExact } = nearest(share);
    if (frames) paintSprite(canvas, frames.sprites, index);
    return isExact;
  }

  return { key, areHere, fetchAhead, paint };
}

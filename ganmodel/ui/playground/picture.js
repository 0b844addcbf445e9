// @ts-check
// The picture: asked of the server one at a time, the latest wish winning; along the way drawn from
// the frames that were fetched ahead.
import { decoded, paint } from "../shared/canvas.js";
import { afterRest, latest } from "../shared/latest.js";

/** @typedef {ReturnType<typeof createPicture>} Picture */

const SETTLE_AFTER = 250; // milliseconds without a move until the hand counts as resting

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 * @param {import("./frames.js").Frames} given.frames
 * @param {(sentence: string) => void} given.say
 * @param {() => void} given.pointed the picture of another point is shown, and the point is known
 * @param {() => void} given.rested the hand rests, and its picture is shown
 */
export function createPicture({ room, values, questions, frames, say, pointed, rested }) {
  /** @type {HTMLCanvasElement} */
  const canvas = room.one("#play-canvas canvas");
  let drawn = 0; // pictures so far
  let ahead = 0; // of these, drawn from frames

  /** Tells whoever drives the page, such as a test. */
  function announce() {
    drawn += 1;
    canvas.dataset.frame = String(drawn);
    canvas.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
  }

  const ask = latest(async (again) => {
    const { spot } = values;
    const before = ahead;
    const answer = await questions.ask("draw", { spot: spot?.point ?? null });
    if (!answer) return;
    values.base = answer.base;
    if (before !== ahead) return; // the hand has gone on along the way, whose frames are newer
    paint(canvas, decoded(answer));
    if (spot?.chosen && answer.rest && values.spot === spot) arriveAt(spot, answer.rest);
    canvas.dataset.moment = String(answer.moment);
    say("");
    announce();
    if (!again()) pointed();
  });

  /**
   * @param {import("./state.js").Spot} spot
   * @param {number[]} rest
   */
  function arriveAt(spot, rest) {
    values.place.rest = Float32Array.from(rest);
    values.spot = null;
    frames.fetchAhead();
    settle();
    spot.chosen?.();
  }

  async function draw() {
    if (!values.generator) return;
    if (!ask.busy()) canvas.ariaBusy = "true";
    await ask();
    if (!ask.busy()) canvas.ariaBusy = "false";
  }

  /** To be called when something other than the share of the way was changed. */
  function changed() {
    values.spot = null;
    draw();
    frames.fetchAhead();
    settle();
  }

  /**
   * To be called when the share of the way was changed.
   * @param {boolean} exactly whether a picture between two frames is asked for
   */
  function movedAlong(exactly) {
    values.spot = null;
    if (frames.areHere()) {
      const isExact = frames.paint(canvas, values.place.at);
      ahead += 1;
      announce();
      if (exactly && !isExact) draw();
    } else draw();
    settle();
  }

  /** @type {() => void} */
  const settle = afterRest(SETTLE_AFTER, () => {
    if (!values.generator || (values.spot && !values.spot.chosen)) return;
    if (ask.busy()) {
      settle();
      return;
    }
    if (frames.areHere()) draw(); // frames have pictures, but not the point
    rested();
  });

  return {
    canvas,
    draw,
    changed,
    movedAlong,
    /** Whether the hand has gone on since the picture that is being drawn was asked for. */
    isBehind: ask.wanted,
  };
}

// @ts-check
// The share of the way that was gone: its slider, and playing it.

import { icon } from "../shared/elements.js";
import { numberIn } from "../shared/numbers.js";
import { words } from "../shared/words.js";
import { legsOf } from "./place.js";

/** @typedef {ReturnType<typeof createAlong>} Along */

const SECONDS_A_LEG = 3; // from stop to stop at speed 1

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./picture.js").Picture} given.picture
 * @param {() => void} given.moved the share is another
 */
export function createAlong({ room, values, picture, moved }) {
  /** @type {HTMLInputElement} */
  const range = room.one('#play-alpha input[type="range"]');
  /** @type {HTMLInputElement} */
  const number = room.part("alpha");
  const player = room.part("play-way");
  /** @type {{ frame: number } | null} */
  let playing = null;

  const speed = () => Number(room.one('input[name="play-speed"]:checked').value);

  /**
   * @param {number} share kept within the way
   * @param {boolean} [anew] whether more than the share was changed
   */
  function goTo(share, anew = false) {
    values.place.at = Math.min(Math.max(0, share), 1);
    showShare();
    if (anew) picture.changed();
    else picture.movedAlong(!playing);
  }

  function showShare() {
    range.value = String(values.place.at);
    if (document.activeElement !== number) showNumber();
    moved();
  }

  function showNumber() {
    number.value = String(Number(values.place.at.toFixed(3)));
  }

  function stop() {
    if (!playing) return;
    cancelAnimationFrame(playing.frame);
    playing = null;
    showPlaying();
  }

  function play() {
    if (playing) return;
    let last = performance.now();
    let direction = 1;
    /** @param {number} now */
    const move = (now) => {
      if (!playing) return;
      if (!range.offsetParent) {
        stop();
        return;
      }
      const { place } = values;
      const seconds = (now - last) / 1000;
      const legs = (direction * speed() * seconds) / SECONDS_A_LEG;
      let at = place.at + legs / legsOf(place);
      last = now;
      if (place.path === "loop") at -= Math.floor(at);
      else if (at > 1 || at < 0) {
        direction = at > 1 ? -1 : 1;
        at = at > 1 ? 2 - at : -at;
      }
      goTo(Number(at.toFixed(4)));
      playing.frame = requestAnimationFrame(move);
    };
    playing = { frame: requestAnimationFrame(move) };
    showPlaying();
  }

  function showPlaying() {
    player.replaceChildren(icon(playing ? "pause" : "play"));
    player.title = player.ariaLabel = playing
      ? words("playground.pause")
      : words("playground.play");
  }

  range.addEventListener("input", () => {
    stop();
    goTo(Number(range.value));
  });
  number.addEventListener("input", () => {
    const value = numberIn(number);
    if (value === null) return;
    stop();
    goTo(value);
  });
  number.addEventListener("change", showNumber);
  player.addEventListener("click", () => (playing ? stop() : play()));

  return { goTo, showShare, play, stop };
}

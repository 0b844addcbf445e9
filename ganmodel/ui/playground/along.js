// @ts-check
// The share of the way that was gone: its slider, the strip of pictures, and playing it.
import { words as allWords, fill } from "../shared/contract.js";
import { make, press } from "../shared/elements.js";
import { numberIn } from "../shared/numbers.js";
import { legsOf } from "./place.js";

/** @typedef {ReturnType<typeof createAlong>} Along */

const words = allWords.playground;
const TILES = 9; // of the strip
const TILE_SIDE = 28; // pixels, before its picture is known
const SECONDS_A_LEG = 3; // from stop to stop at speed 1

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./frames.js").Frames} given.frames
 * @param {import("./picture.js").Picture} given.picture
 */
export function createAlong({ room, values, frames, picture }) {
  /** @type {HTMLInputElement} */
  const range = room.one('#play-alpha input[type="range"]');
  /** @type {HTMLInputElement} */
  const number = room.part("alpha");
  const player = room.part("play-way");
  const speed = room.part("speed");
  /** @type {{ frame: number } | null} */
  let playing = null;
  const tiles = Array.from({ length: TILES }, (_, index) => tileAt(index / (TILES - 1)));
  const strip = room.one("#play-strip");
  strip.append(...tiles.map(({ button }) => button));

  /** @param {number} share of the way */
  function tileAt(share) {
    const canvas = make("canvas", { width: TILE_SIDE, height: TILE_SIDE });
    const label = fill(words.STRIP_GO, { share: Math.round(100 * share) });
    const go = () => {
      stop();
      goTo(share);
    };
    return { share, canvas, button: press(canvas, go, { title: label, ariaLabel: label }) };
  }

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
    const { at } = values.place;
    range.value = String(at);
    if (document.activeElement !== number) showNumber();
    const nearest = Math.round(at * (TILES - 1));
    tiles.forEach(({ button }, index) => {
      button.ariaPressed = String(index === nearest);
    });
  }

  function showNumber() {
    number.value = String(Number(values.place.at.toFixed(3)));
  }

  /** Paints the strip from the frames.
   * @param {string} key what the frames are of */
  function showStrip(key) {
    for (const { share, canvas } of tiles) frames.paint(canvas, share);
    strip.dataset.key = key;
    showShare();
  }

  function stop() {
    if (!playing) return;
    cancelAnimationFrame(playing.frame);
    playing = null;
    showPlaying();
  }

  function play() {
    let last = performance.now();
    let direction = 1;
    /** @param {number} now */
    const move = (now) => {
      if (!playing) return;
      if (!room.isShown()) {
        stop();
        return;
      }
      const { place } = values;
      const seconds = (now - last) / 1000;
      const legs = (direction * Number(speed.value) * seconds) / SECONDS_A_LEG;
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
    player.textContent = playing ? "❚❚" : "▶";
    player.ariaLabel = playing ? words.PAUSE : words.PLAY;
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

  return { goTo, showShare, showStrip, stop };
}

// @ts-check
// Training time: a slider through the grids, which also plays them one after the other.
import { words as allWords, fill } from "../shared/contract.js";
import { isLive, momentShown, momentsOf } from "./state.js";

/** @typedef {ReturnType<typeof createTimeSlider>} TimeSlider */

const words = allWords.train;
const PICTURE_STANDS = 90; // milliseconds, while they are played

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {() => void} given.moved shows another moment
 * @param {() => boolean} given.isDrawing whether a picture is on its way
 */
export function createTimeSlider({ room, view }, { moved, isDrawing }) {
  const { part } = room;
  const time = room.one("#train-time");
  /** @type {HTMLInputElement} */
  const slider = time.querySelector("input");
  let held = false; // by a pointer, under which its length must not change
  /** @type {ReturnType<typeof setInterval> | null} */
  let playing = null;

  /** Lengthens the slider by new grids, unless it is in use. */
  function show() {
    const last = Math.max(0, momentsOf(view).length - 1);
    const newest = view.at === null;
    if (!held && document.activeElement !== slider) {
      if (Number(slider.max) !== last) slider.max = String(last);
      if (newest && Number(slider.value) !== last) slider.value = String(last);
    }
    time.hidden = view.grids.length === 0;
    part("live").textContent = isLive(view) ? words.LIVE : words.NEWEST;
    part("live").setAttribute("aria-pressed", newest);
    part("play").textContent = playing ? "❚❚" : "▶";
    part("play").setAttribute("aria-label", playing ? words.STOP_FILM : words.PLAY);
    slider.setAttribute("aria-valuetext", fill(words.AFTER, { images: momentShown(view) ?? 0 }));
  }

  /** @param {number} place */
  function goTo(place) {
    view.frozen ??= view.grids.slice(0, Number(slider.max) + 1);
    view.at = Math.min(Math.max(0, place), view.frozen.length - 1);
    if (Number(slider.value) !== view.at) slider.value = String(view.at);
    moved();
  }

  function goLive() {
    stopPlaying();
    view.at = view.frozen = null;
    slider.max = slider.value = String(Math.max(0, view.grids.length - 1));
    moved();
  }

  const isAtEnd = () => view.at !== null && view.at === momentsOf(view).length - 1;

  /** One grid to the left (-1) or to the right (1).
   * @param {-1 | 1} by */
  function step(by) {
    stopPlaying();
    if (view.at === null && by > 0) return;
    if (by > 0 && isAtEnd()) goLive();
    else goTo((view.at ?? view.grids.length - 1) + by);
  }

  /** The grid nearest to a moment.
   * @param {number} moment */
  function goNear(moment) {
    stopPlaying();
    const away = momentsOf(view).map((one) => Math.abs(one - moment));
    goTo(away.indexOf(Math.min(...away)));
  }

  function play() {
    if (view.grids.length < 2) return;
    goTo(view.at ?? 0);
    playing = setInterval(() => {
      if (view.at === null) stopPlaying();
      else if (isDrawing())
        return; // a slow line shows every picture too, only later
      else if (isAtEnd()) goLive();
      else goTo(view.at + 1);
    }, PICTURE_STANDS);
    show();
  }

  function stopPlaying() {
    if (playing !== null) clearInterval(playing);
    playing = null;
  }

  function letGo() {
    if (!held) return;
    held = false;
    if (isAtEnd()) {
      goLive(); // the change event, which would do it too, comes later
      return;
    }
    if (view.at !== null) view.frozen = [...view.grids];
    show();
  }

  slider.addEventListener("pointerdown", () => {
    held = true;
  });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, letGo);
  slider.addEventListener("blur", show);
  slider.addEventListener("input", () => {
    stopPlaying();
    goTo(Number(slider.value));
  });
  slider.addEventListener("change", () => {
    if (isAtEnd()) goLive();
  });
  part("live").addEventListener("click", goLive);
  part("play").addEventListener("click", () => {
    if (!playing) {
      play();
      return;
    }
    stopPlaying();
    show();
  });
  return { show, goLive, goNear, step, stopPlaying, isPlaying: () => playing !== null };
}

// @ts-check
// Training time: a slider through the grids, which also plays them one after the other.

import { icon } from "../shared/elements.js";
import { words } from "../shared/words.js";
import { isLive, momentShown, momentsOf, nearestOf } from "./state.js";

/** @typedef {ReturnType<typeof createTimeSlider>} TimeSlider */

const PICTURE_STANDS = 90; // milliseconds, while they are played
const FILM_STANDS = 320; // while the page plays its own film for someone who has just come
const FILM_RESTS = 4000; // at its end, before it begins again
const FILM_TIMES = 3; // then it rests for good
const FILM_SKIPS = 2; // of its pictures one is shown: each is fetched
const still = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {() => void} given.moved shows another moment
 * @param {() => boolean} given.isDrawing whether a picture is on its way
 * @param {(moment: number | null) => void} given.chosen a moment was chosen by hand; null: the newest
 */
export function createTimeSlider({ room, view }, { moved, isDrawing, chosen }) {
  const { part } = room;
  const time = room.one("#train-time");
  /** @type {HTMLInputElement} */
  const slider = time.querySelector("input");
  let held = false; // by a pointer, under which its length must not change
  /** @type {ReturnType<typeof setInterval> | null} */
  let playing = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  /** Lengthens the slider by new grids, unless it is in use. */
  function show() {
    const last = Math.max(0, momentsOf(view).length - 1);
    const newest = view.at === null;
    if (!held && document.activeElement !== slider) {
      if (Number(slider.max) !== last) slider.max = String(last);
      if (newest && Number(slider.value) !== last) slider.value = String(last);
    }
    part("live").textContent = isLive(view) ? words("train.live") : words("train.newest");
    part("live").setAttribute("aria-pressed", newest);
    const wanted = playing ? "pause" : "play";
    if (part("play").dataset.icon !== wanted) {
      part("play").dataset.icon = wanted;
      part("play").replaceChildren(icon(wanted));
      part("play").setAttribute(
        "aria-label",
        playing ? words("train.stop-film") : words("train.play"),
      );
    }
    slider.setAttribute("aria-valuetext", words("train.after", { images: momentShown(view) ?? 0 }));
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
    const moments = momentsOf(view);
    goTo(moments.indexOf(nearestOf(moments, moment)));
    chosen(momentShown(view));
  }

  /** The grid of exactly this moment; false where there is none.
   * @param {number} moment */
  function goExactly(moment) {
    stopPlaying();
    const place = momentsOf(view).indexOf(moment);
    if (place >= 0) goTo(place);
    return place >= 0;
  }

  /**
   * @param {number} [stands] milliseconds of each picture
   * @param {number} [times] how often in all
   * @param {number} [by] from one picture to the next that is shown
   */
  function play(stands = PICTURE_STANDS, times = 1, by = 1) {
    if (view.grids.length < 2) return;
    goTo(view.at ?? 0);
    playing = setInterval(() => {
      if (document.hidden || !room.isShown()) return;
      if (view.at === null) stopPlaying();
      else if (isDrawing())
        return; // a slow line shows every picture too, only later
      else if (isAtEnd()) rest(stands, times - 1, by);
      else goTo(view.at + by);
    }, stands);
    show();
  }

  /** At the end of the film, which may begin again.
   * @param {number} stands
   * @param {number} times
   * @param {number} by */
  function rest(stands, times, by) {
    goLive();
    if (times > 0) resting = setTimeout(() => play(stands, times, by), FILM_RESTS);
  }

  function stopPlaying() {
    if (playing !== null) clearInterval(playing);
    clearTimeout(resting);
    playing = null;
  }

  /** Plays the film for someone who has just come, where motion is wanted. */
  function playForNewcomer() {
    if (playing === null && !still.matches && view.at === null) {
      play(FILM_STANDS, FILM_TIMES, FILM_SKIPS);
    }
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
    chosen(view.at === null ? null : momentShown(view));
  });
  part("live").addEventListener("click", () => {
    goLive();
    chosen(null);
  });
  part("play").addEventListener("click", () => {
    if (!playing) {
      play();
      return;
    }
    stopPlaying();
    show();
  });
  const isPlaying = () => playing !== null;
  return { show, goLive, goNear, goExactly, step, stopPlaying, playForNewcomer, isPlaying };
}

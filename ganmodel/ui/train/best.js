// @ts-check
// The moment whose pictures were nearest to the real ones, and whether it is worth training on.
import { words } from "../shared/words.js";
import { isBundled, isLive, momentsOf, nearestOf } from "./state.js";

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {(moment: number) => void} given.goNear shows the grid nearest to a moment
 * @param {() => void} given.end ends the run
 */
export function createBest({ room, view }, { goNear, end }) {
  const { part } = room;

  function show() {
    const { best } = view;
    room.one("#train-best").hidden = !best || isBundled(view.run);
    showMark();
    if (!best) return;
    const isLevel = best.level_since !== null;
    const { distance, images } = best;
    part("best").textContent = words("train.best", { distance, images });
    const since = best.later ? words("train.not-better") : words("train.best-is-newest");
    part("best-since").textContent = isLevel
      ? words("train.level-since", { images: best.level_since })
      : since;
    part("best-end").hidden = !(isLevel && view.own && isLive(view));
  }

  /** Marks the moment on the time slider, unless it is the newest, where the slider ends. */
  function showMark() {
    const moments = momentsOf(view);
    const mark = part("best-mark");
    mark.hidden = !view.best?.later || isBundled(view.run) || moments.length < 2;
    if (mark.hidden || !view.best) return;
    const place = moments.indexOf(nearestOf(moments, view.best.images));
    mark.style.setProperty("--best", String(place / (moments.length - 1)));
  }

  part("best").addEventListener("click", () => {
    if (view.best) goNear(view.best.images);
  });
  part("best-end").addEventListener("click", end);
  return { show };
}

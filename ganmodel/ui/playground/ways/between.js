// @ts-check
// From A to B: the paths that lead from stop to stop, each as a strip of pictures with the length of z
// under each; the one that is slid in is the path one is on.
import { paintSprite } from "../../shared/canvas.js";
import { contract } from "../../shared/contract.js";
import { number, words, wordsFor } from "../../shared/words.js";
import { legsOf } from "../place.js";
import { createStrip } from "../strip.js";

const STEP = 0.005; // of a strip's slider, as of that from A to B

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createBetween({ room, values, picture, frames, along, stops, rows }) {
  /** @type {HTMLInputElement[]} */
  const radios = room.all("#play-path input[name=play-path]");
  const strips = Object.fromEntries(radios.map(({ value: path }) => [path, stripOf(path)]));

  /** @param {string} path */
  function stripOf(path) {
    const named = wordsFor(`playground.paths.${path}`);
    const strip = createStrip({
      count: contract.stripColumns,
      low: 0,
      high: 1,
      step: STEP,
      label: words("playground.strip-label", { path: named }),
      captioned: true,
      moved(share) {
        along.stop();
        if (values.place.path === path) along.goTo(share);
        else choose(path, share);
      },
    });
    room.one(`[data-strip="${path}"]`).append(strip.element);
    const kind = /** @type {import("../rows.js").Kind} */ (path);
    rows.add(kind, strip.element, ({ sprites, first, lengths }) => {
      for (const [k, tile] of strip.tiles.entries()) paintSprite(tile, sprites, first + k);
      strip.caption(
        lengths.map((length) =>
          number(length, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
        ),
      );
    });
    return strip;
  }

  /** Where one stands, on the strip of the path one is on. */
  function share() {
    const { path, at } = values.place;
    for (const radio of radios) strips[radio.value].show(at, radio.value === path);
  }

  function reset() {
    const { path } = values.place;
    for (const radio of radios) radio.checked = radio.value === path;
    room.one('[data-strip="loop"]').hidden = path !== "loop";
    share();
  }

  /**
   * @param {string} path
   * @param {number | null} [at] the share of it; as far between the same two stops as before, if absent
   */
  function choose(path, at = null) {
    const { place } = values;
    const legs = place.at * legsOf(place);
    place.path = path;
    place.at = at ?? Math.min(legs / legsOf(place), 1);
    stops.show();
    reset();
    along.showShare();
    picture.changed();
  }

  for (const radio of radios) radio.addEventListener("change", () => choose(radio.value));

  return { id: "ab", show: () => frames.fetchAhead(), reset, share };
}

// @ts-check
// How often G draws each class, as columns beside marks of the real shares.

import { make } from "../shared/elements.js";
import { words } from "../shared/words.js";

const MOST_CLASSES = 20; // of which columns can be read
const SHORT_NAME = 3; // letters that fit under a column

/** @param {Pick<import("./run_server.js").Base, "room" | "view">} base */
export function createClasses({ room, view }) {
  const figure = room.one(".gm-classes");
  const box = room.part("classes");
  let built = ""; // for which names

  /** @param {import("./state.js").Answer | null} quality an evaluation */
  function show(quality) {
    /** @type {number[] | undefined} */
    const shares = quality?.histogram;
    figure.hidden = !shares || shares.length > MOST_CLASSES;
    if (figure.hidden || !shares || !quality) return;
    const named = shares.map((_, k) => view.about?.classes[k] ?? String(k));
    const inWords = shares.map((share, k) =>
      words("train.class-share", { name: named[k], share: 100 * share }),
    );
    const label = words("train.classes-alt", {
      covered: quality.classes_covered,
      classes: quality.classes,
      shares: inWords,
    });
    box.setAttribute("aria-label", label);
    if (built !== named.join()) build(named);
    const highest = Math.max(...shares, 1.5 / shares.length);
    shares.forEach((share, k) => {
      const column = box.children[k];
      column.querySelector("b").style.height = `${(100 * share) / highest}%`;
      const real = `${100 / shares.length / highest}%`;
      column.querySelector("i").style.setProperty("--real", real);
      column.title = inWords[k];
    });
  }

  /** @param {string[]} named */
  function build(named) {
    built = named.join();
    const isLong = named.some((name) => name.length > SHORT_NAME);
    box.classList.toggle("gm-long-names", isLong);
    const columns = named.map((name) =>
      make("span", {}, make("i", {}, make("b")), make("em", {}, name)),
    );
    box.replaceChildren(...columns);
  }

  return { show };
}

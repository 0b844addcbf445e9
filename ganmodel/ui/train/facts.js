// @ts-check
// The numbers of the moment that is shown.

import { make, press, setText } from "../shared/elements.js";
import { number, words } from "../shared/words.js";
import { percent, tidy } from "./formats.js";
import { rowAt, valueIn } from "./rows.js";
import { momentShown, qualityShown } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */
/** @typedef {import("./state.js").Row} Row */
/** @typedef {[label: string, text: string | number, colour?: string]} Fact */

const NOTABLE_ERROR = 0.1; // of a distance; a smaller standard error is not said

/** @param {Pick<import("./run_server.js").Base, "room" | "view">} base */
export function createFacts({ room, view }) {
  const help = room.part("distance-help");
  let shown = "";

  function show() {
    const row = rowAt(view.rows, momentShown(view));
    const quality = qualityShown(view);
    explain();
    const picks = picksIn(row);
    const real = percent(valueIn(row, "d_real"));
    const fake = percent(valueIn(row, "d_fake"));
    const found = factsOf(row, quality, { picks, real, fake });
    const now = JSON.stringify(found);
    if (shown === now) return;
    shown = now;
    room.part("facts").replaceChildren(
      ...found.map(([label, text, colour]) => {
        const isDistance = label === words("train.n-distance") && quality?.fd_over_r;
        const number = make("dd", {}, isDistance ? explained(String(text)) : String(text));
        if (colour) number.className = `gm-${colour}`;
        return make("div", {}, make("dt", {}, label), number);
      }),
    );
  }

  /** A distance that says on a press what it means.
   * @param {string} text */
  function explained(text) {
    const aria = { controls: help.id, expanded: !help.hidden };
    const button = press(
      text,
      () => {
        help.hidden = !help.hidden;
        explain();
        button.setAttribute("aria-expanded", String(!help.hidden));
      },
      { className: "gm-explained", aria },
    );
    return button;
  }

  function explain() {
    const quality = qualityShown(view);
    const { about } = view;
    if (!quality || !about || help.hidden) {
      setText(help, "");
      return;
    }
    const id = about.own_pictures ? "train.distance-help-own" : "train.distance-help";
    setText(help, words(id, { samples: quality.samples, eyes: about.eyes }));
  }

  return { show };
}

/**
 * @param {Row | null} row
 * @param {Answer | null} quality
 * @param {{ picks: string | null, real: string, fake: string }} answers
 */
function factsOf(row, quality, { picks, real, fake }) {
  /** @param {string} column */
  const numberIn = (column) => {
    const value = valueIn(row, column);
    return value === null ? words("train.not-measured") : tidy(value);
  };
  /** @type {Fact[]} */
  const found = [
    [words("train.n-real"), real, "real"],
    [words("train.n-fake"), fake, "fake"],
    [words("train.n-loss-d"), numberIn("loss_d"), "disc"],
    [words("train.n-loss-g"), numberIn("loss_g"), "fake"],
    [words("train.n-distance"), distanceIn(quality)],
  ];
  // Earlier editions noted no picks: a run of theirs does without.
  if (!row || picks !== null)
    found.unshift([words("train.n-picks"), picks ?? words("train.not-measured"), "disc"]);
  if (quality?.classes) {
    const { classes, classes_covered: covered } = quality;
    found.push([words("train.n-classes"), words("train.n-classes-value", { covered, classes })]);
  }
  return found;
}

/** How often D picked the real one of a pair; null where it was not noted.
 * @param {Row | null} row */
function picksIn(row) {
  const picks = valueIn(row, "picks");
  return picks === null ? null : words("train.n-picks-value", { picks: Math.round(100 * picks) });
}

/** @param {Answer | null} quality */
function distanceIn(quality) {
  const { fd_over_r: value, fd_over_r_error: error = 0 } = quality ?? {};
  if (!value) return words("train.not-measured");
  const about = number(error ?? 0, { maximumSignificantDigits: 1 });
  const id = error > NOTABLE_ERROR * value ? "train.n-distance-about" : "train.n-distance-value";
  return words(id, { value, error: about });
}

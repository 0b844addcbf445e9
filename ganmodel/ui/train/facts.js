// @ts-check
// The numbers of the moment that is shown.
import { words as allWords, fill } from "../shared/contract.js";
import { make, press, setText } from "../shared/elements.js";
import { inTimes, percent, tidy } from "./formats.js";
import { rowAt, valueIn } from "./rows.js";
import { momentShown, qualityShown } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */
/** @typedef {import("./state.js").Row} Row */
/** @typedef {[label: string, text: string | number, colour?: string]} Fact */

const words = allWords.train;
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
        const isDistance = label === words.N_DISTANCE && quality?.fd_over_r;
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
    const sentence = about.own_pictures ? words.DISTANCE_HELP_OWN : words.DISTANCE_HELP;
    setText(help, fill(sentence, { samples: quality.samples, eyes: about.eyes }));
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
    return value === null ? words.NOT_MEASURED : tidy(value);
  };
  /** @type {Fact[]} */
  const found = [
    [words.N_REAL, real, "real"],
    [words.N_FAKE, fake, "fake"],
    [words.N_LOSS_D, numberIn("loss_d"), "disc"],
    [words.N_LOSS_G, numberIn("loss_g"), "fake"],
    [words.N_DISTANCE, distanceIn(quality)],
  ];
  // Earlier editions noted no picks: a run of theirs does without.
  if (!row || picks !== null) found.unshift([words.N_PICKS, picks ?? words.NOT_MEASURED, "disc"]);
  if (quality?.classes) {
    const { classes, classes_covered: covered } = quality;
    found.push([words.N_CLASSES, fill(words.N_CLASSES_VALUE, { covered, classes })]);
  }
  return found;
}

/** How often D picked the real one of a pair; null where it was not noted.
 * @param {Row | null} row */
function picksIn(row) {
  const picks = valueIn(row, "picks");
  return picks === null ? null : fill(words.N_PICKS_VALUE, { picks: Math.round(100 * picks) });
}

/** @param {Answer | null} quality */
function distanceIn(quality) {
  const { fd_over_r: value, fd_over_r_error: error = 0 } = quality ?? {};
  if (!value) return words.NOT_MEASURED;
  const sentence = error > NOTABLE_ERROR * value ? words.N_DISTANCE_ABOUT : words.N_DISTANCE_VALUE;
  return fill(sentence, { value: inTimes(value), error: Number((error ?? 0).toPrecision(1)) });
}

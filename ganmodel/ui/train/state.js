// @ts-check
// What the Train tab knows of the run that it shows, in one table, and what follows from it at once.
// The run itself goes on whether anybody looks or not.
import { contract } from "../shared/contract.js";
import { createState, field } from "../shared/state.js";
import { visit } from "../shared/storage.js";

/** @typedef {Record<string, any>} Answer of the server's, or a part of one */
/** @typedef {(number | null)[]} Row of the curves: a value for each of `contract.columns` */
/** @typedef {{ run: string | null, key: string | null }} Wanted a run and the key of its link */
/** @typedef {{ images: number, values: Record<string, unknown> }} Mark where knobs were turned */
/** @typedef {ReturnType<typeof createTrainState>["values"]} View */

const noText = /** @returns {string | null} */ () => null;
const noNumber = /** @returns {number | null} */ () => null;
const noAnswer = /** @returns {Answer | null} */ () => null;

const KEPT = {
  // The run that the visitor chose, or null for whatever is newest.
  wanted: field(/** @returns {Wanted} */ () => ({ run: null, key: null }), {
    kept: visit,
    key: "shown",
    read: (text) => {
      const [run = null, key = null] = JSON.parse(text) ?? [];
      return { run, key };
    },
    write: ({ run, key }) => JSON.stringify([run, key]),
  }),
  generation: field(() => 0), // counts the runs shown, so that late answers are known as such
  raw: field(() => false), // whether raw G's pictures are chosen, where G is averaged
};

// All that begins anew with another run.
const OF_THE_RUN = {
  run: field(noText), // the one that is shown
  own: field(() => false),
  state: field(noText),
  offset: field(() => 0), // how much of the curves has come
  history: field(noText), // of which writing of them
  rows: field(/** @returns {Row[]} */ () => []),
  marks: field(/** @returns {Mark[]} */ () => []),
  overlay: field(/** @returns {Row[]} */ () => []), // the curves of the run that this one forks
  grids: field(/** @returns {number[]} */ () => []), // the moments of which there are pictures
  frozen: field(/** @returns {number[] | null} */ () => null), // those on the slider, once moved
  gone: field(() => false), // a moment was asked for that has no pictures: none are shown
  at: field(noNumber), // the slider's place among `frozen`; null: the newest moment
  past: field(/** @returns {Map<number, Answer>} */ () => new Map()), // what is known of moments
  quality: field(noAnswer), // the newest evaluation
  best: field(noAnswer),
  verdict: field(noAnswer),
  about: field(noAnswer), // what never changes of a run
  knobs: field(/** @returns {Record<string, number>} */ () => ({})),
  networks: field(/** @returns {Record<string, number>} */ () => ({})),
  layout: field(noAnswer), // of its grids
  generator: field(noText), // its name in the Playground
  has_reals: field(() => false),
  images_seen: field(() => 0),
  images_total: field(() => 0),
  by_hand: field(() => 0), // steps
  speeds: field(/** @returns {number[]} */ () => []), // the newest, in images a second
  shownGrid: field(noText), // which pictures stand on the page
  shownReals: field(noText),
};

// What each answer says anew, under the same names.
const ALWAYS_SAID = /** @type {const} */ ([
  "own",
  "state",
  "offset",
  "history",
  "verdict",
  "generator",
  "has_reals",
  "knobs",
  "networks",
  "layout",
  "best",
  "by_hand",
  "images_seen",
  "images_total",
]);
// What an answer says only where it has changed.
const SAID_ONCE = /** @type {const} */ (["marks", "quality", "about"]);

export function createTrainState() {
  const state = createState({ ...KEPT, ...OF_THE_RUN });
  const { values } = state;

  /** Begins anew, as before the first answer about another run. */
  function forget() {
    state.reset(Object.keys(OF_THE_RUN));
    values.generation += 1;
  }

  /**
   * Shows another run from now on; null for whatever is newest.
   * @param {string | null} run
   * @param {string | null} key
   */
  function choose(run, key) {
    forget();
    values.wanted = { run, key };
    state.remember("wanted");
  }

  /** Shows another run until it is left; a reload does not come back to it.
   * @param {string} run */
  function glance(run) {
    forget();
    values.wanted = { run, key: null };
  }

  /** Begins the curves and pictures anew: the run was resumed from an earlier moment. */
  function cutOff() {
    state.reset(["rows", "grids", "marks", "quality", "at", "frozen", "past"]);
  }

  /** @param {Answer} news */
  function take(news) {
    const newest = values.grids.at(-1) ?? -1;
    values.grids.push(...(news.grids ?? []).filter((/** @type {number} */ one) => one > newest));
    const told = SAID_ONCE.filter((name) => news[name] !== undefined);
    for (const name of [...ALWAYS_SAID, ...told]) Object.assign(values, { [name]: news[name] });
  }

  return { values, forget, choose, glance, cutOff, take, recall: state.recall };
}

/** @param {View} view */
export const isLive = (view) => contract.liveStates.includes(view.state ?? "");

/** Whether a run's name is that of one that comes with ganmodel.
 * @param {string | null} run */
export const isBundled = (run) => run?.startsWith(contract.bundledPrefix) ?? false;

/** Whether raw G's pictures are shown instead of averaged G's.
 * @param {View} view */
export const showsRaw = (view) => view.raw && Boolean(view.about?.averaged);

/** The moments on the time slider.
 * @param {View} view */
export const momentsOf = (view) => view.frozen ?? view.grids;

/**
 * @param {number[]} moments at least one
 * @param {number} wanted
 */
export const nearestOf = (moments, wanted) =>
  moments.reduce((best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best));

/** The moment that is shown: the slider's, once it was moved, else the newest.
 * @param {View} view */
export function momentShown(view) {
  if (view.at === null) return view.grids.at(-1) ?? null;
  return momentsOf(view)[view.at];
}

/** What the server said of the moment that the slider holds; null where it has not yet.
 * @param {View} view */
export function pastShown(view) {
  const moment = momentShown(view);
  return view.at === null || moment === null ? null : (view.past.get(moment) ?? null);
}

/** The evaluation of the moment that is shown.
 * @param {View} view
 * @returns {Answer | null} */
export function qualityShown(view) {
  return view.at === null ? view.quality : (pastShown(view)?.quality ?? null);
}

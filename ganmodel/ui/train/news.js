// @ts-check
// The loop that asks the server what is new of the run that is shown, and which run that is.
import { linkedRun } from "../shared/address.js";
import { latest } from "../shared/latest.js";
import { ServerError } from "../shared/server.js";
import { on } from "../shared/signals.js";
import { words } from "../shared/words.js";
import { isLive } from "./state.js";

// Milliseconds between two questions: about a run that trains, about any other, and while nobody looks,
// for the tab's title and for who wants to be told of the end. On a hosted page many ask at once, so
// that only who has just begun asks more often.
const LIVE_WAIT = 1000;
const FIRST_WAIT = 250; // about one just begun, whose first two grids are expected any moment
const FIRST_TIME = 8000;
const REST_WAIT = 2000;
const HIDDEN_WAIT = 5000;

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view" | "messages">} base
 * @param {object} given
 * @param {import("../shared/server.js").Server} given.page
 * @param {ReturnType<typeof import("./state.js").createTrainState>} given.state
 * @param {(news: import("./state.js").Answer) => void} given.show
 * @param {() => void} given.leave another run is about to be shown
 */
export function createNews({ room, view, messages }, { page, state, show, leave }) {
  const isWanted = () => !document.hidden || (view.own && isLive(view));

  const askForNews = latest(async () => {
    if (!isWanted()) return;
    const { generation } = view;
    try {
      const news = await page.ask("watch", questionAbout(view));
      if (generation === view.generation) show(news);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (!error.gone && generation !== view.generation) return;
      if (!error.gone && view.wanted.run !== null) choose(null, null);
      messages.complain(error.message);
    }
  });

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let clock;
  /** Asks what is new, now and from then on. */
  async function look() {
    if (!room.element.isConnected) return;
    try {
      await askForNews();
    } finally {
      clearTimeout(clock);
      clock = setTimeout(look, document.hidden ? HIDDEN_WAIT : waitNow());
    }
  }

  let followed = Number.NEGATIVE_INFINITY;
  function waitNow() {
    if (!isLive(view)) return REST_WAIT;
    const isFirst = view.grids.length < 2 && performance.now() < followed + FIRST_TIME;
    return isFirst ? FIRST_WAIT : LIVE_WAIT;
  }

  /**
   * @param {string | null} run
   * @param {string | null} key
   */
  function choose(run, key) {
    state.choose(run, key);
    messages.withdraw();
  }

  /** Shows another run until it is left: a reload does not come back to it.
   * @param {string} run */
  function glance(run) {
    state.glance(run);
    look();
  }

  on("follow", ({ name, key = null, said }) => {
    leave();
    choose(name, key);
    followed = performance.now();
    document.body.dataset.run = "waiting";
    messages.say(words("train.getting-ready"));
    if (said) messages.complain(said);
    room.part("moment").textContent = words("train.first-come");
    look();
  });
  on("forget", () => {
    choose(null, null);
    look();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });

  /** Begins with the run of the address, or the one that was shown last. */
  function begin() {
    state.recall();
    const link = linkedRun();
    if (link.run) view.wanted = link;
    look();
  }

  return { look, glance, begin };
}

/** What the server has to know, so that it says only what is new.
 * @param {import("./state.js").View} view */
function questionAbout({ wanted, offset, history, grids, quality, marks, by_hand }) {
  return {
    ...wanted,
    offset,
    history,
    grid: grids.at(-1) ?? -1,
    quality: quality?.images ?? -1,
    marks: marks.length,
    by_hand,
  };
}

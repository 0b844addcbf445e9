// @ts-check
// The Train tab's view: which run it shows, the loop that asks the server what is new of it, and all
// parts of the view put together.
import { linkedRun, setAddressForOthers } from "../shared/address.js";
import { words as allWords } from "../shared/contract.js";
import { within } from "../shared/elements.js";
import { latest } from "../shared/latest.js";
import { Server, ServerError } from "../shared/server.js";
import { on } from "../shared/signals.js";
import { createBest } from "./best.js";
import { createCells } from "./cells.js";
import { createClasses } from "./classes.js";
import { createCoach } from "./coach.js";
import { createControls } from "./controls.js";
import { createCurves } from "./curves.js";
import { createDiagram } from "./diagram.js";
import { createFacts } from "./facts.js";
import { createFilm } from "./film.js";
import { createGrids } from "./grids.js";
import { watchKeys } from "./keys.js";
import { createKnobs } from "./knobs.js";
import { createManualSteps } from "./manual_steps.js";
import { createMessages } from "./messages.js";
import { createOtherRuns } from "./other_runs.js";
import { createPastMoments } from "./past_moments.js";
import { appended } from "./rows.js";
import { createRunServer } from "./run_server.js";
import { createSheet } from "./sheet.js";
import { createTrainState, isLive, qualityShown } from "./state.js";
import { createStatus } from "./status.js";
import { createTimeSlider } from "./time_slider.js";

const words = allWords.train;
const LIVE_WAIT = 1000; // milliseconds between two questions about a run that trains
const REST_WAIT = 2000; // and about any other

/** @param {HTMLElement} element */
export function start(element) {
  const room = within(element);
  const state = createTrainState();
  const view = state.values;
  const messages = createMessages({ room });
  const page = new Server(words.NO_ANSWER);
  const server = createRunServer({ server: page, view, messages });
  const base = { room, view, server, messages };

  const status = createStatus(base);
  const otherRuns = createOtherRuns(base);
  const controls = createControls(base, { changed: showControls, lookAgain: look });
  const { act, isActing } = controls;
  const knobs = createKnobs(base, { act });
  const grids = createGrids(base);
  const { chooseRaw } = grids;
  const steps = createManualSteps(base, { act, isActing, chooseRaw, stepped: showSteps });
  const cells = createCells(base, createSheet(base).open);
  const slider = createTimeSlider(base, { moved: showMoment, isDrawing: grids.isBusy });
  const { isPlaying, goNear } = slider;
  const past = createPastMoments(base, { show: showMeasured, isPlaying });
  const diagram = createDiagram(base);
  const facts = createFacts(base, { showAnswers: diagram.showAnswers });
  const best = createBest(base, { goNear, end: () => act("stop") });
  const classes = createClasses(base);
  const coach = createCoach(base, { act });
  const curves = createCurves(base);
  createFilm(base);
  watchKeys(base, { pauseOrResume: controls.pauseOrResume, slider });

  /** @param {import("./state.js").Answer} news */
  function show(news) {
    if (news.run === null) {
      document.body.dataset.run = "none";
      messages.say(news.message);
      return;
    }
    if (news.run !== view.run) {
      state.forget();
      view.run = news.run;
      leaveOld();
    }
    if (news.history !== view.history) {
      state.cutOff();
      curves.outdate();
    }
    if (news.by_hand !== view.by_hand) outdate();
    view.rows = appended(view.rows, news.curves);
    state.take(news);
    if (news.about) showAbout();
    cells.show();
    status.announce();
    otherRuns.show(news);
    status.show(news);
    showControls();
    slider.show();
    grids.show();
    grids.showReals();
    showNumbers();
    best.show();
    coach.show();
    if (view.at === null) classes.show(view.quality);
    if (!view.grids.length) {
      room.part("moment").textContent = news.queued ? words.FIRST_QUEUED : words.FIRST_COME;
    }
    curves.draw();
  }

  function showAbout() {
    setAddressForOthers(view.about?.address);
    diagram.showInputs();
    grids.showChoice();
    curves.loadOverlay();
  }

  function showControls() {
    controls.show();
    steps.show();
    knobs.show();
  }

  function showMoment() {
    slider.show();
    grids.show();
    showNumbers();
    curves.mark();
    past.moved();
  }

  /** What the coach said and what was measured at the moment that is shown. */
  function showMeasured() {
    coach.show();
    classes.show(qualityShown(view));
    showNumbers();
  }

  function showNumbers() {
    facts.show();
    grids.showCopies(qualityShown(view));
  }

  /** After steps by hand, in this tab or another: the newest grids were drawn anew, and what was said
   * of the newest moment holds no more. */
  function outdate() {
    grids.outdate();
    curves.outdate();
    view.past.clear();
  }

  function showSteps() {
    outdate();
    slider.goLive();
  }

  /** Another run is to be shown: nothing of the old one may pass for its own. */
  function leaveOld() {
    knobs.close();
    steps.clear();
    grids.dim();
    curves.clear();
  }

  const askForNews = latest(async () => {
    if (document.hidden) return;
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
    if (!element.isConnected) return;
    try {
      await askForNews();
    } finally {
      clearTimeout(clock);
      clock = setTimeout(look, isLive(view) ? LIVE_WAIT : REST_WAIT);
    }
  }

  /**
   * @param {string | null} run
   * @param {string | null} key
   */
  function choose(run, key) {
    state.choose(run, key);
    messages.withdraw();
  }

  on("follow", ({ name, key = null, said }) => {
    slider.stopPlaying();
    choose(name, key);
    leaveOld();
    document.body.dataset.run = "waiting";
    messages.say(words.GETTING_READY);
    if (said) messages.complain(said);
    room.part("moment").textContent = words.FIRST_COME;
    look();
  });
  on("forget", () => {
    choose(null, null);
    look();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  state.recall();
  const link = linkedRun();
  if (link.run) view.wanted = link;
  look();
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

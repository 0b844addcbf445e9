// @ts-check
// The Train tab's view: all its parts put together, and what news of a run change in each.
import { setAddressForOthers } from "../shared/address.js";
import { contract } from "../shared/contract.js";
import { within } from "../shared/elements.js";
import { orTold, Server } from "../shared/server.js";
import { words } from "../shared/words.js";
import { createBest } from "./best.js";
import { createCells } from "./cells.js";
import { createClasses } from "./classes.js";
import { createCoach } from "./coach.js";
import { createControls } from "./controls.js";
import { createCurves } from "./curves.js";
import { createEnding } from "./ending.js";
import { createFacts } from "./facts.js";
import { createFilm } from "./film.js";
import { createGame } from "./game.js";
import { createGrids } from "./grids.js";
import { watchKeys } from "./keys.js";
import { createKnobs } from "./knobs.js";
import { createManualSteps } from "./manual_steps.js";
import { createMessages } from "./messages.js";
import { createMomentHistory } from "./moment_history.js";
import { createNews } from "./news.js";
import { createOtherRuns } from "./other_runs.js";
import { createPastMoments } from "./past_moments.js";
import { appended } from "./rows.js";
import { createRunServer } from "./run_server.js";
import { createSheet } from "./sheet.js";
import { createTrainState, isLive, qualityShown } from "./state.js";
import { createStations } from "./stations.js";
import { createStatus } from "./status.js";
import { createTimeSlider } from "./time_slider.js";
import { createWires } from "./wires.js";

/** @param {HTMLElement} element */
export function start(element) {
  const room = within(element);
  const state = createTrainState();
  const view = state.values;
  const messages = createMessages({ room });
  const page = new Server(words("train.no-answer"));
  const server = createRunServer({ server: page, view, messages });
  const base = { room, view, server, messages };

  const news = createNews(base, { page, state, show, leave: leaveShown });
  const { look } = news;
  const status = createStatus(base);
  const otherRuns = createOtherRuns(base, { leave: leaveQueue });
  const controls = createControls(base, { changed: showControls, lookAgain: look });
  const { act, isActing } = controls;
  const knobs = createKnobs(base, { act });
  const grids = createGrids(base, { rearranged: () => cells.show() });
  const { chooseRaw, paintOne, places } = grids;
  const steps = createManualSteps(base, { act, isActing, chooseRaw, stepped: showSteps });
  const cells = createCells(base, { places, open: createSheet(base, { paintOne }).open });
  const slider = createTimeSlider(base, {
    moved: showMoment,
    isDrawing: grids.isBusy,
    chosen: (moment) => moments.chosen(moment),
  });
  const { isPlaying, goNear } = slider;
  const moments = createMomentHistory(base, {
    goTo: slider.goExactly,
    goLive: slider.goLive,
    tellGone,
  });
  const past = createPastMoments(base, {
    show: showMeasured,
    isPlaying,
    isTold: () => room.one(".gm-train").dataset.aside === "coach",
  });
  const wires = createWires(base);
  const stations = createStations(base, { showBack: wires.showBack });
  const facts = createFacts(base);
  const best = createBest(base, { goNear, end: () => act("stop") });
  const classes = createClasses(base);
  const ending = createEnding(base);
  const game = createGame(base, { page });
  const coach = createCoach(base, { act });
  const curves = createCurves(base);
  createFilm(base);
  let greeted = false; // the film was begun for who came without a run
  watchKeys(base, { pauseOrResume: controls.pauseOrResume, slider });

  /** @param {import("./state.js").Answer} told */
  function show(told) {
    if (told.run === null) {
      document.body.dataset.run = "none";
      messages.say(told.message);
      return;
    }
    const instead = otherRuns.insteadOf(told);
    if (instead) {
      news.glance(instead);
      return;
    }
    if (told.run !== view.run) {
      state.forget();
      view.run = told.run;
      leaveOld();
    }
    if (told.history !== view.history) {
      state.cutOff();
      curves.outdate();
    }
    if (told.by_hand !== view.by_hand) outdate();
    if (view.rows.length && isLive(view)) wires.pulse(told.curves.length);
    view.rows = appended(view.rows, told.curves);
    state.take(told);
    if (told.about) showAbout();
    cells.show();
    otherRuns.show(told);
    status.announce(otherRuns.isAwaited());
    status.show(told);
    ending.show();
    game.show();
    showControls();
    slider.show();
    moments.show();
    grids.show();
    grids.showReals();
    showNumbers();
    best.show();
    coach.show();
    if (view.at === null) classes.show(view.quality);
    if (view.run === contract.firstBundled && !greeted && !view.gone) slider.playForNewcomer();
    greeted = true;
    if (!view.grids.length) showThatNoneAreThere(told.queued);
    curves.draw();
  }

  /** @param {boolean} isQueued */
  function showThatNoneAreThere(isQueued) {
    const toCome = isQueued ? words("train.first-queued") : words("train.first-come");
    room.part("moment").textContent = isLive(view) ? toCome : words("train.none-drawn");
    if (!isLive(view)) grids.clear(); // of a run that was shown before
  }

  function showAbout() {
    setAddressForOthers(view.about?.address);
    stations.showInputs();
    wires.draw();
    grids.showChoice();
    curves.loadOverlay();
  }

  function showControls() {
    controls.show();
    steps.show();
    knobs.show();
  }

  /** Says that a moment has no pictures; none are shown until another is chosen.
   * @param {number} images */
  function tellGone(images) {
    grids.blank();
    room.part("moment").textContent = words("train.moment-gone", { images });
    messages.complain(words("train.moment-gone", { images }));
  }

  function showMoment() {
    view.gone = false;
    slider.show();
    grids.show();
    showNumbers();
    curves.mark();
    past.moved();
  }

  /** Takes a run that waits out of the queue.
   * @param {string} run */
  async function leaveQueue(run) {
    const done = await orTold(page.ask("stop", { run }), messages.complain);
    if (done) messages.say(done.said);
    look();
  }

  /** What the coach said and what was measured at the moment that is shown. */
  function showMeasured() {
    coach.show();
    classes.show(qualityShown(view));
    showNumbers();
  }

  function showNumbers() {
    facts.show();
    stations.show();
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

  /** Another run is asked for. */
  function leaveShown() {
    slider.stopPlaying();
    moments.leave();
    leaveOld();
  }

  /** Another run is to be shown: nothing of the old one may pass for its own. */
  function leaveOld() {
    knobs.close();
    steps.leave();
    grids.dim();
    curves.clear();
  }

  news.begin();
}

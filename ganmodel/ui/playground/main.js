// @ts-check
// The Playground: one point in a generator's noise and its picture, and everything that moves it. Here
// its parts are put together; what each does stands in its own file.

import { setText, within } from "../shared/elements.js";
import { Server } from "../shared/server.js";
import { words } from "../shared/words.js";
import { createAddress } from "./address.js";
import { createAlong } from "./along.js";
import { createArrival } from "./arrival.js";
import { createClasses } from "./classes.js";
import { createCopy } from "./copy.js";
import { createFavourites } from "./favourites.js";
import { createFrames } from "./frames.js";
import { createGenerators } from "./generators.js";
import { createGone } from "./gone.js";
import { createHistory } from "./history.js";
import { createKeep } from "./keep.js";
import { createMenus } from "./menus.js";
import { createMessage, refuseNumbers } from "./message.js";
import { createMoments } from "./moments.js";
import { createOpinions } from "./opinions.js";
import { createPicture } from "./picture.js";
import { createQuestions } from "./questions.js";
import { createRecall } from "./recall.js";
import { createReturns } from "./returns.js";
import { createRows } from "./rows.js";
import { createPlaygroundState, standingOf } from "./state.js";
import { createStops } from "./stops.js";
import { createTravel } from "./travel.js";
import { createVariety } from "./variety.js";
import { createWays } from "./ways.js";

const LOOK_EVERY = 3000; // milliseconds: a run that still trains keeps getting better

/** @param {HTMLElement} element */
export function start(element) {
  const room = within(element);
  const server = new Server(words("playground.no-answer"));
  const state = createPlaygroundState();
  state.recall();
  const { values } = state;
  const say = createMessage(room.part("message"));
  const questions = createQuestions({ server, values, say });

  const frames = createFrames({ values, questions, fetched });
  const picture = createPicture({
    room,
    values,
    questions,
    frames,
    say,
    pointed: () => ways.point(),
    rested,
  });
  const rows = createRows({ values, questions });
  const along = createAlong({ room, values, picture, moved: () => ways.share() });
  const stops = createStops({ room, values, picture, along, rows, say });
  const moments = createMoments({ room, values, picture, along, say });
  const variety = createVariety({ room, values, picture, rows });
  const classes = createClasses({ room, values, picture });
  const moves = { room, values, questions, picture, frames, along, stops, moments, rows };
  const ways = createWays({
    ...moves,
    state,
    showPlace,
    say,
    chosen: (before) => returns.entered(before),
  });

  const travel = createTravel({
    values,
    questions,
    picture,
    arrived,
    stayed: () => generators.show(),
  });
  const generators = createGenerators({
    room,
    server,
    values,
    questions,
    say,
    chosen: (generator) => travel.to({ generator, moment: null }, { ...values.place, rest: null }),
    described,
  });
  const gone = createGone({ room, values, questions, travel, say });
  const opinions = createOpinions({ room, server, values, questions });
  const address = createAddress({ room, state });
  const returns = createReturns({ state, show: ways.show, writeAddress: address.write });
  const past = createHistory({ room, values, travel });
  const menus = createMenus(room);
  const keep = createKeep({ room, questions, close: menus.close, tell });
  const copy = createCopy({ room, state, questions, close: menus.close, tell });
  createRecall({
    room,
    server,
    values,
    questions,
    stops,
    travel,
    gone,
    takePlain: ways.take,
    close: menus.close,
    say,
  });
  const favourites = createFavourites({
    room,
    state,
    questions,
    picture,
    travel,
    gone,
    keep,
    walk,
    say,
  });
  const arrival = createArrival({
    values,
    questions,
    generators,
    travel,
    gone,
    returns,
    showWay: ways.show,
    say,
  });

  /** @param {string} key what the frames are of */
  function fetched(key) {
    room.one("#play-strip").dataset.key = key;
    picture.canvas.dispatchEvent(new CustomEvent("fetched", { bubbles: true }));
  }

  /** What is slower to know, and what is remembered. */
  function rested() {
    values.standing = standingOf(values);
    state.remember("standing");
    address.write();
    copy.closeOther();
    past.note();
    favourites.refresh();
    generators.look();
    opinions.refresh();
    rows.refresh();
    ways.refresh();
  }

  function showPlace() {
    classes.show();
    variety.show();
  }

  function arrived() {
    const { z_dim: count } = values.facts ?? {};
    setText(room.part("says"), words("playground.says", { count }));
    generators.show();
    showPlace();
    stops.show();
    along.showShare();
    ways.reset();
    moments.arrive();
    gone.arrive();
    favourites.refresh();
  }

  /** @param {boolean} isNewer whether there are newer weights of the run that is followed */
  function described(isNewer) {
    moments.show();
    ways.fit();
    if (!isNewer) return;
    picture.draw();
    frames.fetchAhead();
  }

  /** Plays the way, from A on. */
  function walk() {
    ways.choose("ab");
    along.play();
  }

  /** @param {string} sentence of what is kept or copied */
  function tell(sentence) {
    room.part("keeping-box").hidden = !sentence;
    room.part("keeping").textContent = sentence;
  }

  const pixels = room.all("[name=play-pixels]");
  function showPixels() {
    for (const radio of pixels) radio.checked = (radio.value === "smooth") === values.smooth;
    room.one(".gm-play").classList.toggle("gm-smooth", values.smooth);
  }
  for (const radio of pixels) {
    radio.addEventListener("change", () => {
      values.smooth = radio.value === "smooth";
      state.remember("smooth");
      showPixels();
    });
  }
  showPixels();
  room.part("keeping-close").addEventListener("click", () => {
    room.part("copied").hidden = true;
    tell("");
  });

  refuseNumbers({
    room,
    say,
    showNumbers() {
      variety.show();
      ways.point();
    },
  });
  setInterval(async () => {
    if (document.hidden || !room.isShown()) return;
    await generators.list();
    generators.look();
  }, LOOK_EVERY);
  arrival.begin();
}

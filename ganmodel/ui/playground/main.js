// @ts-check
// The Playground: one point in a generator's noise and its picture, and everything that moves it. Here
// its parts are put together; what each does stands in its own file.
import { words as allWords } from "../shared/contract.js";
import { within } from "../shared/elements.js";
import { Server } from "../shared/server.js";
import { createAddress } from "./address.js";
import { createAlong } from "./along.js";
import { createArrival } from "./arrival.js";
import { createClasses } from "./classes.js";
import { createCopy } from "./copy.js";
import { createFrames } from "./frames.js";
import { createGenerators } from "./generators.js";
import { createHistory } from "./history.js";
import { createKeep } from "./keep.js";
import { createMessage, refuseNumbers } from "./message.js";
import { createMoments } from "./moments.js";
import { createOpinions } from "./opinions.js";
import { createPicture } from "./picture.js";
import { createQuestions } from "./questions.js";
import { createRecall } from "./recall.js";
import { createPlaygroundState, standingOf } from "./state.js";
import { createStops } from "./stops.js";
import { createTravel } from "./travel.js";
import { createVariety } from "./variety.js";
import { createWays } from "./ways.js";

const words = allWords.playground;
const LOOK_EVERY = 3000; // milliseconds: a run that still trains keeps getting better

/** @param {HTMLElement} element */
export function start(element) {
  const room = within(element);
  const server = new Server(words.NO_ANSWER);
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
  const along = createAlong({ room, values, frames, picture });
  const stops = createStops({ room, values, frames, picture, along, say });
  const moments = createMoments({ room, values, picture, along, say });
  const variety = createVariety({ room, values, picture });
  const classes = createClasses({ room, values, picture });
  const moves = { room, values, questions, picture, along, stops, moments, showPlace, say };
  const ways = createWays({ state, ...moves });

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
  const opinions = createOpinions({ room, server, values, questions });
  const address = createAddress({ room, state });
  const past = createHistory({ room, values, travel });
  const copy = createKeepMenu();
  const arrival = createArrival({ values, questions, generators, travel, say });

  /** @param {string} key what the frames are of */
  function fetched(key) {
    along.showStrip(key);
    stops.showThumbs();
    picture.canvas.dispatchEvent(new CustomEvent("fetched", { bubbles: true }));
  }

  /** What is slower to know, and what is remembered. */
  function rested() {
    values.standing = standingOf(values);
    state.remember("standing");
    address.write();
    copy.closeOther();
    past.note();
    generators.look();
    opinions.refresh();
    ways.refresh();
  }

  function showPlace() {
    classes.show();
    variety.show();
  }

  function arrived() {
    generators.show();
    showPlace();
    stops.show();
    along.showShare();
    ways.reset();
    moments.arrive();
  }

  /** @param {boolean} isNewer whether there are newer weights of the run that is followed */
  function described(isNewer) {
    moments.show();
    ways.fit();
    if (!isNewer) return;
    picture.draw();
    frames.fetchAhead();
  }

  /** The menu of what can be kept, and what comes back from there. */
  function createKeepMenu() {
    const menu = room.one("#play-keep");
    const close = () => {
      menu.open = false;
    };
    const tell = (/** @type {string} */ sentence) => {
      room.part("keeping").textContent = sentence;
    };
    createKeep({ room, questions, close, tell });
    const { take: takePlain } = ways;
    createRecall({ room, server, values, questions, stops, travel, takePlain, close, say });
    return createCopy({ room, state, questions, close, tell });
  }

  const smooth = room.part("smooth-pixels");
  function showSmoothness() {
    room.one(".gm-play").classList.toggle("gm-smooth", values.smooth);
  }
  smooth.checked = values.smooth;
  smooth.addEventListener("change", () => {
    values.smooth = smooth.checked;
    state.remember("smooth");
    showSmoothness();
  });
  showSmoothness();

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

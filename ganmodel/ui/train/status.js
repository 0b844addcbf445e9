// @ts-check
// How the run is doing: the bar, the numbers in a line, the message, the notes; which stage the page
// is in; and what the rest of the page is told of it.
import { contract } from "../shared/contract.js";
import { setText, showItems } from "../shared/elements.js";
import { emit } from "../shared/signals.js";
import { worded, words } from "../shared/words.js";
import { duration, percent as percentOf } from "./formats.js";
import { isBundled, isLive } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */

const MEASURES_FOR = 3; // seconds of training, before a run tells how fast it is
const SPEEDS_KEPT = 12; // of which the mean is shown

/** @param {import("./run_server.js").Base} base */
export function createStatus({ room, view, messages }) {
  const { part, one } = room;
  const bar = one(".gm-bar");
  const root = one(".gm-train");
  let announced = "";

  /** @param {Answer} news */
  function show(news) {
    const speed = meanSpeed(news);
    const bundled = isBundled(view.run);
    const share = news.images_total ? news.images_seen / news.images_total : 0;
    const percent = Math.floor(100 * share);
    bar.firstElementChild.style.width = `${100 * share}%`;
    bar.setAttribute("aria-valuenow", percent);
    setText(part("percent"), percentOf(share));
    // A film of the page's own makes its claim; a run says what it is.
    setText(
      part("claim"),
      bundled ? words("train.claim") : (view.about?.words ?? words("train.claim")),
    );
    root.dataset.stage = stage();
    root.dataset.aside = view.run === contract.firstBundled ? "game" : "coach";
    const progress = { seen: news.images_seen, total: news.images_total };
    part("images").textContent = words("train.of-images", progress);
    const byHand = news.by_hand ? words("train.by-hand", { steps: news.by_hand }) : "";
    part("by-hand").textContent = byHand;
    setText(part("speed"), bundled ? "" : speedInWords(speed));
    setText(part("left"), timeLeft(speed));
    part("settings").textContent = settingsLine();
    messages.report(news.message, view.state === "failed");
    const notes = part("notes");
    if (notes.children.length !== news.notes.length) showItems(notes, news.notes);
  }

  /** What the bar is for now. */
  function stage() {
    if (isBundled(view.run)) return "film";
    if (!view.own) return "reading";
    return isLive(view) ? "live" : "ended";
  }

  /** In images a second; null where it is not known yet.
   * @param {Answer} news
   * @returns {number | null} */
  function meanSpeed(news) {
    if (view.state === "running" && (news.seconds ?? 0) < MEASURES_FOR) return null;
    if (news.images_per_second && news.curves.length) view.speeds.push(news.images_per_second);
    view.speeds = view.speeds.slice(-SPEEDS_KEPT);
    if (!view.speeds.length) return news.images_per_second;
    return view.speeds.reduce((sum, one) => sum + one) / view.speeds.length;
  }

  /** @param {number | null} speed */
  function speedInWords(speed) {
    if (speed) return words("train.per-second", { speed: Math.round(speed) });
    return view.state === "running" ? words("train.measuring") : "";
  }

  /** @param {number | null} speed */
  function timeLeft(speed) {
    if (view.state !== "running" || !speed) return "";
    const seconds = (view.images_total - view.images_seen) / speed;
    return words("train.time-left", { time: duration(seconds) });
  }

  function settingsLine() {
    const { about } = view;
    if (!about) return "";
    const pieces = [about.title, about.words].map(worded);
    if (view.networks.G) pieces.push(words("train.network-sizes", view.networks));
    if (!view.own && !isBundled(view.run)) pieces.push(words("train.reading"));
    if (about.origin) pieces.push(originInWords(about.origin));
    return pieces.join(" · ");
  }

  /** Tells where the run stands: other rooms depend on it.
   * @param {boolean} isAwaited whether one's own run waits for its turn, while a film is shown */
  function announce(isAwaited) {
    const bundled = isBundled(view.run);
    let state = bundled ? "none" : (view.state ?? "");
    if (bundled && isAwaited) state = "waiting";
    document.body.dataset.run = state;
    document.body.dataset.own = view.own ? "yes" : "no";
    const now = JSON.stringify([view.run, view.state, view.own]);
    if (now === announced) return;
    announced = now;
    const name = bundled ? "" : (view.run ?? "");
    emit("run", { name, state, own: view.own, words: worded(view.about?.words ?? "") });
    emit("runs");
  }

  return { show, announce };
}

/** @param {Answer} origin the run that this one tried again from */
function originInWords(origin) {
  const changes = Object.entries(origin.changes ?? {}).map(([name, value]) =>
    words("train.change", { name, value }),
  );
  return words("train.again-of", {
    moment: origin.moment,
    title: origin.title ?? origin.run,
    changes: changes.length ? changes : words("train.unchanged"),
  });
}

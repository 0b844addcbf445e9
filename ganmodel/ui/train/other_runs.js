// @ts-check
// Ways from the run that is shown to others: to another bundled one, back to one's own that waits or
// trains, and to the one that a class watches. While one's own run waits for its turn, the film plays;
// when its turn comes, it is shown by itself.
import { contract } from "../shared/contract.js";
import { make, setText } from "../shared/elements.js";
import { emit } from "../shared/signals.js";
import { worded, words } from "../shared/words.js";
import { isBundled } from "./state.js";

/** @typedef {{ run: string, said: string, queued: boolean }} Other */

/**
 * @param {import("./run_server.js").Base} base
 * @param {object} given
 * @param {(run: string) => Promise<unknown>} given.leave takes a run out of the queue
 */
export function createOtherRuns({ room, view, messages }, { leave }) {
  const { part } = room;
  const choice = room.one("#train-film");
  /** @type {HTMLButtonElement} */
  const start = room.one("#train-start");
  let offered = ""; // the bundled runs as they stand in the choice
  /** @type {Other | null} */
  let ownRun = null;
  /** @type {Other | null} */
  let classRun = null;
  /** @type {string | null} */
  let awaited = null; // one's own run, for whose turn the page waits

  /** @param {import("./state.js").Answer} news */
  function show(news) {
    if (ownRun && !news.waits && isBundled(view.wanted.run))
      messages.complain(words("train.own-ended"));
    ownRun = news.waits ?? null;
    classRun = news.class_run ?? null;
    part("waits").hidden = !ownRun;
    if (ownRun) setText(part("waits-said"), ownRun.said);
    part("waits-back").hidden = ownRun?.queued ?? true;
    part("waits-leave").hidden = !ownRun?.queued;
    start.disabled = ownRun?.queued ?? false; // one's own is on its way already, as is said below
    if (ownRun?.queued) awaited = ownRun.run;
    else if (ownRun && ownRun.run === awaited) {
      awaited = null;
      follow(ownRun);
    }
    part("class-runs").hidden = !classRun;
    if (classRun) setText(part("class-said"), classRun.said);
    showBundled(isBundled(view.run) ? (view.about?.bundled ?? []) : []);
  }

  /** @param {[run: string, title: import("../shared/words.js").Words][]} bundled */
  function showBundled(bundled) {
    part("films").hidden = bundled.length < 2;
    const now = JSON.stringify(bundled);
    if (offered !== now) {
      offered = now;
      const options = bundled.map(([value, title]) => make("option", { value }, worded(title)));
      choice.replaceChildren(...options);
    }
    choice.value = view.run;
  }

  /** @param {Other | null} other */
  const follow = (other) => other && emit("follow", { name: other.run });

  choice.addEventListener("change", () => emit("follow", { name: choice.value }));
  part("waits-back").addEventListener("click", () => follow(ownRun));
  part("class-watch").addEventListener("click", () => follow(classRun));
  part("waits-leave").addEventListener("click", async () => {
    if (!ownRun) return;
    awaited = null;
    await leave(ownRun.run);
  });

  /** What is shown instead of a run that waits for its turn and has no pictures yet: what the class
   * watches, or the film; null for any other.
   * @param {import("./state.js").Answer} news
   * @returns {string | null} */
  function insteadOf(news) {
    const onlyWaits = news.own && news.queued && !news.grids?.length && !view.grids.length;
    return onlyWaits ? (news.class_run?.run ?? contract.firstBundled) : null;
  }

  return { show, insteadOf, isAwaited: () => ownRun?.queued ?? false };
}

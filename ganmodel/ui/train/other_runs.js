// @ts-check
// Ways from the run that is shown to others: to another bundled one, back to one's own that waits or
// trains, to the one that a class watches, and to something to look at while one's own waits.
import { words as allWords, contract } from "../shared/contract.js";
import { make, setText } from "../shared/elements.js";
import { emit } from "../shared/signals.js";
import { explore } from "../shared/tabs.js";
import { isBundled } from "./state.js";

/** @typedef {{ run: string, said: string }} Other */

const words = allWords.train;

/** @param {import("./run_server.js").Base} base */
export function createOtherRuns({ room, view, messages }) {
  const { part } = room;
  const choice = room.one("#train-film");
  let offered = ""; // the bundled runs as they stand in the choice
  /** @type {Other | null} */
  let ownRun = null;
  /** @type {Other | null} */
  let classRun = null;

  /** @param {import("./state.js").Answer} news */
  function show(news) {
    if (ownRun && !news.waits && isBundled(view.wanted.run)) messages.complain(words.OWN_ENDED);
    ownRun = news.waits ?? null;
    classRun = news.class_run ?? null;
    part("waits").hidden = !ownRun;
    if (ownRun) setText(part("waits-said"), ownRun.said);
    part("class-runs").hidden = !classRun;
    if (classRun) setText(part("class-said"), classRun.said);
    part("queued").hidden = !news.queued;
    showBundled(isBundled(view.run) ? (view.about?.bundled ?? []) : []);
  }

  /** @param {[run: string, title: string][]} bundled */
  function showBundled(bundled) {
    choice.hidden = bundled.length < 2;
    const now = JSON.stringify(bundled);
    if (offered !== now) {
      offered = now;
      const options = bundled.map(([value, title]) => make("option", { value }, title));
      choice.replaceChildren(...options);
    }
    choice.value = view.run;
  }

  /** @param {Other | null} other */
  const follow = (other) => other && emit("follow", { name: other.run });

  choice.addEventListener("change", () => emit("follow", { name: choice.value }));
  part("waits-back").addEventListener("click", () => follow(ownRun));
  part("class-watch").addEventListener("click", () => follow(classRun));
  part("watch-film").addEventListener("click", () => {
    emit("follow", { name: contract.firstBundled });
  });
  part("to-playground").addEventListener("click", () => explore(contract.firstShipped));
  return { show };
}

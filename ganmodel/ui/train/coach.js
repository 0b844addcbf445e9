// @ts-check
// The coach: how the two do against each other, how the pictures do, and a cure where something is
// wrong.
import { words as allWords, fill } from "../shared/contract.js";
import { make, press } from "../shared/elements.js";
import { emit } from "../shared/signals.js";
import { isLive, momentShown, pastShown } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */

const words = allWords.train;

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {import("./controls.js").Act} given.act
 */
export function createCoach({ room, view }, { act }) {
  const { part } = room;
  const box = room.one("#train-verdict");
  let shown = "";

  function show() {
    const isPast = view.at !== null;
    const verdict = isPast ? pastShown(view)?.verdict : view.verdict;
    box.classList.toggle("gm-waiting", !verdict);
    if (!verdict) return; // what was said last stays until the moment's own is known
    const now = JSON.stringify([verdict, isPast, view.own, view.state]);
    if (shown === now) return;
    shown = now;
    const { balance, pictures, tone } = verdict;
    Object.assign(box.dataset, { tone, kind: balance.kind, pictures: pictures.kind });
    part("headline").textContent = balance.headline;
    const when = isPast ? fill(words.THEN, { images: momentShown(view) }) : "";
    part("verdict-when").textContent = when;
    part("evidence").textContent = balance.sentence;
    part("pictures-headline").textContent = pictures.headline;
    part("pictures-evidence").textContent = pictures.sentence;
    const cures = view.own && !isPast ? [...balance.cures, ...pictures.cures] : [];
    part("cures").replaceChildren(...cures.map(cureOf));
    const lesson = tone === "wrong" && view.about?.cure;
    if (lesson)
      part("cures").prepend(make("p", { className: "gm-lesson" }, `${words.LESSON} ${lesson}`));
  }

  /** @param {Answer} cure */
  function cureOf(cure) {
    const button = press(cure.label, async () => {
      button.disabled = true;
      button.textContent = words.CURING;
      const turns = cure.kind === "knobs" && isLive(view);
      const before = cure.before ?? view.images_seen;
      const done = turns
        ? await act("set", { values: cure.changes })
        : await act("again", { before, changes: cure.changes });
      if (done?.run) emit("follow", { name: done.run });
      else if (done) shown = "";
      else {
        button.disabled = false;
        button.textContent = cure.label;
      }
    });
    return make("div", { className: "gm-cure" }, button, make("p", {}, cure.explanation));
  }

  const what = part("verdict-what");
  what.addEventListener("click", () => {
    const help = part("verdict-help");
    help.hidden = !help.hidden;
    what.setAttribute("aria-expanded", String(!help.hidden));
  });
  return { show };
}

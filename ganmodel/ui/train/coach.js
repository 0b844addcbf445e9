// @ts-check
// The coach: how the two do against each other, how the pictures do, and a cure where something is
// wrong.

import { make, press, setText } from "../shared/elements.js";
import { emit } from "../shared/signals.js";
import { worded, words } from "../shared/words.js";
import { isLive, momentShown, pastShown } from "./state.js";

/** @typedef {import("./state.js").Answer} Answer */

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
    showOne("balance", balance, words("train.balance"));
    showOne("pictures", pictures, words("train.of-pictures"));
    setText(part("headline"), balance.headline);
    setText(part("evidence"), balance.sentence);
    setText(part("pictures-headline"), pictures.headline);
    setText(part("pictures-evidence"), pictures.sentence);
    // Told when a verdict is another one, not with every number in its evidence.
    setText(
      part("verdict-told"),
      isPast
        ? ""
        : words("train.verdicts", { balance: balance.headline, pictures: pictures.headline }),
    );
    setText(part("verdict-when"), isPast ? words("train.then", { images: momentShown(view) }) : "");
    const cures = view.own && !isPast ? [...balance.cures, ...pictures.cures] : [];
    part("cures").replaceChildren(...cures.slice(0, 1).map(cureOf), ...others(cures.slice(1)));
    const lesson = tone === "wrong" && view.about?.cure;
    if (lesson)
      part("cures").prepend(
        make("p", { className: "gm-lesson" }, worded([words("train.lesson"), lesson])),
      );
  }

  /**
   * @param {string} name
   * @param {Answer} said
   * @param {string} about
   */
  function showOne(name, said, about) {
    part(name).dataset.tone = said.tone;
    part(name).title = about;
  }

  /** One action is offered; what else would help follows on request.
   * @param {Answer[]} cures */
  function others(cures) {
    if (!cures.length) return [];
    return [
      make("details", {}, make("summary", {}, words("train.other-cures")), ...cures.map(cureOf)),
    ];
  }

  /** @param {Answer} cure */
  function cureOf(cure) {
    const button = press(worded(cure.label), async () => {
      button.disabled = true;
      button.textContent = words("train.curing");
      const turns = cure.kind === "knobs" && isLive(view);
      const before = cure.before ?? view.images_seen;
      const done = turns
        ? await act("set", { values: cure.changes })
        : await act("again", { before, changes: cure.changes });
      if (done?.run) emit("follow", { name: done.run });
      else if (done) shown = "";
      else {
        button.disabled = false;
        button.textContent = worded(cure.label);
      }
    });
    return make("div", { className: "gm-cure" }, button, make("p", {}, worded(cure.explanation)));
  }

  const what = part("verdict-what");
  what.addEventListener("click", () => {
    const help = part("verdict-help");
    help.hidden = !help.hidden;
    what.setAttribute("aria-expanded", String(!help.hidden));
  });
  return { show };
}

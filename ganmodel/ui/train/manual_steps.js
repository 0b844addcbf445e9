// @ts-check
// Steps by hand: while a run is paused, G or D can learn alone, and what changed is said.

import { make, press, showItems } from "../shared/elements.js";
import { words } from "../shared/words.js";

const SIDES = /** @type {const} */ ([
  ["d", words("train.step-d")],
  ["g", words("train.step-g")],
  ["both", words("train.step-both")],
]);
const TIMES = [1, 10, 100];

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {import("./controls.js").Act} given.act
 * @param {() => boolean} given.isActing
 * @param {() => void} given.chooseRaw shows raw G's pictures, where G is averaged
 * @param {() => void} given.stepped shows what steps changed
 */
export function createManualSteps({ room, view }, { act, isActing, chooseRaw, stepped }) {
  const panel = room.one("#train-steps");
  const opener = room.one("#train-step");
  let isOpen = false;

  /**
   * @param {string} who
   * @param {number} times
   */
  async function step(who, times) {
    tell([words("train.stepping", { times })]);
    const done = await act("step", { who, times });
    tell(done ? done.report.words : []);
    if (done && who !== "d") chooseRaw(); // averaged G hardly moves in so few steps
    stepped();
  }

  /** @param {import("../shared/words.js").Words[]} sentences */
  const tell = (sentences) => showItems(room.part("report"), sentences);

  function show() {
    if (view.state !== "paused" && view.state !== "running") isOpen = false;
    panel.hidden = !(isOpen && view.own && view.state === "paused");
    opener.setAttribute("aria-expanded", String(isOpen));
    for (const button of panel.querySelectorAll("button")) button.disabled = isActing();
  }

  /** Opens or closes the panel; a run that trains is paused first. */
  async function toggle() {
    isOpen = !isOpen;
    if (isOpen && view.state === "running" && !(await act("pause"))) isOpen = false;
    show();
  }

  opener.addEventListener("click", toggle);
  for (const [who, label] of SIDES) {
    const buttons = TIMES.map((times) =>
      press(words("train.times", { times }), () => step(who, times), {
        data: { step: `${who}/${times}` },
        aria: { label: words("train.step-label", { who: label, times }) },
      }),
    );
    room.part("step-buttons").append(make("div", {}, make("span", {}, label), ...buttons));
  }
  /** Another run is shown. */
  function leave() {
    isOpen = false;
    tell([]);
  }

  return { show, leave };
}

// @ts-check
// The buttons that steer a run: which its state allows, what they do, and where the focus goes when
// the one that was pressed goes away.
import { contract } from "../shared/contract.js";
import { emit, on } from "../shared/signals.js";
import { explore } from "../shared/tabs.js";
import { isBundled, isLive } from "./state.js";

/** @typedef {import("./run_server.js").Steering} Action */

/**
 * One of the server's actions on the run that is shown: its answer, or null after having said why
 * there is none.
 * @typedef {(action: Action, more?: object) => Promise<any>} Act
 */

const KEEP = { preventScroll: true }; // what one looks at stays in view
const LONGER = 1.5; // times the images of before
const ALWAYS_READY = ["open", "stop", "another", "compare"];
// The buttons that may take a button's place, the likeliest first. Start is the form's.
const HEIRS = /** @type {Record<string, string[]>} */ ({
  pause: ["resume", "longer", "open"],
  resume: ["pause"],
  step: ["pause", "resume"],
  stop: ["resume", "longer", "open"],
  longer: ["pause"],
  start: ["pause"],
});

/**
 * @param {import("./run_server.js").Base} base
 * @param {object} given
 * @param {() => void} given.changed shows what can be done now
 * @param {() => void} given.lookAgain asks for news at once
 */
export function createControls({ room, view, server, messages }, { changed, lookAgain }) {
  const beside = room.one("#train-status");
  let acting = false;
  /** @type {string | null} */
  let lost = null; // the button that had the focus when it was hidden or disabled

  /** @param {string} name
   * @returns {HTMLButtonElement | null} */
  const button = (name) => room.one(`#train-${name}`);
  /** @param {string} name */
  const isThere = (name) => button(name)?.checkVisibility() ?? false;
  /** @param {string} name */
  const isReady = (name) => isThere(name) && !button(name)?.disabled;

  /** One at a time, but for Stop, which also ends what is being done.
   * @type {Act} */
  async function act(action, more = {}) {
    if (acting && action !== "stop") return null;
    const mine = !acting;
    acting = true;
    changed();
    try {
      const done = await server.steer(action, more);
      if (done) messages.say(done.said);
      return done;
    } finally {
      if (mine) acting = false;
      changed();
      lookAgain();
    }
  }

  /** The buttons that the run's state allows, and no others. */
  function show() {
    const { own } = view;
    const state = view.state ?? "";
    /** @type {Record<string, boolean>} */
    const allowed = {
      pause: own && state === "running",
      resume: own && contract.resumableStates.includes(state),
      step: own && ["running", "paused"].includes(state),
      stop: own && isLive(view),
      longer: own && state === "finished",
      knobs: own && ["running", "paused"].includes(state),
      open: view.generator !== null && !isBundled(view.run) && !(own && isLive(view)),
      another: own && !isLive(view),
      compare: own && !isLive(view),
    };
    const had = Object.keys(HEIRS).find(hasFocus);
    for (const [name, may] of Object.entries(allowed)) {
      const one = /** @type {HTMLButtonElement} */ (button(name));
      one.hidden = !may;
      one.disabled = acting && !ALWAYS_READY.includes(name);
    }
    button("open")?.classList.toggle("gm-strong", own && state !== "waiting");
    keepFocus(had);
  }

  /** @param {string} name */
  const hasFocus = (name) => button(name) !== null && button(name) === document.activeElement;

  /** Moves the focus from a button that went to the one that took its place, and beside them until
   * that is there.
   * @param {string | undefined} had the button that had it */
  function keepFocus(had) {
    if (had && !isReady(had)) lost = had;
    if (lost === null) return;
    const here = document.activeElement;
    const before = button(lost);
    if (here !== document.body && here !== beside && here !== before) {
      lost = null; // it was moved on by hand
      return;
    }
    if (before && isThere(lost) && before.disabled) return;
    // The likeliest that is there: while something is being done it may not be pressed yet.
    const next = [lost, ...HEIRS[lost]].find(isThere);
    if (next && isReady(next)) {
      lost = null;
      button(next)?.focus(KEEP);
    } else if (here !== beside) beside.focus(KEEP);
  }

  on("started", () => {
    lost = "start";
    beside.focus(KEEP);
  });
  for (const name of /** @type {const} */ (["pause", "resume", "stop"])) {
    button(name)?.addEventListener("click", () => act(name));
  }
  button("longer")?.addEventListener("click", () => {
    act("longer", { images: Math.round(LONGER * view.images_total) });
  });
  button("open")?.addEventListener("click", () => {
    if (view.generator) explore(view.generator);
  });
  button("another")?.addEventListener("click", () => emit("settings"));
  button("compare")?.addEventListener("click", () => emit("list"));

  /** Presses Pause or Resume, where there is one of them; else returns false. */
  function pauseOrResume() {
    const found = [button("pause"), button("resume")].find((one) => one && !one.hidden);
    found?.click();
    return found !== undefined;
  }

  return { show, act, pauseOrResume, isActing: () => acting };
}

// @ts-check
// The tabs of the ways to move: which one is open, and what is told to whom. What a way does is its
// own business; see `ways/registry.js`.
import { askedBy } from "./address.js";
import { WAYS } from "./ways/registry.js";

const BY_HAND = "drawing"; // where there is a mouse or a pen
const BY_FINGER = "ab";

/**
 * @typedef {object} More
 * @property {import("./state.js").PlaygroundState} state
 * @property {(before: string) => void} chosen another way was chosen by hand, in place of `before`
 */

/** @param {import("./ways/registry.js").Given & More} given */
export function createWays({ state, chosen, ...given }) {
  const { room, values } = given;
  const ways = new Map(WAYS.map((create) => create(given)).map((way) => [way.id, way]));
  /** @type {HTMLElement[]} */
  const tabs = room.all("[data-way]");
  const idOf = (/** @type {HTMLElement} */ tab) => tab.dataset.way ?? "";
  const first = matchMedia("(pointer: fine)").matches ? BY_HAND : BY_FINGER;

  const open = () => ways.get(values.way);

  /** @param {string} id */
  function show(id) {
    open()?.hide?.();
    values.way = ways.has(id) ? id : first;
    for (const tab of tabs) {
      const isChosen = idOf(tab) === values.way;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      room.one(`[data-panel="${idOf(tab)}"]`).hidden = !isChosen;
    }
    open()?.show?.();
  }

  /** @param {string} id */
  function choose(id) {
    const before = values.way;
    show(id);
    state.remember("way");
    const tab = tabs[tabs.findIndex((one) => idOf(one) === values.way)];
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (values.way !== before) chosen(before);
  }

  /** Hides the tabs of ways that don't suit the generator. */
  function fit() {
    for (const tab of tabs) tab.hidden = ways.get(idOf(tab))?.suits?.() === false;
    if (tabs.some((tab) => tab.hidden && idOf(tab) === values.way)) show(first);
  }

  function reset() {
    for (const way of ways.values()) way.reset?.();
    fit();
  }

  /**
   * Gives a picture to the way that takes pictures, and shows that one.
   * @param {File} file
   */
  async function take(file) {
    for (const { id, take: takes } of ways.values()) {
      if (await takes?.(file, given.say)) choose(id);
    }
  }

  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(idOf(tab)));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const shown = tabs.filter((one) => one.offsetParent);
      const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
      choose(idOf(next));
      next.focus();
    });
  }
  show(askedBy(location.hash)?.way ?? values.way);

  return {
    choose,
    show,
    fit,
    reset,
    take,
    share: () => open()?.share?.(),
    point: () => open()?.point?.(),
    refresh: () => open()?.refresh?.(),
  };
}

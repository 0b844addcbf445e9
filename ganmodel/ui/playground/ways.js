// @ts-check
// The tabs of the ways to move: which one is open, and what is told to whom. What a way does is its
// own business; see `ways/registry.js`.
import { WAYS } from "./ways/registry.js";

/**
 * @param {import("./ways/registry.js").Given & { state: import("./state.js").PlaygroundState }} given
 */
export function createWays({ state, ...given }) {
  const { room, values } = given;
  const ways = new Map(WAYS.map((create) => create(given)).map((way) => [way.id, way]));
  /** @type {HTMLElement[]} */
  const tabs = room.all("[data-way]");
  const idOf = (/** @type {HTMLElement} */ tab) => tab.dataset.way ?? "";
  const first = idOf(tabs[0]);
  const more = room.part("more-ways");

  const open = () => ways.get(values.way);

  /** @param {string} id */
  function choose(id) {
    open()?.hide?.();
    values.way = ways.has(id) ? id : first;
    for (const tab of tabs) {
      const isChosen = idOf(tab) === values.way;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      room.one(`[data-panel="${idOf(tab)}"]`).hidden = !isChosen;
      if (isChosen && "more" in tab.dataset) showMore();
    }
    state.remember("way");
    open()?.show?.();
  }

  function showMore() {
    room.one(".gm-ways").classList.add("gm-all-ways");
    more.ariaExpanded = "true";
    more.hidden = true;
  }

  /** Hides the tabs of ways that don't suit the generator. */
  function fit() {
    for (const tab of tabs) tab.hidden = ways.get(idOf(tab))?.suits?.() === false;
    if (tabs.some((tab) => tab.hidden && idOf(tab) === values.way)) choose(first);
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

  more.addEventListener("click", showMore);
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
  choose(values.way);

  return {
    fit,
    reset,
    take,
    point: () => open()?.point?.(),
    refresh: () => open()?.refresh?.(),
  };
}

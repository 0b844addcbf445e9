// @ts-check
// The visitor's runs and the bundled ones, as cards; at most two are ticked to be compared.

import { make, press } from "../shared/elements.js";
import { orTold } from "../shared/server.js";
import { emit } from "../shared/signals.js";
import { ago, worded, words, wordsFor } from "../shared/words.js";
import { createCardMenu } from "./card_menu.js";

/** What the server says of a run; of a damaged one only its name, its title and its `trouble`, in a
 * sentence.
 * @typedef {Required<Omit<import("#routes").Card, "title" | "trouble">>} Known
 * @typedef {Known & { title: string, trouble: string }} Card */

const THUMB = 72; // pixels a side

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("../shared/server.js").Server} given.server
 * @param {(said: import("../shared/words.js").Words) => void} given.say
 * @param {() => void} given.close closes the drawer
 * @param {(count: number) => void} given.showCount
 */
export function createRunList({ room, server, say, close, showCount }) {
  /** @type {Set<string>} */
  const ticked = new Set();
  /** @type {Card[]} */
  let cards = [];
  let shown = ""; // the cards as they are on the page, so that nothing is drawn anew in vain
  const menu = createCardMenu({ room, server, say, open, close, refresh: redraw });

  async function refresh() {
    const found = await orTold(ask(), say);
    if (!found) return;
    showCount(found.count);
    cards = found.runs;
    const { bundled } = found;
    const all = [...cards, ...bundled];
    for (const name of ticked) if (!all.some((card) => card.name === name)) ticked.delete(name);
    if (menu.isInUse()) return; // nothing moves under the hand
    const minute = Math.floor(Date.now() / 60000);
    const now = JSON.stringify([all.map(({ age, ...card }) => card), minute, [...ticked]]);
    if (now === shown) return;
    shown = now;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
    room.part("cards").replaceChildren(...cards.map((card) => cardOf(card, false)));
    room.part("film-cards").replaceChildren(...bundled.map((card) => cardOf(card, true)));
    if (focused) room.one(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    showHint();
  }

  /** All cards, of damaged runs with the sentence that says what is wrong. */
  async function ask() {
    const { count, runs = [], bundled = [] } = await server.ask("runs");
    return { count, runs: await told(runs), bundled: await told(bundled) };
  }

  /** @param {import("#routes").Card[]} answered */
  async function told(answered) {
    const troubles = await Promise.all(answered.map(({ trouble }) => server.sentenceOf(trouble)));
    const all = answered.map((card, index) => ({
      ...card,
      title: worded(card.title),
      trouble: troubles[index],
    }));
    return /** @type {Card[]} */ (all);
  }

  /** Draws all cards anew, as after a name was changed. */
  async function redraw() {
    shown = "";
    await refresh();
  }

  function showHint() {
    const some = ticked.size < 2 ? words("drawer.tick") : "";
    room.part("drawer-hint").textContent = cards.length ? some : words("drawer.none");
    room.part("drawer-compare").hidden = ticked.size !== 2;
  }

  /** @param {Card} card */
  function open(card) {
    close();
    emit("follow", { name: card.name });
  }

  /**
   * @param {Card} card
   * @param {boolean} bundled
   */
  function cardOf(card, bundled) {
    const side = { width: THUMB, height: THUMB };
    const thumb = card.thumb
      ? make("img", { src: card.thumb, alt: "", ...side })
      : make("div", { className: "gm-no-thumb" });
    const about = make("div", { className: "gm-card-about" }, make("b", {}, card.title));
    if (card.trouble) about.append(make("span", {}, card.trouble));
    else about.append(...linesOf(card, bundled));
    const buttons = make("div", { className: "gm-card-buttons" });
    if (!card.trouble) {
      const data = { key: `${card.name}/open` };
      buttons.append(
        press(words("drawer.open"), () => open(card), { data }),
        tickOf(card),
      );
    }
    if (!bundled) buttons.append(menu.of(card));
    return make("li", { className: "gm-card", data: { run: card.name } }, thumb, about, buttons);
  }

  /** @param {Card} card */
  function tickOf(card) {
    const box = make("input", {
      type: "checkbox",
      checked: ticked.has(card.name),
      data: { key: `${card.name}/tick` },
      aria: { label: words("drawer.tick-label", { title: card.title }) },
    });
    box.addEventListener("change", () => {
      if (box.checked) ticked.add(card.name);
      else ticked.delete(card.name);
      if (ticked.size > 2) ticked.delete([...ticked][0]); // the two ticked last
      for (const other of room.all(".gm-card")) {
        const tick = other.querySelector('input[type="checkbox"]');
        if (tick) tick.checked = ticked.has(other.dataset.run);
      }
      showHint();
    });
    return make("label", {}, box, ` ${words("drawer.tick-one")}`);
  }

  function closed() {
    menu.endRename();
    shown = "";
  }

  return { ticked, refresh, closed };
}

/**
 * What a card says of a run, line by line.
 * @param {Card} card
 * @param {boolean} bundled
 */
function linesOf(card, bundled) {
  const of = [worded(card.data), worded(card.recipe), ...(bundled ? [] : [ageOf(card.age)])];
  const lines = [make("span", {}, of.join(" · "))];
  if (!bundled) lines.push(make("span", {}, stateOf(card)));
  lines.push(make("span", { className: "gm-card-verdict" }, worded(card.verdict)));
  if (card.origin) lines.push(make("span", {}, words("drawer.again", { title: card.origin })));
  return lines;
}

/** @param {Card} card */
function stateOf(card) {
  const state = wordsFor(`drawer.states.${card.state}`);
  if (!card.living && card.images_seen >= card.images_total) return state;
  const progress = { seen: card.images_seen, total: card.images_total };
  return `${state} · ${words("drawer.progress", progress)}`;
}

/** @param {number} seconds */
function ageOf(seconds) {
  if (seconds < 60) return words("drawer.just-now");
  if (seconds < 5400) return ago(seconds / 60, "minute");
  return seconds < 129600 ? ago(seconds / 3600, "hour") : ago(seconds / 86400, "day");
}

// @ts-check
// Favourites: places that this browser keeps, each with its small picture. One goes back to them, or
// makes a strip, a loop or a film of them.
import { contract } from "../shared/contract.js";
import { make, press } from "../shared/elements.js";
import { words } from "../shared/words.js";
import { placeText, readPlace } from "./place_text.js";
import { standingOf } from "./state.js";

/** @import { Favourite } from "./state.js" */

const MOST = 60;
const MOST_SIDE = 64; // pixels of a picture that is kept

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState} given.state
 * @param {import("./questions.js").Questions} given.questions
 * @param {import("./picture.js").Picture} given.picture
 * @param {import("./travel.js").Travel} given.travel
 * @param {import("./gone.js").Gone} given.gone
 * @param {ReturnType<typeof import("./keep.js").createKeep>} given.keep
 * @param {() => void} given.walk plays the way, where one sees it
 * @param {(sentence: string) => void} given.say
 */
export function createFavourites(given) {
  const { room, state, questions, picture, travel, gone, keep, walk, say } = given;
  const { values } = state;
  const heart = room.part("favourite");
  const row = room.part("favourites");
  const remove = room.part("favourite-remove");
  const uses = room.all("[data-favourites]");
  /** The one where one stands.
   * @type {Favourite | null} */
  let chosen = null;
  /** The one that was pressed last, if it led nowhere.
   * @type {Favourite | null} */
  let lost = null;

  const isRun = () => values.generator?.startsWith(contract.runPrefix) ?? false;

  /** Where one stands; of a run, the moment that is shown: its newest will be another one soon. */
  function standing() {
    const now = standingOf(values);
    return isRun() && values.facts ? { ...now, moment: values.facts.moment } : now;
  }

  /** The favourite of where one stands. */
  function here() {
    const now = JSON.stringify(standing());
    return values.favourites.find(({ picture: _, ...one }) => JSON.stringify(one) === now) ?? null;
  }

  /** Shows whether one stands at a favourite. */
  function refresh() {
    const at = here();
    chosen = at ?? lost;
    heart.ariaPressed = String(at !== null);
    mark();
  }

  function mark() {
    const index = chosen ? values.favourites.indexOf(chosen) : -1;
    [...row.children].forEach((/** @type {HTMLElement} */ one, k) => {
      one.ariaPressed = String(k === index);
    });
    remove.hidden = index < 0;
  }

  function show() {
    const { favourites } = values;
    row.replaceChildren(...favourites.map(buttonOf));
    room.part("favourites-none").hidden = favourites.length > 0;
    for (const use of uses) use.hidden = favourites.length < 2;
    refresh();
  }

  /**
   * @param {Favourite} favourite
   * @param {number} index
   */
  function buttonOf(favourite, index) {
    const label = words("playground.favourite-go", { number: index + 1 });
    const image = make("img", { src: favourite.picture, alt: "" });
    return press(image, () => go(favourite), { title: label, ariaLabel: label });
  }

  /** @param {Favourite} favourite */
  async function go(favourite) {
    const { generator, moment, text } = favourite;
    const isGone = await gone.isGone(favourite);
    const isThere = !isGone && (await travel.to({ generator, moment }, readPlace(text)));
    lost = isThere ? null : favourite;
    chosen = favourite;
    mark();
  }

  async function add() {
    if (!values.facts) return;
    const now = standing();
    values.favourites = [...values.favourites, { ...now, picture: thumbnail(picture.canvas) }];
    if (values.favourites.length > MOST) {
      values.favourites.shift();
      say(words("playground.favourites-most", { most: MOST }));
    }
    remembered();
    if (!isRun()) return;
    const kept = await questions.ask("keep_moment", { moment: now.moment, place: "" });
    if (kept && !kept.kept) say(words("playground.not-kept"));
  }

  /** @param {Favourite} favourite */
  function takeOut(favourite) {
    values.favourites = values.favourites.filter((one) => one !== favourite);
    lost = null;
    remembered();
  }

  function remembered() {
    state.remember("favourites");
    show();
  }

  /** A place whose way leads through the favourites of this generator, and what is to be said of it;
   * null where there are fewer than two. */
  async function through() {
    const { generator, moment, place, favourites } = values;
    const own = favourites.filter((one) => one.generator === generator);
    const used = own.slice(-contract.mostStops);
    const stops = [];
    for (const { text } of used) {
      const point = await pointAt(text);
      if (point) stops.push(point);
    }
    const isOthers = own.length < favourites.length;
    const note = isOthers ? words("playground.favourites-of-this", { count: own.length }) : "";
    if (stops.length < 2 || values.generator !== generator) {
      if (note) say(note);
      return null;
    }
    const most = words("playground.favourites-newest", { most: contract.mostStops });
    const sentences = [note, used.length < own.length ? most : ""];
    return {
      there: { generator: generator ?? "", moment },
      place: { ...place, stops, path: "loop", at: 0, rest: null, psi: 1 },
      more: sentences.filter(Boolean).join(" "),
    };
  }

  /** The noise that a place's picture is drawn from; null after having told why it is not known.
   * @param {string} text */
  async function pointAt(text) {
    const { rest, psi } = readPlace(text);
    const drawn = await questions.ask("draw", { place: text });
    if (!drawn) return null;
    return Float32Array.from(drawn.base, (value, index) => psi * (value + (rest?.[index] ?? 0)));
  }

  /** What can be made of them.
   * @type {Record<string, (found: NonNullable<Awaited<ReturnType<typeof through>>>) => unknown>} */
  const made = {
    strip: ({ place, more }) => keep("strip", placeText({ ...place, path: "slerp" }), more),
    gif: ({ place, more }) => keep("gif", placeText(place), more),
    async loop({ there, place, more }) {
      if (!(await travel.to(there, place))) return;
      walk();
      if (more) say(more);
    },
  };

  heart.addEventListener("click", () => {
    const at = here();
    if (at) takeOut(at);
    else add();
  });
  remove.addEventListener("click", () => {
    if (chosen) takeOut(chosen);
  });
  for (const use of uses) {
    use.addEventListener("click", async () => {
      const found = await through();
      if (found) await made[use.dataset.favourites](found);
    });
  }
  show();

  return { refresh };
}

/** A small copy of a picture, as a data URL.
 * @param {HTMLCanvasElement} canvas */
function thumbnail(canvas) {
  const side = Math.min(canvas.width, MOST_SIDE);
  const small = make("canvas", { width: side, height: side });
  small.getContext("2d")?.drawImage(canvas, 0, 0, side, side);
  return small.toDataURL();
}

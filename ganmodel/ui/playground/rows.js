// @ts-check
// Rows of small pictures through where one stands, with the length of z behind each: those in view are
// asked for together, once the hand rests.
import { sheetIn } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { latest } from "../shared/latest.js";
import { placeText } from "./place_text.js";
import { watchSeen } from "./seen.js";

/** @typedef {ReturnType<typeof createRows>} Rows */
/** @typedef {import("../shared/server.js").Question<"strips">["rows"][number]} Kind */

/**
 * What came for one row: its pictures are on the sheet from `first` on.
 * @typedef {object} Row
 * @property {import("../shared/canvas.js").Sprites} sprites
 * @property {number} first
 * @property {number[]} lengths
 */

/** What the pictures of each kind do not depend on.
 * @type {Record<Kind, Partial<import("./place.js").Place>>} */
const ASIDE = {
  slerp: { at: 0, path: "slerp" },
  lerp: { at: 0, path: "slerp" },
  loop: { at: 0, path: "slerp" },
  psi: { psi: 1 },
  stops: { at: 0, path: "slerp", rest: null },
};

/**
 * @param {object} given
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./questions.js").Questions} given.questions
 */
export function createRows({ values, questions }) {
  /** @type {Map<Kind, { isSeen: () => boolean, paint: (row: Row) => void, drawn: string }>} */
  const known = new Map();

  /** @param {Kind} kind */
  function key(kind) {
    const { generator, facts, place } = values;
    return JSON.stringify([generator, facts?.moment, placeText({ ...place, ...ASIDE[kind] })]);
  }

  const refresh = latest(async () => {
    if (!values.facts) return;
    const wanted = [...known].filter(
      ([kind, { isSeen, drawn }]) => isSeen() && drawn !== key(kind),
    );
    if (!wanted.length) return;
    const asked = wanted.map(([kind]) => ({ kind, key: key(kind) }));
    const { size } = values.facts;
    const answer = await questions.file("strips", { rows: asked.map(({ kind }) => kind) });
    if (!answer) return;
    /** @type {number[][]} */
    const lengths = JSON.parse(answer.headers.get(contract.lengthsHeader) ?? "[]");
    const sprites = { sheet: await sheetIn(answer), size, columns: contract.stripColumns };
    let first = 0;
    asked.forEach((one, index) => {
      const row = known.get(one.kind);
      if (row && one.key === key(one.kind)) {
        row.drawn = one.key;
        row.paint({ sprites, first, lengths: lengths[index] });
      }
      first += lengths[index].length;
    });
  });

  /**
   * @param {Kind} kind
   * @param {Element} element where it is seen
   * @param {(row: Row) => void} paint
   */
  function add(kind, element, paint) {
    known.set(kind, { isSeen: watchSeen(element, refresh), paint, drawn: "" });
  }

  return { add, refresh };
}

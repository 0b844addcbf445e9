// @ts-check
// Through time: pictures of the way, drawn by the generator at several moments of its training.
import { paintSheet, sheetIn } from "../../shared/canvas.js";
import { contract } from "../../shared/contract.js";
import { oneStop, press } from "../../shared/elements.js";
import { words } from "../../shared/words.js";
import { placeText } from "../place_text.js";

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createTime({ room, values, questions, along, moments }) {
  const said = room.part("table-said");
  const cells = room.part("table-cells");
  let drawnOf = "";

  const suits = () => (values.facts?.moments.length ?? 0) > 1;

  async function show() {
    const { generator, facts, place } = values;
    if (!facts || !suits()) return;
    const now = JSON.stringify([generator, facts.moments, placeText({ ...place, at: 0 })]);
    if (now === drawnOf) return;
    drawnOf = now;
    const all = { moment: null };
    const answer = await questions.file("moments", all, (sentence) => {
      said.textContent = sentence;
      drawnOf = "";
    });
    if (!answer || drawnOf !== now) return;
    said.textContent = "";
    const rows = JSON.parse(answer.headers.get(contract.momentsHeader) ?? "[]");
    const sheet = await sheetIn(answer);
    paintSheet(room.part("table").querySelector("canvas"), sheet);
    showCells(rows, Math.round(sheet.width / facts.size));
  }

  /**
   * A button over each picture.
   * @param {number[]} rows images seen
   * @param {number} columns
   */
  function showCells(rows, columns) {
    const buttons = rows.flatMap((images) =>
      Array.from({ length: columns }, (_, column) => cellOf(images, column / (columns - 1))),
    );
    cells.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
    cells.replaceChildren(...buttons);
    oneStop(cells, columns);
  }

  /**
   * @param {number} images
   * @param {number} share of the way
   */
  function cellOf(images, share) {
    const label = words("playground.through-time-cell", { images, share: Math.round(100 * share) });
    const go = () => {
      values.place.at = share;
      along.showShare();
      moments.goTo(values.facts?.moments.indexOf(images) ?? -1);
    };
    return press("", go, { title: label, ariaLabel: label });
  }

  return {
    id: "time",
    suits,
    show,
    refresh: show,
    reset() {
      drawnOf = "";
    },
  };
}

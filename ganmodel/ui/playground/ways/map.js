// @ts-check
// The map: thumbnails of the plane through A, B and a third start number, C. Pointing previews,
// pressing goes there.
import { paintSheet, sheetIn } from "../../shared/canvas.js";
import { contract } from "../../shared/contract.js";
import { latest } from "../../shared/latest.js";
import { numberIn } from "../../shared/numbers.js";
import { randomSeed } from "../../shared/visitor.js";
import { words } from "../../shared/words.js";
import { placeText } from "../place_text.js";
import { followHand } from "./map_hand.js";
import { createPlane } from "./plane.js";

/** @import { Point } from "./plane.js" */

const SIDE = 11; // thumbnails
const ZOOM_STEP = 1.3;

/** @param {import("./registry.js").Given} given
 * @returns {import("./registry.js").Way} */
export function createMap({ room, values, questions, picture, along, say }) {
  const board = room.one("#play-map");
  /** @type {HTMLCanvasElement} */
  const chart = board.querySelector("canvas");
  /** @type {HTMLInputElement} */
  const third = room.one("#play-map-c");
  let seed = Number(third.value); // of C, as the field said last when it made sense
  const plane = createPlane(contract.mostOffMap);
  let shift = { x: 0, y: 0 }; // pixels by which the thumbnails shown are behind the view
  let drawnOf = "";
  /** The point that was chosen here last, and the place that this led to.
   * @type {{ point: Point, text: string } | null} */
  let chosen = null;

  const drawChart = latest(async () => {
    const { generator, facts, place } = values;
    if (!facts) return;
    const { stops, psi, label, other, blend } = place;
    const question = { third: seed, ...plane.view(), side: SIDE };
    const anchors = stops.slice(0, 2).map(String);
    const now = [generator, facts.moment, anchors, psi, label, other, blend, question];
    if (JSON.stringify(now) === drawnOf) return;
    const asked = shift;
    const answer = await questions.file("map", question);
    if (!answer) return;
    paintSheet(chart, await sheetIn(answer));
    drawnOf = JSON.stringify(now);
    board.dataset.drawn = String(Number(board.dataset.drawn ?? 0) + 1);
    moveChart(-asked.x, -asked.y);
  });

  function draw() {
    showMarks();
    drawChart();
  }

  /**
   * @param {number} dx pixels
   * @param {number} dy
   */
  function moveChart(dx, dy) {
    shift = { x: shift.x + dx, y: shift.y + dy };
    chart.style.transform = `translate(${shift.x}px, ${shift.y}px)`;
  }

  /** Anchors and where one stands, as letters and a frame over the thumbnails. */
  function showMarks() {
    /** @type {Record<string, Point | null>} */
    const points = { A: { u: 0, v: 0 }, B: { u: 1, v: 0 }, C: { u: 0, v: 1 }, here: here() };
    for (const mark of board.querySelectorAll("[data-mark]")) {
      const point = points[mark.dataset.mark];
      const { x, y } = point ? plane.spotOf(point) : { x: -1, y: -1 };
      mark.hidden = x < 0 || x > 1 || y < 0 || y > 1;
      mark.style.left = `${100 * x}%`;
      mark.style.top = `${100 * y}%`;
    }
  }

  /** Where one stands, as far as it is known to lie on this plane. */
  function here() {
    if (values.spot) return values.spot.point;
    return chosen && chosen.text === placeText(values.place) ? chosen.point : null;
  }

  /** @param {Point} point */
  function preview(point) {
    values.spot = { point: { third: seed, ...point } };
    picture.draw();
  }

  function endPreview() {
    if (!values.spot || values.spot.chosen) return;
    values.spot = null;
    picture.draw();
    showMarks();
  }

  /** @param {Point} point */
  function choose(point) {
    along.stop();
    values.spot = {
      point: { third: seed, ...point },
      chosen() {
        chosen = { point, text: placeText(values.place) };
        showMarks();
      },
    };
    picture.draw();
    showMarks();
  }

  /**
   * @param {number} dx pixels
   * @param {number} dy
   */
  function pan(dx, dy) {
    plane.pan(dx / board.clientWidth, dy / board.clientWidth);
    moveChart(dx, dy);
    draw();
  }

  /**
   * @param {number} factor
   * @param {import("./plane.js").Spot} [around]
   */
  function zoom(factor, around) {
    plane.zoom(factor, around);
    draw();
  }

  followHand(board, {
    point: (spot) => preview(plane.pointAt(spot)),
    leave: endPreview,
    press: (spot) => choose(plane.pointAt(spot)),
    pan,
    zoom,
  });
  board.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = board.clientWidth / SIDE;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowLeft: () => pan(step, 0),
      ArrowRight: () => pan(-step, 0),
      ArrowUp: () => pan(0, step),
      ArrowDown: () => pan(0, -step),
      "+": () => zoom(1 / ZOOM_STEP),
      "=": () => zoom(1 / ZOOM_STEP), // the same key without Shift
      "-": () => zoom(ZOOM_STEP),
      Enter: () => choose(plane.middle()),
    };
    if (!actions[event.key]) return;
    actions[event.key]();
    event.preventDefault();
    event.stopPropagation();
  });
  room.one('[data-zoom="in"]').addEventListener("click", () => zoom(1 / ZOOM_STEP));
  room.one('[data-zoom="out"]').addEventListener("click", () => zoom(ZOOM_STEP));
  room.one('[data-zoom="home"]').addEventListener("click", () => {
    plane.home();
    draw();
  });
  third.addEventListener("input", () => {
    const number = numberIn(third);
    if (number === null) {
      say(words("playground.bad-seed", { most: contract.mostSeed }));
      return;
    }
    seed = number;
    draw();
  });
  room.part("map-roll").addEventListener("click", () => {
    seed = randomSeed();
    third.value = String(seed);
    draw();
  });

  return {
    id: "map",
    show: draw,
    hide: endPreview,
    point: showMarks,
    refresh: draw,
    reset() {
      drawnOf = "";
    },
  };
}

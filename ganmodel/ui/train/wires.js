// @ts-check
// The arrows between the loop's stations, drawn where these stand, and the pulse that runs along them
// when a row of the curves arrives.
import { phone } from "./grid_layout.js";

const SVG = "http://www.w3.org/2000/svg";
const HEAD = 7; // pixels of an arrow's point
const THIN = 1.5;
const THICK = 9; // pixels of the arrow back to G, where its gradient is the largest so far
const LEAP = 110; // milliseconds that the pulse stands at one place, at most
const HOME = [0.2, 0.55, 0.9]; // its places on the way back to G, as shares of it
const MOST_PULSES = 3; // of one answer
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** @typedef {{ left: number, right: number, top: number, bottom: number, x: number, y: number }} Box */
/** @typedef {[x: number, y: number]} Point */

/** @param {Pick<import("./run_server.js").Base, "room">} base */
export function createWires({ room }) {
  const { one, part } = room;
  const drawing = one(".gm-wires");
  const wires = part("wires");
  const dot = part("pulse");
  /** @type {{ at: Point, home: boolean }[]} */
  let leaps = []; // the places of the dot that are to come
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let leaping;
  /** @type {number | null} */
  let share = null; // of the largest gradient so far
  /** @type {Record<string, Point[]> | null} */
  let drawn = null; // the courses, as the arrows show them

  /** @param {string} name
   * @returns {Box} */
  function boxOf(name) {
    const frame = drawing.getBoundingClientRect();
    const found = one(`[data-station="${name}"]`).getBoundingClientRect();
    const [left, top] = [found.left - frame.left, found.top - frame.top];
    const [right, bottom] = [left + found.width, top + found.height];
    return { left, right, top, bottom, x: (left + right) / 2, y: (top + bottom) / 2 };
  }

  /** The corners that each arrow goes through.
   * @returns {Record<string, Point[]>} */
  function courses() {
    const [noise, g, grid, d, reals] = ["noise", "g", "grid", "d", "reals"].map(boxOf);
    const gradient = boxOf("gradient");
    if (phone.matches) {
      return {
        noise: [
          [noise.right, noise.y],
          [g.left, g.y],
        ],
        reals: [
          [reals.right, d.y],
          [d.left, d.y],
        ],
        back: [
          [d.x, d.bottom],
          [d.x, gradient.y],
          [g.x, gradient.y],
          [g.x, g.bottom],
        ],
      };
    }
    const between = (grid.right + d.left) / 2;
    return {
      noise: [
        [noise.x, noise.bottom],
        [g.x, g.top],
      ],
      g: [
        [g.right, g.y],
        [grid.left, g.y],
      ],
      grid: [
        [grid.right, d.top + 36],
        [d.left, d.top + 36],
      ],
      reals: [
        [reals.x, reals.top],
        [reals.x, d.bottom],
      ],
      back: [
        [d.left, d.bottom - 24],
        [between, d.bottom - 24],
        [between, gradient.y],
        [g.x, gradient.y],
        [g.x, g.bottom],
      ],
    };
  }

  const draw = () => {
    if (!room.isShown()) return;
    drawn = courses();
    wires.replaceChildren(
      ...Object.entries(drawn).flatMap(([name, course]) => arrow(name, course)),
    );
    showBack(share);
  };

  /** @param {string} name
   * @param {Point[]} course */
  function arrow(name, course) {
    const [tip, before] = [course[course.length - 1], course[course.length - 2]];
    const angle = Math.atan2(tip[1] - before[1], tip[0] - before[0]);
    const back = (/** @type {number} */ far, /** @type {number} */ aside) => [
      tip[0] - far * Math.cos(angle) - aside * Math.sin(angle),
      tip[1] - far * Math.sin(angle) + aside * Math.cos(angle),
    ];
    const line = [...course.slice(0, -1), back(HEAD, 0)];
    const path = shape("path", { d: `M${line.join("L")}`, "data-wire": name });
    const wide = name === "back" ? 1.4 * HEAD : HEAD;
    const d = `M${tip}L${back(wide, wide * 0.7)}L${back(wide, -wide * 0.7)}Z`;
    return [path, shape("path", { d, class: "gm-head", "data-wire": name })];
  }

  /** How strongly G is pushed, as a share of the strongest so far; null where it is not known.
   * @param {number | null} now */
  function showBack(now) {
    share = now;
    const path = wires.querySelector('path[data-wire="back"]:not(.gm-head)');
    if (!path) return;
    const width = now === null ? THIN : THIN + (THICK - THIN) * Math.sqrt(Math.min(1, now));
    path.style.strokeWidth = `${width}px`;
    path.style.strokeDasharray = now !== null && now < 0.02 ? "2 6" : "";
  }

  /** One pulse for each row that arrived, one after the other.
   * @param {number} rows */
  function pulse(rows) {
    if (still.matches || document.hidden || !room.isShown() || !drawn) return;
    const { back, ...known } = drawn;
    const there = [known.noise, known.g, known.grid].filter((course) => course !== undefined);
    const round = [
      ...there.map((course) => ({ at: alongOf(course, 0.5), home: false })),
      ...HOME.map((share) => ({ at: alongOf(back, share), home: true })),
    ];
    const count = Math.min(rows, MOST_PULSES);
    leaps = Array.from({ length: count }, () => round).flat();
    leap(Math.min(LEAP, 1000 / leaps.length));
  }

  /** Shows the dot at the next place of its round. It leaps, since whatever glides keeps a processor
   * busy that a training needs.
   * @param {number} wait milliseconds at each place */
  function leap(wait) {
    clearTimeout(leaping);
    const next = leaps.shift();
    dot.style.opacity = next ? "1" : "0";
    if (!next) return;
    dot.style.transform = `translate(${next.at[0]}px, ${next.at[1]}px)`;
    dot.classList.toggle("gm-home", next.home);
    leaping = setTimeout(() => leap(wait), wait);
  }

  new ResizeObserver(draw).observe(drawing);
  phone.addEventListener("change", draw);
  return { draw, showBack, pulse };
}

/**
 * The point of a course after a share of its length.
 * @param {Point[]} course
 * @param {number} share
 * @returns {Point}
 */
function alongOf(course, share) {
  const long = course.slice(1).map(([x, y], k) => Math.hypot(x - course[k][0], y - course[k][1]));
  let left = share * long.reduce((sum, one) => sum + one, 0);
  const k = long.findIndex((one, place) => {
    if (left <= one || place === long.length - 1) return true;
    left -= one;
    return false;
  });
  const [[x, y], [toX, toY]] = [course[k], course[k + 1]];
  const part = long[k] ? left / long[k] : 0;
  return [x + part * (toX - x), y + part * (toY - y)];
}

/**
 * @param {string} kind
 * @param {Record<string, string>} attributes
 */
function shape(kind, attributes) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, kind));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

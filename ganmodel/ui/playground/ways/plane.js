// @ts-check
// The part of the plane that the map shows: a square whose middle and width are given in the
// coordinates u, v of its anchors, with A at 0, 0, B at 1, 0 and C at 0, 1.

/** @typedef {{ u: number, v: number }} Point on the plane */
/** @typedef {{ x: number, y: number }} Spot on the board, 0 to 1 from its upper left corner */

const HOME = { u: 0.5, v: 0.5, span: 1.8 }; // shows all three anchors
const LEAST_SPAN = 0.05;
const MOST_SPAN = 20;
const MIDDLE = { x: 0.5, y: 0.5 };

/** @param {number} mostOff how far off the middle one may get, to either side */
export function createPlane(mostOff) {
  let view = HOME;
  const bound = (/** @type {number} */ value) => Math.min(Math.max(value, -mostOff), mostOff);

  /** @param {Spot} spot
   * @returns {Point} */
  const pointAt = ({ x, y }) => ({
    u: bound(view.u + view.span * (x - 0.5)),
    v: bound(view.v + view.span * (y - 0.5)),
  });

  /** Undoes `pointAt`; outside the board, a coordinate is below 0 or above 1.
   * @param {Point} point
   * @returns {Spot} */
  const spotOf = ({ u, v }) => ({
    x: 0.5 + (u - view.u) / view.span,
    y: 0.5 + (v - view.v) / view.span,
  });

  /**
   * Moves what is shown, by shares of the board.
   * @param {number} dx
   * @param {number} dy
   */
  function pan(dx, dy) {
    view = { ...view, u: view.u - dx * view.span, v: view.v - dy * view.span };
  }

  /**
   * @param {number} factor above 1 shows more of the plane
   * @param {Spot} spot stays where it is
   */
  function zoom(factor, spot = MIDDLE) {
    const { u, v } = pointAt(spot);
    const span = Math.min(Math.max(view.span * factor, LEAST_SPAN), MOST_SPAN);
    view = { u: u - span * (spot.x - 0.5), v: v - span * (spot.y - 0.5), span };
  }

  return {
    view: () => view,
    middle: () => pointAt(MIDDLE),
    pointAt,
    spotOf,
    pan,
    zoom,
    home() {
      view = HOME;
    },
  };
}

// @ts-check
// How the pictures of a grid's file are arranged on the page: near to a square, since their place is
// one, and fewer and larger on a phone.

/** @typedef {{ count: number, columns: number, classes: number }} Layout of the file */
/** @typedef {{ columns: number, rows: number, places: (number | null)[] }} Arranged
 *     `places`: the pictures by their number in the file, row by row; null: nothing is there */

const PHONE = { columns: 4, count: 16 };
const STRIP = { columns: 4, count: 4 };

/** Whether the page is arranged for a phone; `train.css` has the same. */
export const phone = matchMedia("(max-width: 40rem)");

/** @param {number} count
 * @param {number} columns
 * @returns {Arranged} */
function inOrder(count, columns) {
  const places = Array.from({ length: count }, (_, index) => index);
  return { columns, rows: Math.ceil(count / columns), places };
}

/**
 * The whole grid. Where each column is of one class, each class keeps its columns, and takes several
 * where it has far more rows than there are classes.
 * @param {Layout} layout
 * @returns {Arranged}
 */
export function arranged({ count, columns, classes }) {
  if (!classes) return inOrder(count, columns);
  const each = count / classes;
  const away = (/** @type {number} */ k) => Math.abs(Math.log((classes * k) / Math.ceil(each / k)));
  let folds = 1;
  while (away(folds + 1) < away(folds)) folds += 1;
  const rows = Math.ceil(each / folds);
  const places = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < classes * folds; column++) {
      const inFile = row + (column % folds) * rows; // the picture's row there
      const of = Math.floor(column / folds);
      places.push(inFile < each ? inFile * classes + of : null);
    }
  }
  return { columns: classes * folds, rows, places };
}

/** The first pictures, large enough for a phone.
 * @param {Layout} layout */
export const arrangedForPhone = ({ count }) => inOrder(Math.min(PHONE.count, count), PHONE.columns);

/** The first pictures in a row, where little room is.
 * @param {Layout} layout */
export const inAStrip = ({ count }) => inOrder(Math.min(STRIP.count, count), STRIP.columns);

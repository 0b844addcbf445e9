// @ts-check
import { contract } from "../../ganmodel/ui/shared/contract.js";
import { make, within } from "../../ganmodel/ui/shared/elements.js";
import { filled, words } from "../../ganmodel/ui/shared/words.js";
import { duration, percent, tidy } from "../../ganmodel/ui/train/formats.js";
import { arranged, arrangedForPhone } from "../../ganmodel/ui/train/grid_layout.js";
import {
  appended,
  columnOf,
  imagesOf,
  rowAt,
  smoothed,
  valueIn,
} from "../../ganmodel/ui/train/rows.js";
import {
  createTrainState,
  isBundled,
  momentShown,
  pastShown,
  qualityShown,
  showsRaw,
} from "../../ganmodel/ui/train/state.js";
import { createStations } from "../../ganmodel/ui/train/stations.js";
import { equal, ok } from "./assert.js";

/**
 * A row of the curves with these values.
 * @param {Record<string, number | null>} values
 */
const rowOf = (values) => contract.columns.map((name) => values[name] ?? null);
/** @param {number} count */
const rows = (count) =>
  Array.from({ length: count }, (_, k) => rowOf({ images: k + 1, loss_d: k, picks: null }));

/** @type {Record<string, () => unknown>} */
export const tests = {
  "every line of a chart has a column that is sent": () => {
    const lines = contract.charts.flatMap((chart) => chart.lines);
    for (const { column } of lines) ok(contract.columns.includes(column), column);
  },

  "a moment has the row at it or before it, and the first where there is none": () => {
    const some = [100, 200, 300].map((images) => rowOf({ images }));
    const found = [99, 100, 199, 200, 999].map((moment) => {
      const row = rowAt(some, moment);
      return row && imagesOf(row);
    });
    equal(found, [100, 100, 100, 200, 300]);
    equal([rowAt(some, null), rowAt([], 100)], [null, null]);
  },

  "what was not noted is null": () => {
    equal(valueIn(rowOf({ images: 1 }), "picks"), null);
    equal(valueIn(null, "picks"), null);
    equal(columnOf([rowOf({ images: 1, picks: 0.5 })], "picks"), [0.5]);
  },

  "rows beyond the most are halved, but for the newest quarter": () => {
    const found = appended(rows(20), rows(21).slice(20), 20);
    equal(columnOf(found, "images"), [2, 4, 6, 8, 10, 12, 14, 16, 17, 18, 19, 20, 21]);
    equal(valueIn(found[0], "loss_d"), 0.5);
    equal(appended(rows(3), rows(5).slice(3), 20).length, 5);
  },

  "a page that watches for days keeps no more rows than it may": () => {
    /** @type {(number | null)[][]} */
    let kept = [];
    for (let k = 0; k < 5000; k++) kept = appended(kept, [rowOf({ images: k, loss_g: k })]);
    ok(kept.length <= contract.mostPoints, String(kept.length));
    const seen = kept.map(imagesOf);
    equal(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    equal(seen[seen.length - 1], 4999);
  },

  "where one of two merged rows knows nothing, the other's value stands": () => {
    const two = [rowOf({ images: 1, picks: 0.25 }), rowOf({ images: 2, loss_d: 3 })];
    const [merged] = appended(two, rows(6).slice(2), 4);
    equal([valueIn(merged, "picks"), valueIn(merged, "loss_d")], [0.25, 3]);
  },

  "smoothing halves what is old at its half-life, and leaves gaps": () => {
    equal(smoothed([8, null, 0], 1), [8, null, 4]);
    equal(smoothed([1, 1, 1], 12), [1, 1, 1]);
  },

  "shares, distances and numbers are rounded as they are read": () => {
    equal(
      [percent(0.505), percent(0), percent(null)],
      ["51 %", "0 %", words("train.not-measured")],
    );
    const distances = [1.44, 2, 9.96, 1234].map((x) => filled("{x:times}", { x }));
    equal(distances, ["1.4×", "2×", "10×", "1,234×"]);
    equal([tidy(0.12345), tidy(12.345), tidy(1234.5)], ["0.123", "12.3", "1,235"]);
  },

  "a time has its hours only where it needs them": () => {
    equal([9, 75, 3600, 3675, -5].map(duration), ["0:09", "1:15", "1:00:00", "1:01:15", "0:00"]);
  },

  "the moment is the newest until the slider holds one": () => {
    const { values: view, take } = createTrainState();
    equal(momentShown(view), null);
    take({ grids: [100, 200] });
    take({ grids: [200, 300], quality: { images: 300 } });
    equal([view.grids, momentShown(view)], [[100, 200, 300], 300]);
    equal(qualityShown(view), { images: 300 });
    view.frozen = [100, 200];
    view.at = 0;
    equal([momentShown(view), qualityShown(view), pastShown(view)], [100, null, null]);
    view.past.set(100, { quality: { images: 64 } });
    equal(qualityShown(view), { images: 64 });
  },

  "another run begins anew, and late answers about the old one are known as such": () => {
    const { values: view, choose, take } = createTrainState();
    take({ grids: [100], state: "running", about: { averaged: true } });
    view.raw = true;
    ok(showsRaw(view));
    const { generation } = view;
    choose("another", "key");
    equal([view.grids, view.state, view.about], [[], null, null]);
    ok(view.generation > generation);
    ok(view.raw && !showsRaw(view), "which G is chosen stays, where there is a choice");
  },

  "a reload of a tab shows the run that it showed": () => {
    createTrainState().choose("mine", null);
    equal(sessionStorage.getItem("ganmodel.shown"), '["mine",null]');
    for (const [kept, run] of [
      ['["theirs","k"]', "theirs"],
      ["null", null],
      ["not ours", null],
    ]) {
      sessionStorage.setItem("ganmodel.shown", String(kept));
      const { values, recall } = createTrainState();
      recall();
      equal(values.wanted.run, run);
    }
    sessionStorage.clear();
  },

  "a run that comes along is known by its name": () => {
    equal([contract.firstBundled, "20260101-mnist", null].map(isBundled), [true, false, false]);
  },

  "how often D picks the real one is the mean of some rows, and its belief where none was noted":
    () => {
      const { values: view } = createTrainState();
      const names = ["picks-before", "picks-shown", "faded"];
      const parts = names.map((part) => make("span", { data: { part } }));
      const scale = make("p", {}, make("i", { data: { part: "scale" } }));
      /** @type {(number | null)[]} */
      const back = [];
      const { show } = createStations(
        { room: within(make("div", {}, scale, ...parts)), view },
        { showBack: (share) => back.push(share) },
      );
      view.grids = [5];
      view.rows = [rowOf({ images: 1, d_real: 0.6 })];
      show();
      equal(parts[0].textContent, words("train.believes"));
      equal(parts[1].textContent, "60 of 100");
      view.rows = [1, 0.8, 0.8, 0.7, 0.7].map((picks, k) =>
        rowOf({ images: k + 1, d_real: 0.6, picks, grad_g: k === 0 ? 10 : 0.1 }),
      );
      show();
      equal(parts[0].textContent, words("train.picks-before"));
      equal(parts[1].textContent, "75 of 100");
      equal(parts[2].hidden, false);
      equal(back, [null, 0.01]);
    },

  "a grid by class keeps its columns, and comes near to a square": () => {
    const columns = (/** @type {number} */ count, /** @type {number} */ classes) =>
      arranged({ count, columns: classes || 8, classes });
    equal(columns(100, 10).columns, 10);
    equal(
      columns(64, 0).places,
      Array.from({ length: 64 }, (_, k) => k),
    );
    const two = columns(64, 2); // 32 rows of two classes, folded to 8 × 8
    equal([two.columns, two.rows], [8, 8]);
    ok(
      two.places.slice(0, 4).every((index) => index !== null && index % 2 === 0),
      "one class",
    );
    equal(new Set(two.places).size, 64);
    const phone = arrangedForPhone({ count: 100, columns: 10, classes: 10 });
    equal([phone.columns, phone.rows, phone.places.at(-1)], [4, 4, 15]);
  },
};

// @ts-check
import { mendedAddress } from "../../ganmodel/ui/shared/address.js";
import { decode } from "../../ganmodel/ui/shared/canvas.js";
import { afterRest, latest } from "../../ganmodel/ui/shared/latest.js";
import { numberField, numberIn, readNumber, stepped } from "../../ganmodel/ui/shared/numbers.js";
import { orTold, Server, ServerError } from "../../ganmodel/ui/shared/server.js";
import { createState, field } from "../../ganmodel/ui/shared/state.js";
import { filled } from "../../ganmodel/ui/shared/words.js";
import { equal, ok, thrown } from "./assert.js";

/** A promise and the function that keeps it. */
function promised() {
  /** @type {() => void} */
  let keep = () => {};
  const promise = /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      keep = () => resolve();
    })
  );
  return { promise, keep };
}

/** @type {Record<string, () => unknown>} */
export const tests = {
  "a hole is filled, a number with its thousands apart, and an unknown hole stays": () => {
    equal(filled("{n:,} of {all}, {none}", { n: 1234, all: "all" }), "1,234 of all, {none}");
  },

  "numbers are read as people write them": () => {
    /** @type {[string, number | null][]} */
    const written = [
      ["0.0004", 0.0004],
      ["0,0004", 0.0004],
      ["4.5e-4", 0.00045],
      ["1,234,567", 1234567],
      ["\u22123", -3],
      ["300 000", 300000],
      ["1,234", null],
      ["abc", null],
    ];
    for (const [text, value] of written) equal([text, readNumber(text).value], [text, value]);
    equal(readNumber("300.000", true).value, 300000);
    ok(readNumber("1,234").why?.includes("1.234"), "both readings are named");
  },

  "a field's number counts only within its bounds, and whole where it must be": () => {
    const field = numberField({ value: "7" }, { low: 0, high: 9, whole: true });
    equal(numberIn(field), 7);
    for (const text of ["10", "-1", "2.5", ""]) {
      field.value = text;
      equal(numberIn(field), null);
    }
  },

  "an arrow key goes to the next round number, about a tenth away": () => {
    const at = (/** @type {string} */ value, /** @type {boolean} */ up, bounds = {}) =>
      stepped(numberField({ value }, bounds), up);
    equal(at("0.0002", true), 0.00021);
    equal(at("1000", false), 990);
    equal(at("1000", true), 1100);
    equal(at("9", true, { high: 9 }), 9);
    equal(at("x", true), null);
  },

  "of wishes that come while work is done the latest alone is worked on": async () => {
    /** @type {string[]} */
    const done = [];
    let wish = "first";
    const gate = promised();
    const run = latest(async () => {
      const now = wish;
      await gate.promise;
      done.push(now);
    });
    const whole = run();
    for (wish of ["second", "third"]) run();
    gate.keep();
    await whole;
    equal(done, ["first", "third"]);
  },

  "what waits for rest is done once, with the last values": async () => {
    /** @type {number[]} */
    const done = [];
    const over = promised();
    const call = afterRest(1, (/** @type {number} */ value) => {
      done.push(value);
      over.keep();
    });
    for (const value of [1, 2, 3]) call(value);
    await over.promise;
    equal(done, [3]);
  },

  "a state begins, is remembered, and is recalled but for what makes no sense": () => {
    /** @type {Record<string, string>} */
    const store = {};
    const kept = {
      get: (/** @type {string} */ key) => store[key] ?? null,
      set: (/** @type {string} */ key, /** @type {string} */ value) => {
        store[key] = value;
      },
    };
    const read = (/** @type {string} */ text) => (text === "" ? undefined : JSON.parse(text));
    const make = () =>
      createState({
        way: field(() => "ab", { kept, address: "way", read: (text) => text }),
        list: field(() => /** @type {number[]} */ ([]), { kept, read, write: JSON.stringify }),
        passing: field(() => 0),
      });
    const first = make();
    Object.assign(first.values, { way: "map", list: [1, 2], passing: 5 });
    first.remember();
    equal(first.address(), ["way=map"]);
    const second = make();
    second.recall();
    equal(second.values, { way: "map", list: [1, 2], passing: 0 });
    store.list = "{";
    const third = make();
    third.recall();
    equal(third.values.list, []);
    third.reset(["way"]);
    equal(third.values.way, "ab");
  },

  "a server's refusal is an error with its sentence, and silence has one of its own": async () => {
    const server = /** @type {any} */ (new Server("no answer")); // another table answers
    /** @type {string[]} */
    const told = [];
    equal(await orTold(server.ask("watch"), (text) => told.push(text)), null);
    equal(told, ["images must be at most 20,000, but it is 30000."]);
    const error = await thrown(() => server.ask("draw"));
    ok(error instanceof ServerError && error.gone && error.message === "no answer");
    const { run, owner } = await server.ask("describe", { run: "mine" });
    ok(run === "mine" && /^[0-9a-f]{64}$/.test(owner), "the token goes along");
  },

  "lines come until there is an error, which is worded": async () => {
    const lines = /** @type {any} */ (new Server("no answer")).lines("film", {});
    equal((await lines.next()).value?.run, "first");
    equal((await lines.next()).value?.run, "second");
    const error = await thrown(() => lines.next());
    ok(error instanceof ServerError && error.code === "busy" && !error.gone);
  },

  "an abort is told by nobody, and a mistake of our own is not hidden": async () => {
    const abort = new DOMException("", "AbortError");
    equal(await orTold(Promise.reject(abort), () => ok(false)), null);
    const mistake = await thrown(() => orTold(Promise.reject(new TypeError("x")), () => {}));
    ok(mistake instanceof TypeError);
  },

  "a link that was escaped, or written as HTML, is what it was": () => {
    const link = "http://x.test/?run=a-b&key=0123";
    equal(mendedAddress("http://x.test/?run=a-b&amp;key=0123&utm_source=mail"), link);
    equal(mendedAddress("http://x.test/?run%3Da-b%26key%3D0123)."), link);
    equal(mendedAddress("http://x.test/?other=1&amp;2"), "http://x.test/?other=1&amp;2");
  },

  "base64 is decoded to its bytes": () => {
    equal(decode("AAH/"), [0, 1, 255]);
  },
};

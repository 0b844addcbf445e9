// @ts-check
// Questions to the server about where one stands: each names the generator, the moment and the place.
import { linkedRun } from "../shared/address.js";
import { contract } from "../shared/contract.js";
import { orTold } from "../shared/server.js";
import { placeText } from "./place_text.js";

/** @typedef {ReturnType<typeof createQuestions>} Questions */
/** @typedef {import("../shared/server.js").Route} Route */
/** @template {Route} R
 * @typedef {import("../shared/server.js").Question<R>} Question */
/** @template {Route} R
 * @typedef {import("../shared/server.js").Answer<R>} Answer */

/**
 * @param {object} given
 * @param {import("../shared/server.js").Server} given.server
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {(sentence: string) => void} given.say
 */
export function createQuestions({ server, values, say }) {
  const { run, key } = linkedRun();
  /** What a page opened through a link may read besides one's own runs. */
  const linked = run !== null && key !== null ? { run, key } : null;

  /**
   * @template {Route} R
   * @param {Partial<Question<R>>} more
   */
  function standing(more) {
    const { generator, moment, place } = values;
    const whole = { generator: generator ?? "", moment, place: placeText(place), ...more };
    const opens = linked && whole.generator === contract.runPrefix + linked.run;
    return /** @type {Question<R>} */ ({ ...(opens && { key }), ...whole });
  }

  /**
   * An answer; null after having told why there is none.
   * @template {Route} R
   * @param {R} route
   * @param {Partial<Question<R>>} [more] beside, or instead of, where one stands
   * @param {(sentence: string) => void} [told]
   */
  const ask = (route, more = {}, told = say) => orTold(server.ask(route, standing(more)), told);

  /**
   * A response with a file; null after having told why there is none, or where it was aborted.
   * @template {Route} R
   * @param {R} route
   * @param {Partial<Question<R>>} [more]
   * @param {(sentence: string) => void} [told]
   * @param {AbortSignal} [signal]
   */
  const file = (route, more = {}, told = say, signal = undefined) =>
    orTold(server.file(route, standing(more), signal), told);

  /**
   * The last line of an answer that comes line by line; null after having told why there is none, or
   * where it was aborted.
   * @template {Route} R
   * @param {R} route
   * @param {Partial<Question<R>>} more
   * @param {AbortSignal} signal
   * @param {(news: Answer<R>) => void} each sees every line as it comes
   * @param {(sentence: string) => void} told
   */
  const watch = (route, more, signal, each, told) =>
    orTold(lastOf(server.lines(route, standing(more), signal), each), told);

  return { linked, ask, file, watch };
}

/**
 * @template T
 * @param {AsyncGenerator<T, void>} lines
 * @param {(news: T) => void} each
 */
async function lastOf(lines, each) {
  /** @type {T | null} */
  let last = null;
  for await (const news of lines) {
    each(news);
    last = news;
  }
  return last;
}

// @ts-check
// Questions to the server about where one stands: each names the generator, the moment and the place.
import { linkedRun } from "../shared/address.js";
import { contract } from "../shared/contract.js";
import { orTold } from "../shared/server.js";
import { placeText } from "./place_text.js";

/** @typedef {ReturnType<typeof createQuestions>} Questions */

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

  /** @param {object} more */
  function standing(more) {
    const { generator, moment, place } = values;
    const opens = linked && generator === contract.runPrefix + linked.run;
    return { ...(opens && { key }), generator, moment, place: placeText(place), ...more };
  }

  /**
   * A server function's answer; null after having told why there is none.
   * @param {string} name
   * @param {object} [more] beside, or instead of, where one stands
   * @param {(sentence: string) => void} [told]
   */
  const ask = (name, more = {}, told = say) => orTold(server.ask(name, standing(more)), told);

  /**
   * A route's response; null after having told why there is none, or where it was aborted.
   * @param {string} route
   * @param {object} [more]
   * @param {(sentence: string) => void} [told]
   * @param {AbortSignal} [signal]
   */
  const fetch = (route, more = {}, told = say, signal = undefined) =>
    orTold(server.fetch(route, standing(more), signal), told);

  /**
   * The last line of a route that answers line by line; null after having told why there is none,
   * or where it was aborted.
   * @param {string} route
   * @param {object} more
   * @param {AbortSignal} signal
   * @param {(news: any) => void} each sees every line as it comes
   * @param {(sentence: string) => void} told
   */
  const watch = (route, more, signal, each, told) =>
    orTold(lastOf(server.lines(route, standing(more), signal), each), told);

  return { linked, ask, fetch, watch };
}

/**
 * @param {AsyncGenerator<any, void>} lines
 * @param {(news: any) => void} each
 */
async function lastOf(lines, each) {
  let last = null;
  for await (const news of lines) {
    each(news);
    last = news;
  }
  return last;
}

// @ts-check
// Questions to the server about the run that is shown.
import { orTold } from "../shared/server.js";

/** @typedef {ReturnType<typeof createRunServer>} RunServer */
/** @typedef {import("../shared/server.js").Route} Route */
/** @typedef {"pause" | "resume" | "stop" | "set" | "step" | "longer" | "again"} Steering */
/** @template {Route} R
 * @typedef {import("../shared/server.js").Question<R>} Question */
/** @template {Route} R
 * @typedef {import("../shared/server.js").Answer<R>} Answer */

/**
 * What every part of the Train tab works with.
 * @typedef {object} Base
 * @property {import("../shared/elements.js").Room} room
 * @property {import("./state.js").View} view
 * @property {RunServer} server
 * @property {import("./messages.js").Messages} messages
 */

/**
 * @param {object} given
 * @param {import("../shared/server.js").Server} given.server
 * @param {import("./state.js").View} given.view
 * @param {import("./messages.js").Messages} given.messages
 */
export function createRunServer({ server, view, messages }) {
  /**
   * @template {Route} R
   * @param {Partial<Question<R>>} more
   */
  const about = (more) =>
    /** @type {Question<R>} */ ({ run: view.run, key: view.wanted.key, ...more });

  return {
    /**
     * An answer; null after having said why there is none.
     * @template {Route} R
     * @param {R} route
     * @param {Partial<Question<R>>} [more]
     * @returns {Promise<Answer<R> | null>}
     */
    ask: (route, more = {}) => orTold(server.ask(route, about(more)), messages.complain),
    /**
     * The answer to what only the run's owner may ask; null as above.
     * @template {Steering} R
     * @param {R} route
     * @param {Omit<Question<R>, "run">} [more]
     * @returns {Promise<Answer<R> | null>}
     */
    steer(route, more) {
      const question = /** @type {Question<R>} */ ({ run: view.run, ...more });
      return orTold(server.ask(route, question), messages.complain);
    },
    /**
     * A response with a file.
     * @template {Route} R
     * @param {R} route
     * @param {Partial<Question<R>>} more
     * @throws as `Server.file`
     */
    file: (route, more) => server.file(route, about(more)),
    /**
     * An answer line by line.
     * @template {Route} R
     * @param {R} route
     * @param {Partial<Question<R>>} more
     * @param {AbortSignal} signal
     * @throws as `Server.lines`
     */
    lines: (route, more, signal) => server.lines(route, about(more), signal),
  };
}

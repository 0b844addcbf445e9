// @ts-check
// Questions to the server about the run that is shown.
import { orTold } from "../shared/server.js";

/** @typedef {ReturnType<typeof createRunServer>} RunServer */

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
  /** @param {object} more */
  const about = (more) => ({ run: view.run, key: view.wanted.key, ...more });

  return {
    /**
     * An answer; null after having said why there is none.
     * @param {string} name
     * @param {object} [more]
     * @returns {Promise<any>}
     */
    ask: (name, more = {}) => orTold(server.ask(name, about(more)), messages.complain),
    /**
     * A file.
     * @param {string} route
     * @param {object} more
     * @param {AbortSignal} [signal]
     * @throws as `Server.fetch`
     */
    fetch: (route, more, signal) => server.fetch(route, about(more), signal),
  };
}

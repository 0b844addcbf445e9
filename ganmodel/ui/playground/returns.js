// @ts-check
// The ways to move in the browser's Back and Forward: there the way changes, and one stays where one
// stands. Over a link that was followed, they lead to another place, as between any two addresses.
import { enter, note, onReturn, shown } from "../shared/history.js";
import { randomHex } from "../shared/visitor.js";
import { addressOf } from "./address.js";

/** @typedef {ReturnType<typeof createReturns>} Returns */

const BYTES = 4; // of what tells links apart

/**
 * @param {object} given
 * @param {import("./state.js").PlaygroundState} given.state
 * @param {(way: string) => void} given.show
 * @param {() => void} given.writeAddress
 */
export function createReturns({ state, show, writeAddress }) {
  let since = shown().since ?? randomHex(BYTES);
  /** The address of the entry one has come back to, where only the way is another. */
  let own = "";

  onReturn((entry) => {
    own = "";
    if (entry.way === undefined) return;
    if (entry.since === since) own = location.href;
    since = entry.since ?? since;
    show(entry.way);
    state.remember("way");
    if (own) writeAddress();
  });

  return {
    /** A new entry: another way was chosen.
     * @param {string} before */
    entered(before) {
      note({ way: before, since });
      const { generator, way } = state.values;
      enter({ way, since }, generator ? addressOf(state) : location.href);
    },
    /** A link was followed. */
    followed() {
      since = randomHex(BYTES);
    },
    /** Whether an address that the browser tells of is to be followed.
     * @param {string} address */
    leads(address) {
      const isOwn = own === address;
      own = "";
      return !isOwn;
    },
  };
}

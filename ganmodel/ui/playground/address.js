// @ts-check
// Where one stands as the page's address, such as #play&weights=shipped:mnist&stops=53,46: written
// while this tab is open, and read.

const BEGINS = "#play&";

/**
 * What an address asks for; `text` is its place, `way` the id of a way to move.
 * @typedef {{ generator: string | null, moment: number | null, text: string, way: string | null }} Asked
 */

/**
 * @param {import("./state.js").PlaygroundState} state
 * @param {number | null} [moment] another than that of now
 */
export function addressOf({ values, address }, moment = values.moment) {
  return BEGINS + address({ ...values, moment }).join("&");
}

/**
 * Undoes `addressOf`; null for an address that is none of the Playground's.
 * @param {string} hash
 * @returns {Asked | null}
 */
export function askedBy(hash) {
  if (!hash.startsWith(BEGINS)) return null;
  const written = hash.slice(BEGINS.length);
  const fields = new URLSearchParams(written);
  const moment = fields.get("moment");
  const text = written.split("&").filter((field) => !/^(weights|moment|way)=/.test(field));
  return {
    generator: fields.get("weights"),
    moment: moment === null ? null : Number(moment),
    text: text.join("&"),
    way: fields.get("way"),
  };
}

/**
 * Keeps the address telling where one stands, as long as this tab is open.
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState} given.state
 */
export function createAddress({ room, state }) {
  let wasOpen = false;
  /** @param {string} address */
  const replace = (address) => history.replaceState(history.state, "", address);

  /** Writes it where this tab is open. */
  function write() {
    if (room.isShown()) replace(addressOf(state));
  }

  new IntersectionObserver((entries) => {
    const isOpen = entries.at(-1)?.isIntersecting ?? false;
    if (isOpen && state.values.generator) replace(addressOf(state));
    else if (wasOpen && !room.isShown() && location.hash.startsWith("#play")) {
      replace(location.pathname + location.search);
    }
    wasOpen ||= isOpen;
  }).observe(room.element);

  return { write };
}

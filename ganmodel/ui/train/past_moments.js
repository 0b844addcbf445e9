// @ts-check
// What the coach said, and what was measured, at an earlier moment: asked of the server once the
// slider rests there.
import { afterRest } from "../shared/latest.js";
import { momentShown, pastShown } from "./state.js";

const REST = 120; // milliseconds

/**
 * @param {Pick<import("./run_server.js").Base, "view" | "server">} base
 * @param {object} given
 * @param {() => void} given.show shows what is known of the moment
 * @param {() => boolean} given.isPlaying
 * @param {() => boolean} given.isTold whether the page says what the coach does
 */
export function createPastMoments({ view, server }, { show, isPlaying, isTold }) {
  const askSoon = afterRest(REST, ask);

  async function ask() {
    const images = momentShown(view);
    const { generation } = view;
    if (images === null) return;
    const found = await server.ask("moment", { images });
    if (!found || generation !== view.generation) return;
    view.past.set(images, found);
    if (view.at !== null && momentShown(view) === images) show();
  }

  /** To be called whenever another moment is shown. */
  function moved() {
    askSoon.cancel();
    if (view.at === null || pastShown(view)) show();
    else if (!isTold() && isPlaying()) show();
    else if (isPlaying()) ask();
    else askSoon();
  }

  return { moved };
}

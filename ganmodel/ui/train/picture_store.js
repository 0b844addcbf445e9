// @ts-check
// A run's grids in this browser: each is fetched once, and the newest are kept.
import { sheetIn } from "../shared/canvas.js";
import { orTold } from "../shared/server.js";

const PICTURES_KEPT = 160;

/** @param {Pick<import("./run_server.js").Base, "view" | "server" | "messages">} base */
export function createPictureStore({ view, server, messages }) {
  /** @type {Map<string, ImageBitmap>} name -> its pixels, the oldest first */
  const kept = new Map();

  /**
   * A grid's pixels; null after having said why there are none.
   * @param {import("#routes").PictureOf["kind"]} kind
   * @param {number} images the moment
   */
  async function pixelsOf(kind, images) {
    const name = `${view.run}/${kind}/${images}`;
    const known = kept.get(name);
    if (known) return known;
    const answer = await orTold(server.file("picture", { kind, images }), messages.complain);
    if (!answer) return null;
    const pixels = await sheetIn(answer);
    kept.set(name, pixels);
    if (kept.size > PICTURES_KEPT) kept.delete([...kept.keys()][0]);
    return pixels;
  }

  /** Forgets the pictures of the run that is shown whose kind begins so: they were drawn anew.
   * @param {string} kind */
  function outdate(kind) {
    const begins = `${view.run}/${kind}`;
    for (const name of [...kept.keys()]) if (name.startsWith(begins)) kept.delete(name);
  }

  return { pixelsOf, outdate };
}

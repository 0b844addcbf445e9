// @ts-check
// A run's grids in this browser: each is fetched once, and the newest are kept.
import { sheetIn } from "../shared/canvas.js";
import { orTold } from "../shared/server.js";
import { isRecorded, recordedPicture } from "./recorded.js";

/** @typedef {import("#routes").PictureOf["kind"]} Kind */

const PICTURES_KEPT = 160;

/** @param {Pick<import("./run_server.js").Base, "view" | "server" | "messages">} base */
export function createPictureStore({ view, server, messages }) {
  /** @type {Map<string, ImageBitmap>} name -> its pixels, the oldest first */
  const kept = new Map();

  /**
   * A grid's pixels; null after having said why there are none.
   * @param {Kind} kind
   * @param {number} images the moment
   */
  async function pixelsOf(kind, images) {
    const name = `${view.run}/${kind}/${images}`;
    const known = kept.get(name);
    if (known) return known;
    const asked =
      isRecorded(view.run) && kind !== "copies" ? recorded(kind, images) : sent(kind, images);
    const pixels = await orTold(asked, messages.complain);
    if (!pixels) return null;
    kept.set(name, pixels);
    if (kept.size > PICTURES_KEPT) kept.delete([...kept.keys()][0]);
    return pixels;
  }

  /**
   * @param {Kind} kind
   * @param {number} images
   */
  const recorded = (kind, images) =>
    recordedPicture(/** @type {string} */ (view.run), kind, kind === "reals" ? undefined : images);

  /**
   * @param {Kind} kind
   * @param {number} images
   */
  const sent = async (kind, images) => sheetIn(await server.file("picture", { kind, images }));

  /** Forgets the pictures of the run that is shown whose kind begins so: they were drawn anew.
   * @param {string} kind */
  function outdate(kind) {
    const begins = `${view.run}/${kind}`;
    for (const name of [...kept.keys()]) if (name.startsWith(begins)) kept.delete(name);
  }

  return { pixelsOf, outdate };
}

// @ts-check
// A run's pictures as files in this browser: each is fetched once, and the newest are kept.
import { orTold } from "../shared/server.js";

const PICTURES_KEPT = 160;

/** @param {Pick<import("./run_server.js").Base, "view" | "server" | "messages">} base */
export function createPictureStore({ view, server, messages }) {
  /** @type {Map<string, string>} name -> object URL, the oldest first */
  const kept = new Map();

  /**
   * A picture's address; null after having said why there is none.
   * @param {import("#routes").PictureOf["kind"]} kind
   * @param {number} images the moment
   */
  async function addressOf(kind, images) {
    const name = `${view.run}/${kind}/${images}`;
    const known = kept.get(name);
    if (known) return known;
    const answer = await orTold(server.file("picture", { kind, images }), messages.complain);
    if (!answer) return null;
    const address = URL.createObjectURL(await answer.blob());
    kept.set(name, address);
    if (kept.size > PICTURES_KEPT) drop([...kept.keys()][0]);
    return address;
  }

  /** @param {string} name */
  function drop(name) {
    URL.revokeObjectURL(kept.get(name) ?? "");
    kept.delete(name);
  }

  /** Forgets the pictures of the run that is shown whose kind begins so: they were drawn anew.
   * @param {string} kind */
  function outdate(kind) {
    const begins = `${view.run}/${kind}`;
    for (const name of [...kept.keys()]) if (name.startsWith(begins)) kept.delete(name);
  }

  return { addressOf, outdate };
}

/**
 * Replaces an element's picture once the new one is decoded, so that no blank stands between them.
 * @param {HTMLImageElement} image
 * @param {string} address
 * @returns {Promise<boolean>} whether it was
 */
export async function replacePicture(image, address) {
  const next = new Image();
  next.src = address;
  try {
    await next.decode();
  } catch {
    return false;
  }
  image.src = address;
  image.style.aspectRatio = `${next.naturalWidth} / ${next.naturalHeight}`;
  return true;
}

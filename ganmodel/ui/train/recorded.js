// @ts-check
// The pictures of the recorded runs that ship: files at addresses that never change, which browsers
// keep between visits.
import { sheetIn } from "../shared/canvas.js";
import { contract } from "../shared/contract.js";
import { ServerError } from "../shared/server.js";
import { words } from "../shared/words.js";

const DIGITS = 9; // of a moment, in a file's name

/** @param {string | null} run */
export const isRecorded = (run) => Boolean(run?.startsWith(contract.bundledPrefix));

/**
 * One of a recorded run's sheets, its pixels as they are.
 * @param {string} run
 * @param {string} name of the sheet, or the kind of which there is one for each moment
 * @param {number} [images] the moment
 * @throws {ServerError}
 */
export async function recordedPicture(run, name, images) {
  const moment = images === undefined ? "" : `/${String(images).padStart(DIGITS, "0")}`;
  const file = `${run.slice(contract.bundledPrefix.length)}/${name}${moment}.png`;
  try {
    const response = await fetch(contract.recorded + file);
    if (response.ok) return await sheetIn(response);
  } catch {
    // No line, or half a picture.
  }
  throw new ServerError(words("train.no-answer"), "");
}

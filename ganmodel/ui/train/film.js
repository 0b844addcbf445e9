// @ts-check
// The whole training as a film, saved as a file.

import { saveFrom } from "../shared/download.js";
import { isAbort, ServerError } from "../shared/server.js";
import { words } from "../shared/words.js";
import { showsRaw } from "./state.js";

/** @param {import("./run_server.js").Base} base */
export function createFilm({ room, view, server, messages }) {
  const { part, all } = room;
  /** @type {AbortController | null} */
  let making = null;

  /** @param {"gif" | "mp4"} form */
  async function saveAs(form) {
    if (making) return;
    making = new AbortController();
    part("filming").hidden = false;
    try {
      const question = { form, raw: showsRaw(view) };
      for await (const news of server.lines("film", question, making.signal)) saveFrom(news);
    } catch (error) {
      tell(error);
    } finally {
      making = null;
      part("filming").hidden = true;
    }
  }

  /** @param {unknown} error */
  function tell(error) {
    if (isAbort(error)) return;
    if (!(error instanceof ServerError)) throw error;
    const why = error.message;
    messages.complain(error.gone ? why : words("train.film-failed", { why }));
  }

  for (const button of all("[data-film]")) {
    button.addEventListener("click", () => saveAs(button.dataset.film));
  }
  part("film-cancel").addEventListener("click", () => making?.abort());
}

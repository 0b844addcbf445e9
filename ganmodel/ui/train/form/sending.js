// @ts-check
// Files on their way to the server: some at a time, each with its progress.
import { contract } from "../../shared/contract.js";
import { sentenceOf } from "../../shared/errors.js";
import { TOO_FAST } from "../../shared/server.js";
import { token } from "../../shared/visitor.js";
import { words } from "../../shared/words.js";
import { madeSmall } from "./smaller.js";

/** @typedef {import("./picking.js").Picked} Picked */

const AT_ONCE = 4; // files on their way; a browser keeps six connections to a server

/** Files for one upload. */
export class Sending {
  /**
   * @param {string} upload its id
   * @param {(share: number) => void} tell how much has been sent, from 0 to 1
   */
  constructor(upload, tell) {
    this.upload = upload;
    this.tell = tell;
    this.cancelled = false;
    /** @type {Set<XMLHttpRequest>} */
    this.requests = new Set();
    /** @type {Map<Picked, number>} bytes sent of the files on their way */
    this.onTheirWay = new Map();
    this.done = 0; // bytes
    this.total = 1;
  }

  cancel() {
    this.cancelled = true;
    for (const request of [...this.requests]) request.abort();
  }

  /** @throws {DOMException} an AbortError, once it is cancelled */
  refuseCancelled() {
    if (this.cancelled) throw new DOMException("", "AbortError");
  }

  /**
   * Sends all files, each made small just before.
   * @param {Picked[]} files
   * @returns {Promise<string[]>} the paths of those that nobody can open
   */
  async send(files) {
    this.total = files.reduce((sum, { file }) => sum + file.size, 0) || 1;
    const left = files.values();
    /** @type {string[]} */
    const unopened = [];
    const runners = Array.from({ length: AT_ONCE }, async () => {
      for (const one of left) if (!(await this.#sendOne(one))) unopened.push(one.name);
    });
    try {
      await Promise.all(runners);
    } catch (error) {
      this.cancel();
      await Promise.allSettled(runners);
      throw error;
    }
    return unopened;
  }

  /**
   * @param {Picked} one
   * @returns {Promise<boolean>} false where nobody can open it
   */
  async #sendOne(one) {
    const content = await madeSmall(one);
    this.refuseCancelled();
    while (content) {
      const wait = await this.#post(one, content);
      if (!wait) break;
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
      this.refuseCancelled();
    }
    this.onTheirWay.delete(one);
    this.done += one.file.size;
    this.#tellShare();
    return content !== null;
  }

  #tellShare() {
    const parts = [...this.onTheirWay.values()];
    this.tell(parts.reduce((sum, part) => sum + part, this.done) / this.total);
  }

  /**
   * One request for one file, by XMLHttpRequest, since fetch does not tell the progress.
   * @param {Picked} one
   * @param {Blob} content
   * @returns {Promise<number>} seconds to wait before the same is tried again; 0 where it came
   */
  #post(one, content) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", contract.routes.upload);
      request.setRequestHeader("X-Ganmodel-Token", token());
      request.setRequestHeader("X-Ganmodel-Upload", this.upload);
      const name = one.name.toWellFormed?.() ?? one.name;
      request.setRequestHeader("X-Ganmodel-Name", encodeURIComponent(name));
      request.upload.onprogress = ({ loaded, total }) => {
        this.onTheirWay.set(one, total ? (loaded / total) * one.file.size : 0);
        this.#tellShare();
      };
      request.onload = () => resolve(waitAfter(request));
      request.onerror = () => reject(new Error(words("pictures.not-sent")));
      request.onabort = () => reject(new DOMException("", "AbortError"));
      request.onloadend = () => this.requests.delete(request);
      this.requests.add(request);
      request.send(content);
    });
  }
}

/**
 * Seconds to wait before a file is sent again; 0 where it was taken.
 * @param {XMLHttpRequest} answered
 * @throws {Error} the sentence that says why it was not
 */
async function waitAfter({ status, responseText }) {
  if (status === 200) return 0;
  let sentence = words("pictures.not-sent");
  try {
    const { error } = JSON.parse(responseText);
    if (error.code === TOO_FAST) return error.values.wait || 1;
    sentence = await sentenceOf(error);
  } catch {
    // A proxy's own page.
  }
  throw new Error(sentence);
}

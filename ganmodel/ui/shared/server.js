// @ts-check
// Questions to the page's server: each goes to a route by its name, with the visitor's token, and one
// kind of error says why there is no answer.
import { contract } from "./contract.js";
import { sentenceOf } from "./errors.js";
import { token } from "./visitor.js";

/** The question and the answer of every route by its name; see `ganmodel/ui/routes.py`.
 * @typedef {import("#routes").Routes} Routes */
/** @typedef {keyof Routes} Route */
/** @template {Route} R
 * @typedef {Routes[R]["question"]} Question */
/** @template {Route} R
 * @typedef {Routes[R]["answer"]} Answer */

export const TOO_FAST = "too-fast"; // the code of an error that asks to wait

/** Why there is no answer, in a sentence; `code` is "" where the server did not answer at all. */
export class ServerError extends Error {
  /**
   * @param {string} sentence
   * @param {string} code
   */
  constructor(sentence, code) {
    super(sentence);
    this.code = code;
  }

  get gone() {
    return !this.code;
  }
}

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";

export class Server {
  /** @param {string} noAnswer the sentence for a server that does not answer */
  constructor(noAnswer) {
    this.noAnswer = noAnswer;
  }

  /**
   * An answer.
   * @template {Route} R
   * @param {R} route
   * @param {Question<R>} [question]
   * @param {AbortSignal} [signal]
   * @returns {Promise<Answer<R>>}
   * @throws {ServerError | DOMException} the latter where it was aborted
   */
  async ask(route, question, signal) {
    return this.#valuesIn(await this.#begun(route, question, signal));
  }

  /**
   * A response with a file, all of which is here: reading it can fail no more.
   * @template {Route} R
   * @param {R} route
   * @param {Question<R>} [question]
   * @param {AbortSignal} [signal]
   * @throws as `ask`
   */
  async file(route, question, signal) {
    const response = await this.#begun(route, question, signal);
    return new Response(await this.#orGone(response.blob()), { headers: response.headers });
  }

  /**
   * A response whose body is still on its way.
   * @template {Route} R
   * @param {R} route
   * @param {Question<R>} [question]
   * @param {AbortSignal} [signal]
   */
  async #begun(route, question, signal) {
    const headers = { "content-type": "application/json" };
    return this.#response(route, { body: JSON.stringify(question ?? {}), headers, signal });
  }

  /**
   * An answer to a file.
   * @template {Route} R
   * @param {R} route
   * @param {Blob} file
   * @returns {Promise<Answer<R>>}
   * @throws {ServerError}
   */
  async send(route, file) {
    return this.#valuesIn(await this.#response(route, { body: file }));
  }

  /**
   * An answer that comes line by line.
   * @template {Route} R
   * @param {R} route
   * @param {Question<R>} question
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<Answer<R>, void>}
   * @throws as `ask`
   */
  async *lines(route, question, signal) {
    const response = await this.#begun(route, question, signal);
    const text = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body);
    const reader = text.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await this.#orGone(reader.read());
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const news = JSON.parse(line);
        if (news.error) throw await this.#refused(news.error);
        yield news;
      }
    }
  }

  /**
   * The sentence of a refusal within an answer; "" without one.
   * @param {import("./errors.js").Refusal | null} [refusal]
   * @throws {ServerError}
   */
  async sentenceOf(refusal) {
    return refusal ? this.#orGone(sentenceOf(refusal)) : "";
  }

  /**
   * @param {Route} route
   * @param {{ body: BodyInit, headers?: Record<string, string>, signal?: AbortSignal }} request
   */
  async #response(route, { headers, ...request }) {
    const known = { ...headers, "x-ganmodel-token": token() };
    const asked = fetch(contract.routes[route], { method: "POST", headers: known, ...request });
    const response = await this.#orGone(asked);
    if (response.ok) return response;
    throw await this.#refused((await this.#valuesIn(response)).error);
  }

  /** @param {Response} response */
  #valuesIn(response) {
    return this.#orGone(response.json()); // it may be a proxy's own page
  }

  /** @param {import("./errors.js").Refusal} refusal */
  async #refused(refusal) {
    return new ServerError(await this.sentenceOf(refusal), refusal.code);
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   */
  async #orGone(promise) {
    try {
      return await promise;
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new ServerError(this.noAnswer, "");
    }
  }
}

/**
 * What a promise gives; null after having told why there is nothing. An abort is told by whoever
 * aborted it.
 * @template T
 * @param {Promise<T>} promise
 * @param {(sentence: string) => void} tell
 * @returns {Promise<T | null>}
 */
export async function orTold(promise, tell) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ServerError) tell(error.message);
    else if (!isAbort(error)) throw error;
    return null;
  }
}

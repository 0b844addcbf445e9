// @ts-check
// Questions to the page's server: one way to ask, and one kind of error that says why there is no
// answer. The visitor's token goes with every question.
import { token } from "./visitor.js";

/** @typedef {Record<string, (question: object) => Promise<any>>} Functions of Gradio's */

/** Why there is no answer, in a sentence; `gone` where the server did not answer at all. */
export class ServerError extends Error {
  /**
   * @param {string} sentence
   * @param {boolean} gone
   */
  constructor(sentence, gone = false) {
    super(sentence);
    this.gone = gone;
  }
}

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";

export class Server {
  /**
   * @param {Functions} functions as Gradio gives them to a gr.HTML
   * @param {string} noAnswer the sentence for a server that does not answer
   */
  constructor(functions, noAnswer) {
    this.functions = functions;
    this.noAnswer = noAnswer;
  }

  /**
   * An answer to a question by its name.
   * @param {string} name
   * @param {object} question
   * @returns {Promise<any>}
   * @throws {ServerError}
   */
  async ask(name, question = {}) {
    let answer;
    try {
      answer = await this.functions[name]({ token: token(), ...question });
    } catch {
      throw new ServerError(this.noAnswer, true);
    }
    if (answer?.error) throw new ServerError(answer.error);
    return answer;
  }

  /**
   * A response with a file, or with JSON, from a route.
   * @param {string} route
   * @param {object} question
   * @param {AbortSignal} [signal]
   * @throws {ServerError | DOMException} the latter where it was aborted
   */
  async fetch(route, question, signal) {
    const body = JSON.stringify({ token: token(), ...question });
    return this.send(route, { method: "POST", body, signal });
  }

  /**
   * The same for a request whose body is no question, such as a file.
   * @param {string} route
   * @param {RequestInit} request
   */
  async send(route, request) {
    let response;
    let refusal;
    try {
      response = await fetch(route, request);
      if (response.ok) return response;
      refusal = (await response.json()).error;
    } catch (error) {
      if (isAbort(error)) throw error;
    }
    throw new ServerError(refusal ?? this.noAnswer, !response);
  }

  /**
   * An answer that comes as JSON, one object a line.
   * @param {string} route
   * @param {object} question
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<any, void>}
   */
  async *lines(route, question, signal) {
    const response = await this.fetch(route, question, signal);
    const text = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body);
    const reader = text.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await this.#next(reader);
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const news = JSON.parse(line);
        if (news.error) throw new ServerError(news.error);
        yield news;
      }
    }
  }

  /** @param {ReadableStreamDefaultReader<string>} reader */
  async #next(reader) {
    try {
      return await reader.read();
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new ServerError(this.noAnswer, true);
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

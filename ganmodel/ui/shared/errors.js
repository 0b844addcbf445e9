// @ts-check
// The sentences of errors: the server says a code with values, and they are worded here.
import { contract } from "./contract.js";
import { learn, worded } from "./words.js";

/** Why something can't be done, as the server says it.
 * @typedef {import("#routes").Refusal} Refusal */

/** @type {Promise<unknown> | null} the sentences, which few visits need */
let known = null;

/**
 * The sentence of an error.
 * @param {Refusal} refusal
 * @throws where the sentences can't be fetched
 */
export async function sentenceOf({ code, values }) {
  known ??= fetched();
  await known;
  return worded({ id: `errors.${code}`, values });
}

async function fetched() {
  try {
    return learn(await (await fetch(contract.errors)).json());
  } catch (error) {
    known = null; // the next error tries again
    throw error;
  }
}

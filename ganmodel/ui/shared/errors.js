// @ts-check
// The sentences of errors: the server says a code with values, and they are worded here.
import { contract } from "./contract.js";

/** Why something can't be done, as the server says it.
 * @typedef {import("#routes").Refusal} Refusal */

/** @type {Promise<Record<string, string>> | null} the sentences by code, which few visits need */
let known = null;

/**
 * The sentence of an error.
 * @param {Refusal} refusal
 * @throws where the sentences can't be fetched
 */
export async function sentenceOf({ code, values }) {
  known ??= fetched();
  return worded((await known)[code], values);
}

async function fetched() {
  try {
    return await (await fetch(contract.errors)).json();
  } catch (error) {
    known = null; // the next error tries again
    throw error;
  }
}

/**
 * A sentence with its holes filled as Python does, by the formats that the catalogue uses: {n:,}
 * groups thousands, {n:.1f} has one digit behind the point, {n:,.1f} both, {n:.0%} is in percent.
 * @param {string} sentence
 * @param {Record<string, unknown>} values
 */
export function worded(sentence, values) {
  return sentence.replace(
    /\{(\w+)(?::(,?)(?:\.(\d)([f%]))?)?\}/g,
    (_, name, groups, digits, kind) => {
      const value = values[name];
      if (Array.isArray(value)) return value.join(", ");
      if (typeof value !== "number" || (!groups && !kind)) return String(value);
      const fraction = kind ? Number(digits) : undefined;
      const options = {
        style: kind === "%" ? "percent" : "decimal",
        useGrouping: Boolean(groups),
        minimumFractionDigits: fraction,
        maximumFractionDigits: fraction ?? 20,
        roundingMode: "halfEven",
      };
      return value.toLocaleString("en-US", /** @type {Intl.NumberFormatOptions} */ (options));
    },
  );
}

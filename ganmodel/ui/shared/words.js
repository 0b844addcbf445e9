// @ts-check
// Words by id: the catalogue comes with the page, in the visitor's language. `ganmodel/words` says what
// its entries are, and words the same ids alike. Templates hold ids, too, which `early.js` puts in.
import { contract, read } from "./contract.js";

/** @typedef {typeof import("#words")} Catalogue */
/** @typedef {keyof Catalogue} Id */
/** What can be worded: an id with the values of its holes, as the server and a run's folder have it;
 * several of them, which are said one after the other; or a plain text.
 * @typedef {{ [name: string]: unknown } | unknown[] | string} Words */

/** @type {Record<string, string | Record<string, string>>} */
const catalogue = read("ganmodel-words");
const { language } = contract;
const plurals = new Intl.PluralRules(language);
const HOLE = /\{(\w+)(?::([^{}]*))?\}/g;
const FORMAT = /^(,?)\.(\d)([f%])$/;

/**
 * A sentence, with its holes filled.
 * @param {Id} id
 * @param {Record<string, unknown>} [values]
 */
export const words = (id, values) => worded({ id, values });

/** The same by an id that is put together, such as a setting's or a state's.
 * @param {string} id */
export const wordsFor = (id) => worded({ id });

/** Makes more entries known, such as those of errors, which are fetched when the first one comes.
 * @param {Record<string, string>} entries */
export const learn = (entries) => Object.assign(catalogue, entries);

/**
 * A message in words; several, one after the other. A text stays as it is.
 * @param {Words} told
 * @returns {string}
 */
export function worded(told) {
  if (typeof told === "string") return told;
  if (Array.isArray(told)) {
    const sentences = /** @type {Words[]} */ (told).map(worded).filter(Boolean);
    return sentences.join(words("joins.sentences"));
  }
  const { id, values } = /** @type {{ id: string, values?: Record<string, unknown> }} */ (told);
  const entry = catalogue[id];
  if (entry === undefined) return words("joins.unknown", { id });
  return filled(entry, values ?? {});
}

/**
 * An entry of the catalogue with its holes filled; a hole without a value stays.
 * @param {string | Record<string, string>} entry
 * @param {Record<string, unknown>} values
 */
export function filled(entry, values) {
  const counted = typeof entry === "string" ? 0 : Number(values[entry.by]);
  const sentence =
    typeof entry === "string" ? entry : (entry[plurals.select(counted)] ?? entry.other);
  return sentence.replace(HOLE, (hole, name, form = "") =>
    name in values ? formatted(values[name], form) : hole,
  );
}

/**
 * @param {any} value
 * @param {string} form
 * @returns {string}
 */
function formatted(value, form) {
  if (Array.isArray(value))
    return value.map((one) => formatted(one, form)).join(words("joins.list"));
  if (value?.id !== undefined) return worded(value);
  if (form === "date") return date(String(value));
  if (typeof value !== "number" || form === "") return String(value);
  if (form === "short") return short(value);
  if (form === "times")
    return `${number(value, { maximumFractionDigits: value >= 9.95 ? 0 : 1, roundingMode: "halfEven" })}×`;
  if (form === ",") return number(value);
  const [, groups, digits, kind] = /** @type {RegExpExecArray} */ (FORMAT.exec(form));
  const fraction = Number(digits);
  return number(value, {
    style: kind === "%" ? "percent" : "decimal",
    useGrouping: Boolean(groups),
    minimumFractionDigits: fraction,
    maximumFractionDigits: fraction,
    roundingMode: "halfEven",
  });
}

/**
 * A number as the visitor's language writes it.
 * @param {number} value
 * @param {Intl.NumberFormatOptions & { roundingMode?: string }} [options]
 */
export function number(value, options = { maximumFractionDigits: 20 }) {
  return value.toLocaleString(language, /** @type {Intl.NumberFormatOptions} */ (options));
}

const DAY_AND_MINUTE = new Intl.DateTimeFormat(language, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** @param {string} written in ISO 8601 */
function date(written) {
  const when = new Date(written);
  return Number.isNaN(when.getTime()) ? written : DAY_AND_MINUTE.format(when);
}

/**
 * How long ago something was.
 * @param {number} count
 * @param {"minute" | "hour" | "day"} unit
 */
export const ago = (count, unit) =>
  new Intl.RelativeTimeFormat(language, { style: "short" }).format(-Math.round(count), unit);

/**
 * Three digits, without an exponent where a person would write none.
 * @param {number} value
 */
function short(value) {
  const size = Math.abs(value);
  if (value === 0 || !Number.isFinite(value)) return String(value);
  if (size < 1e-3 || size >= 1e5) return value.toExponential(0).replace(/e([+-])(\d)$/, "e$10$2");
  const digits = Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(size))));
  return number(value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    roundingMode: "halfEven",
  });
}

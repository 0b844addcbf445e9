// @ts-check
// Numbers as people write them, by the rules of `config/numbers.py`, and the fields that take them:
// class gm-number, with data-whole, data-low, data-high and, where its arrow keys should not change
// it by a tenth of itself, data-step. They are fields of text: browsers read number fields each in
// their own way, drop what they do not expect, and change a number where the page was to scroll.

import { make } from "./elements.js";
import { words } from "./words.js";

/** @typedef {{ low?: number, high?: number, step?: number, whole?: boolean }} Bounds */

const NUMBER = /^([+-]?)([0-9][0-9.,]*|[.,][0-9]+)(?:e([+-]?[0-9]+))?$/i;
const BY_POINTS = /^[0-9]{1,3}(?:[.][0-9]{2,3})*[.][0-9]{3}$/;
const BY_COMMAS = /^[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}$/;

/**
 * @param {string} digits
 * @param {string} sign
 */
const inGroups = (digits, sign) => (sign === "," ? BY_COMMAS : BY_POINTS).test(digits);

/**
 * Digits, points and commas as digits with at most one point; null where they make no sense.
 * @param {string} digits
 * @param {boolean} grouped whether a lone sign with three digits behind it groups them
 */
function withPoint(digits, grouped) {
  const signs = digits.replace(/[0-9]/g, "");
  if (!signs) return digits;
  const first = signs[0];
  const last = signs[signs.length - 1];
  const end = digits.lastIndexOf(last);
  const head = digits.slice(0, end);
  const tail = digits.slice(end + 1);
  if (first !== last) return inGroups(head, first) ? `${head.replaceAll(first, "")}.${tail}` : null;
  if (signs.length > 1 || (grouped && digits[0] !== "0" && inGroups(digits, last))) {
    return inGroups(digits, last) ? digits.replaceAll(last, "") : null;
  }
  return `${head || 0}.${tail || 0}`;
}

/**
 * The number that a text means; null, and `why` in a sentence, where it is none or could be two.
 * @param {string} text
 * @param {boolean} [whole] whether a whole number is asked for, so that the point of 300.000 groups
 * @returns {{ value: number, why?: undefined } | { value: null, why: string }}
 */
export function readNumber(text, whole = false) {
  const given = text.trim();
  const none = { value: null, why: words("numbers.no-number", { text: given }) };
  const plain = text
    .normalize("NFKC")
    .trim()
    .replaceAll("\u2212", "-")
    .replace(/([0-9])_(?=[0-9])/g, "$1")
    .replace(/([0-9])[ '\u2019](?=[0-9]{3}(?![0-9]))/g, "$1");
  const parts = NUMBER.exec(plain);
  if (!parts) return none;
  const [, sign, digits, exponent] = parts;
  const loneComma = digits.split(",").length === 2 && digits[0] !== "0" && inGroups(digits, ",");
  if (!exponent && !whole && loneComma) {
    const small = sign + digits.replace(",", ".");
    const large = sign + digits.replace(",", "");
    return { value: null, why: words("numbers.ambiguous", { text: given, small, large }) };
  }
  const decimal = withPoint(digits, whole && !exponent);
  const value = decimal === null ? Number.NaN : Number(`${sign}${decimal}e${exponent ?? 0}`);
  return Number.isFinite(value) ? { value } : none;
}

/** @param {HTMLInputElement} field */
const isWhole = (field) => "whole" in field.dataset;

/**
 * @param {HTMLInputElement} field
 * @param {string} name
 */
function bound(field, name) {
  const text = field.dataset[name];
  return text === undefined ? null : Number(text);
}

/** What `readNumber` makes of a field.
 * @param {HTMLInputElement} field */
export const readField = (field) => readNumber(field.value, isWhole(field));

/** The number in a field; null where it is none, or out of the field's bounds.
 * @param {HTMLInputElement} field */
export function numberIn(field) {
  const { value } = readField(field);
  if (value === null || (isWhole(field) && !Number.isInteger(value))) return null;
  const low = bound(field, "low") ?? Number.NEGATIVE_INFINITY;
  const high = bound(field, "high") ?? Number.POSITIVE_INFINITY;
  return value >= low && value <= high ? value : null;
}

/**
 * A new field for numbers.
 * @param {Record<string, any>} [properties]
 * @param {Bounds} [bounds]
 */
export function numberField(properties = {}, { low, high, step, whole = false } = {}) {
  const known = Object.entries({ low, high, step }).filter(([, value]) => value !== undefined);
  const data = { ...Object.fromEntries(known), ...(whole ? { whole: "" } : {}) };
  const field = make("input", {
    type: "text",
    className: "gm-number",
    autocomplete: "off",
    data,
    ...properties,
  });
  if (low === undefined || low >= 0) field.inputMode = "decimal"; // its keys on a phone lack a minus
  return field;
}

/**
 * The next round number, about a tenth of what stands in a field away; null where none stands there.
 * @param {HTMLInputElement} field
 * @param {boolean} up
 */
export function stepped(field, up) {
  const { value } = readField(field);
  if (value === null) return null;
  const low = bound(field, "low") ?? Number.NEGATIVE_INFINITY;
  const high = bound(field, "high") ?? Number.POSITIVE_INFINITY;
  const digits = value ? Math.log10(Math.abs(value)) : high <= 1 ? -2 : 0;
  // Just below a power of ten numbers are a tenth as large.
  const smaller = value && up !== value > 0 && Number.isInteger(digits);
  const tenth = 10 ** (Math.floor(digits) - (smaller ? 2 : 1));
  const step = bound(field, "step") ?? (isWhole(field) ? Math.max(1, tenth) : tenth);
  const steps = up ? Math.floor(value / step + 1e-6) + 1 : Math.ceil(value / step - 1e-6) - 1;
  return Number(Math.min(Math.max(step * steps, low), high).toPrecision(12));
}

/** @param {Event} event */
function numberFieldOf({ target }) {
  const isOne = target instanceof HTMLInputElement && target.matches("input.gm-number");
  return isOne ? target : null;
}

/** @param {KeyboardEvent} event */
function stepByKey(event) {
  const field = numberFieldOf(event);
  const isArrow = event.key === "ArrowUp" || event.key === "ArrowDown";
  if (!field || !isArrow || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = stepped(field, event.key === "ArrowUp");
  if (next === null || field.readOnly) return;
  field.value = String(next);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Arrow keys for all fields for numbers; and what was read is shown once the hand has left one. */
export function watchNumberFields() {
  document.addEventListener("keydown", stepByKey);
  document.addEventListener(
    "change",
    (event) => {
      const field = numberFieldOf(event);
      const value = field ? readField(field).value : null;
      if (field && value !== null) field.value = String(value);
    },
    true,
  );
}

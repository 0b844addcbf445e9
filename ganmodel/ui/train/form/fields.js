// @ts-check
// The form's fields by the setting that each stands for: read, filled, and what they offer.
import { readField } from "../../shared/numbers.js";
import { words } from "../../shared/words.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */
/** @typedef {ReturnType<typeof createFields>} Fields */

/** @param {Field} field
 * @returns {field is HTMLInputElement} */
const isNumber = (field) => field.matches(".gm-number");
/** @param {Field} field
 * @returns {field is HTMLInputElement} */
const isTick = (field) => field.type === "checkbox";

/** @param {import("../../shared/elements.js").Room} room */
export function createFields(room) {
  /** @type {Record<string, Field>} */
  const all = Object.fromEntries(
    room.all("[data-setting]").map((field) => [field.dataset.setting, field]),
  );
  const dataset = /** @type {HTMLSelectElement} */ (all.dataset);
  const preset = /** @type {HTMLSelectElement} */ (all.preset);

  for (const range of room.all("[data-range]")) {
    const { low, high } = all[range.dataset.range].dataset;
    range.textContent = words("form.range", { low: Number(low), high: Number(high) });
  }

  /** @param {string} name */
  const takesNumber = (name) => Boolean(all[name]) && isNumber(all[name]);

  /** What a field's label says.
   * @param {string} name */
  function labelOf(name) {
    const label = all[name].closest(".gm-setting")?.querySelector("label");
    return label?.firstChild?.textContent?.trim() ?? "";
  }

  /**
   * What a field holds; of one for numbers, null where it is empty, and its text where that is none.
   * @param {string} name
   */
  function read(name) {
    const field = all[name];
    if (isNumber(field)) {
      return field.value.trim() === "" ? null : (readField(field).value ?? field.value);
    }
    if (isTick(field)) return field.checked;
    const number = field.value === "" ? Number.NaN : Number(field.value);
    return Number.isNaN(number) ? field.value : number;
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  function put(name, value) {
    const field = all[name];
    if (isTick(field)) field.checked = value === true;
    else field.value = String(value);
  }

  /**
   * Whether a field offers a value; null where there is no such field.
   * @param {string} name
   * @param {unknown} value
   */
  function isOffered(name, value) {
    const field = all[name];
    if (!field) return null;
    if (isTick(field)) return typeof value === "boolean";
    if (isNumber(field)) {
      const { low, high } = field.dataset;
      return typeof value === "number" && value >= Number(low) && value <= Number(high);
    }
    const options = [.../** @type {HTMLSelectElement} */ (field).options];
    return options.some((option) => option.value === String(value));
  }

  /** The first of some settings whose field holds a text that is no number.
   * @param {Record<string, unknown>} chosen */
  function unread(chosen) {
    return Object.keys(chosen).find(
      (name) => takesNumber(name) && typeof chosen[name] === "string",
    );
  }

  /** @param {string} name */
  function whyUnread(name) {
    return words("form.unread", {
      label: labelOf(name),
      why: readField(/** @type {HTMLInputElement} */ (all[name])).why,
    });
  }

  return { all, dataset, preset, takesNumber, labelOf, read, put, isOffered, unread, whyUnread };
}

// Numbers as people write them, by the rules of config/numbers.py, and the fields that take them:
// class gm-number, with data-whole, data-low, data-high and, where its arrows should not go by a
// tenth of what stands there, data-step. A field of text, since browsers read numbers each in their
// own way, drop what they do not expect, and turn a number where the page was to scroll.
Object.assign(ganmodel, (() => {
  const words = ganmodel.words.numbers;
  const NUMBER = /^([+-]?)([0-9][0-9.,]*|[.,][0-9]+)(?:e([+-]?[0-9]+))?$/i;
  const POINTS = /^[0-9]{1,3}(?:[.][0-9]{2,3})*[.][0-9]{3}$/, COMMAS = /^[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}$/;
  const inGroups = (digits, sign) => (sign === "," ? COMMAS : POINTS).test(digits);

  // Digits, points and commas as digits with at most one point; null where they make no sense.
  function withPoint(digits, grouped) {
    const signs = digits.replace(/[0-9]/g, "");
    if (!signs) return digits;
    const first = signs[0], last = signs.at(-1), end = digits.lastIndexOf(last);
    const head = digits.slice(0, end), tail = digits.slice(end + 1);
    if (first !== last) return inGroups(head, first) ? `${head.replaceAll(first, "")}.${tail}` : null;
    if (signs.length > 1 || (grouped && digits[0] !== "0" && inGroups(digits, last))) {
      return inGroups(digits, last) ? digits.replaceAll(last, "") : null;
    }
    return `${head || 0}.${tail || 0}`;
  }

  // { value }, or { value: null, why } with a sentence.
  function readNumber(text, whole = false) {
    const none = { value: null, why: ganmodel.fill(words.NO_NUMBER, { text: text.trim() }) };
    const plain = text.normalize("NFKC").trim().replaceAll("\u2212", "-")
      .replace(/([0-9])_(?=[0-9])/g, "$1").replace(/([0-9])[ '\u2019](?=[0-9]{3}(?![0-9]))/g, "$1");
    const parts = NUMBER.exec(plain);
    if (!parts) return none;
    const [, sign, digits, exponent] = parts;
    if (!exponent && !whole && digits.split(",").length === 2 && digits[0] !== "0" && inGroups(digits, ",")) {
      const both = { small: sign + digits.replace(",", "."), large: sign + digits.replace(",", "") };
      return { value: null, why: ganmodel.fill(words.AMBIGUOUS, { text: text.trim(), ...both }) };
    }
    const decimal = withPoint(digits, whole && !exponent);
    const value = decimal === null ? NaN : Number(`${sign}${decimal}e${exponent ?? 0}`);
    return Number.isFinite(value) ? { value } : none;
  }

  const fact = (field, name) => field.dataset[name] === undefined ? null : Number(field.dataset[name]);
  const readField = (field) => readNumber(field.value, "whole" in field.dataset);

  // What stands in a field; null where it is no number, or not within the field's bounds.
  function numberIn(field) {
    const { value } = readField(field);
    if (value === null || ("whole" in field.dataset && !Number.isInteger(value))) return null;
    return value >= (fact(field, "low") ?? -Infinity) && value <= (fact(field, "high") ?? Infinity) ? value : null;
  }

  function numberField(more = {}, { low, high, step, whole = false } = {}) {
    const field = Object.assign(document.createElement("input"), { type: "text", className: "gm-number", autocomplete: "off", ...more });
    if (!(low < 0)) field.inputMode = "decimal";     // the keys for it have no minus on a phone
    for (const [name, value] of Object.entries({ low, high, step })) if (value !== undefined) field.dataset[name] = value;
    if (whole) field.dataset.whole = "";
    return field;
  }

  // One press of an arrow: on to the next round number, about a tenth of what stands there away.
  function stepped(field, up) {
    const { value } = readField(field), low = fact(field, "low") ?? -Infinity, high = fact(field, "high") ?? Infinity;
    if (value === null) return null;
    const digits = value ? Math.log10(Math.abs(value)) : high <= 1 ? -2 : 0;
    // Just below a power of ten numbers are a tenth as large.
    const smaller = value && up !== value > 0 && Number.isInteger(digits);
    const tenth = 10 ** (Math.floor(digits) - (smaller ? 2 : 1));
    const step = fact(field, "step") ?? ("whole" in field.dataset ? Math.max(1, tenth) : tenth);
    const next = step * (up ? Math.floor(value / step + 1e-6) + 1 : Math.ceil(value / step - 1e-6) - 1);
    return Number(Math.min(Math.max(next, low), high).toPrecision(12));
  }

  const aNumberField = (event) => event.target instanceof Element && event.target.matches("input.gm-number") ? event.target : null;
  document.addEventListener("keydown", (event) => {
    const field = aNumberField(event);
    if (!field || !["ArrowUp", "ArrowDown"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = stepped(field, event.key === "ArrowUp");
    if (next === null || field.readOnly) return;
    field.value = String(next);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  // What was read stands there once the hand has left the field.
  document.addEventListener("change", (event) => {
    const field = aNumberField(event), { value } = field ? readField(field) : { value: null };
    if (value !== null) field.value = String(value);
  }, true);

  return { readNumber, readField, numberIn, numberField };
})());

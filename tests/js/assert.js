// @ts-check
// What a claim about a module is made with: each throws with both sides where it does not hold.

/**
 * Whether both are the same as JSON, typed arrays as lists.
 * @param {unknown} found
 * @param {unknown} wanted
 */
export function equal(found, wanted) {
  const [a, b] = [found, wanted].map(written);
  if (a !== b) throw new Error(`found ${a}, wanted ${b}`);
}

/**
 * @param {unknown} holds
 * @param {string} [what]
 */
export function ok(holds, what = "it does not hold") {
  if (!holds) throw new Error(what);
}

/**
 * What a promise is rejected with, or a function throws.
 * @param {() => unknown} action
 */
export async function thrown(action) {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** @param {unknown} value */
function written(value) {
  return JSON.stringify(value, (_, part) =>
    part === undefined
      ? "undefined"
      : ArrayBuffer.isView(part)
        ? Array.from(/** @type {any} */ (part))
        : part,
  );
}

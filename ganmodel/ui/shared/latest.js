// @ts-check
// Work that follows the hand: one at a time with the latest wish winning, or once the hand rests.

/**
 * A function that does `work`, and does it once more where it was called meanwhile; its promise
 * resolves when nothing is left to do. `work` is told by a function whether it is to be done again.
 * @param {(again: () => boolean) => Promise<void>} work
 */
export function latest(work) {
  let busy = false;
  let again = false;
  let done = Promise.resolve();

  async function doAll() {
    try {
      do {
        again = false;
        await work(() => again);
      } while (again);
    } finally {
      busy = false;
    }
  }

  function run() {
    again = busy;
    if (!busy) {
      busy = true;
      done = doAll();
    }
    return done;
  }
  run.busy = () => busy;
  run.wanted = () => again;
  return run;
}

/**
 * A function that calls `action` once it has not been called for a while.
 * @template {unknown[]} A
 * @param {number} milliseconds
 * @param {(...values: A) => void} action
 */
export function afterRest(milliseconds, action) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let clock;
  /** @param {A} values */
  function call(...values) {
    clearTimeout(clock);
    clock = setTimeout(() => action(...values), milliseconds);
  }
  call.cancel = () => clearTimeout(clock);
  return call;
}

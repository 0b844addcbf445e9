// @ts-check
// Whether a part of the page is in view: what nobody sees is not asked for.

/**
 * A function that tells whether an element is in view.
 * @param {Element} element
 * @param {() => void} came called when it has come into view
 */
export function watchSeen(element, came) {
  let isSeen = false;
  new IntersectionObserver((entries) => {
    const was = isSeen;
    isSeen = entries.at(-1)?.isIntersecting ?? false;
    if (isSeen && !was) came();
  }).observe(element);
  return () => isSeen;
}

// @ts-check
// Sheets: dialogs beside the page, or from below on a phone. A press beside one closes it, and the
// focus goes back to what opened it.

/**
 * Makes a dialog a sheet.
 * @param {HTMLDialogElement} dialog with a button marked `data-close`
 * @param {object} [given]
 * @param {() => void} [given.opened] it is about to be seen
 * @param {() => void} [given.closed]
 */
export function createSheetOf(dialog, { opened, closed } = {}) {
  /** @type {HTMLElement | null} */
  let opener = null;

  function open() {
    if (dialog.open) return;
    opener = /** @type {HTMLElement | null} */ (document.activeElement);
    opened?.();
    dialog.showModal();
  }
  const close = () => dialog.close();

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close(); // beside it
  });
  for (const button of dialog.querySelectorAll("[data-close]")) {
    button.addEventListener("click", close);
  }
  dialog.addEventListener("close", () => {
    closed?.();
    // Unless what was done in it has led the focus elsewhere.
    if (document.activeElement === document.body) opener?.focus();
  });
  return { open, close, isOpen: () => dialog.open };
}

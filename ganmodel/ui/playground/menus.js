// @ts-check
// Small menus: one is open at a time, until something beside it is pressed, or Escape.

/** @param {import("../shared/elements.js").Room} room */
export function createMenus(room) {
  /** @type {HTMLDetailsElement[]} */
  const menus = room.all("details.gm-drop");

  function close() {
    for (const menu of menus) menu.open = false;
  }

  for (const menu of menus) {
    menu.addEventListener("toggle", () => {
      if (menu.open) for (const other of menus) if (other !== menu) other.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      menu.open = false;
      menu.querySelector("summary")?.focus();
    });
  }
  document.addEventListener("pointerdown", ({ target }) => {
    const pressed = /** @type {Element | null} */ (target);
    if (!pressed?.closest?.("details.gm-drop")) close();
  });
  return { close };
}

// @ts-check
// Part of the page's first lines, so that it runs before all other scripts; no module. It puts the words
// into our HTML before that is seen, keeps what is pressed until our modules live, and takes our rooms
// to their places in Gradio's page.
{
  // Elements name their words: data-say for the text, data-say-title for that attribute, and so on.
  const told = document.getElementById("ganmodel-words")?.textContent ?? "{}";
  /** @type {Record<string, string>} */
  const catalogue = JSON.parse(told);
  const ATTRIBUTES = ["title", "aria-label", "alt", "label"];
  const NAMING = ["", "-html", ...ATTRIBUTES.map((name) => `-${name}`)];
  const SAYS = NAMING.map((end) => `[data-say${end}]`).join();
  /** @param {Element} element */
  function putInto(element) {
    const { dataset } = /** @type {HTMLElement} */ (element);
    if (dataset.say) element.textContent = catalogue[dataset.say];
    if (dataset.sayHtml) element.innerHTML = catalogue[dataset.sayHtml];
    for (const name of ATTRIBUTES) {
      const id = element.getAttribute(`data-say-${name}`);
      if (id) element.setAttribute(name, catalogue[id]);
    }
  }
  /** @param {Element} root */
  function putIn(root) {
    if (root.matches(SAYS)) putInto(root);
    for (const element of root.querySelectorAll(SAYS)) putInto(element);
  }
  // While the first answer is read, before any of it is drawn; a room that is built later asks for it.
  const reading = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      // Each has a record of its own while it is parsed, so that none is looked through for others.
      for (const node of addedNodes)
        if (node instanceof Element && node.matches(SAYS)) putInto(node);
    }
  });
  reading.observe(document.body, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => reading.disconnect());
  document.addEventListener("ganmodel-words", (event) => {
    putIn(/** @type {CustomEvent} */ (event).detail);
  });

  // Gradio counts the seconds for which it loads, 60 times each, and never stops: its counter outlives
  // what showed it. That would be most of what an open page costs a phone. Nothing here shows them.
  const CLOCK = /^\(\)\s*=>.{0,60}performance\.now\(\).{0,60}$/s;
  const ask = window.requestAnimationFrame;
  window.requestAnimationFrame = (draw) => (CLOCK.test(String(draw)) ? 0 : ask.call(window, draw));

  // Light or dark as asked for, as `theme.js` remembers it, or as the system has it. Gradio, which does
  // not know what is remembered, decides later.
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const asked = new URLSearchParams(location.search).get("__theme");
  document.body.dataset.theme = asked ?? remembered() ?? system;
  function paint() {
    const { classList, dataset } = document.body;
    const isDark = dataset.theme === "dark";
    if (classList.contains("dark") !== isDark) classList.toggle("dark", isDark);
  }
  paint();
  const repaint = new MutationObserver(paint);
  repaint.observe(document.body, { attributeFilter: ["class"] });

  function remembered() {
    try {
      return localStorage.getItem("ganmodel.theme");
    } catch {
      return null; // this browser keeps nothing
    }
  }

  /** @type {HTMLElement | null} */
  let kept = null;
  /** @param {Event} event */
  function keep(event) {
    const target = /** @type {Element} */ (event.target);
    /** @type {HTMLElement | null} */
    const pressed = event instanceof SubmitEvent ? event.submitter : target.closest("button");
    if (!pressed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    kept?.removeAttribute("aria-busy");
    kept = pressed;
    kept.ariaBusy = "true";
  }
  for (const kind of ["click", "submit"]) document.addEventListener(kind, keep, true);
  window.addEventListener("ganmodel-alive", () => {
    for (const kind of ["click", "submit"]) document.removeEventListener(kind, keep, true);
    kept?.removeAttribute("aria-busy");
    kept?.click();
  });

  /** @type {Map<string, HTMLElement>} */
  const places = new Map();
  document.addEventListener("ganmodel-place", (event) => {
    const { name, place } = /** @type {CustomEvent} */ (event).detail;
    places.set(name, place);
    if (places.size === document.querySelectorAll("[data-room]").length) takeAll();
  });

  /** Not while a dialog is open, which some browsers would close. */
  function takeAll() {
    const open = document.querySelector("dialog[open]");
    if (open) {
      open.addEventListener("close", takeAll, { once: true });
      return;
    }
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    for (const [name, place] of places) {
      const room = /** @type {HTMLElement} */ (document.querySelector(`[data-room="${name}"]`));
      // The former keeps what plays and has the focus; not every browser knows it yet.
      if (typeof place.moveBefore === "function") place.moveBefore(room, null);
      else place.append(room);
    }
    document.querySelector(".gm-first")?.remove();
    repaint.disconnect();
    if (focused !== document.activeElement) focused?.focus({ preventScroll: true });
    window.dispatchEvent(new Event("ganmodel-whole"));
  }
  if (location.hash.startsWith("#play&")) document.documentElement.dataset.elsewhere = "";
}

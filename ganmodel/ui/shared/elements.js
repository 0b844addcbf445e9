// @ts-check
// Elements of the page: found by the names that templates give them, made, and moved among by keys.
import { worded } from "./words.js";

/** @typedef {import("./words.js").Words} Words */

const SVG = "http://www.w3.org/2000/svg";

/**
 * The element of a room, and what lies in it.
 * @typedef {ReturnType<typeof within>} Room
 */

/** @param {HTMLElement} element what Gradio gave a gr.HTML */
export function within(element) {
  return {
    element,
    /**
     * What a template marks with data-part.
     * @param {string} name
     * @returns {any} of whatever kind the template says
     */
    part: (name) => element.querySelector(`[data-part="${name}"]`),
    /**
     * The first match of a selector.
     * @param {string} selector
     * @returns {any}
     */
    one: (selector) => element.querySelector(selector),
    /**
     * All matches of a selector.
     * @param {string} selector
     * @returns {any[]}
     */
    all: (selector) => [...element.querySelectorAll(selector)],
    /** Whether the visitor can see this room, or could by scrolling. */
    isShown: () => element.offsetParent !== null,
  };
}

/**
 * A new element with properties, data and children. `data` and `aria` are objects of their own.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}, ...children) {
  const { data = {}, aria = {}, ...own } = properties;
  const made = Object.assign(document.createElement(tag), own);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  made.append(...children);
  return made;
}

/**
 * A button that does something.
 * @param {string | Node} content
 * @param {() => void} action
 * @param {Record<string, any>} [properties]
 */
export function press(content, action, properties = {}) {
  const made = make("button", { type: "button", ...properties }, content);
  made.addEventListener("click", action);
  return made;
}

/**
 * One of the page's icons; `shared/icons.html` draws them.
 * @param {string} name
 */
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("class", "gm-icon");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#gm-i-${name}`);
  drawn.append(use);
  return drawn;
}

/**
 * Replaces a button's icon and its label.
 * @param {HTMLElement} button
 * @param {string} name
 * @param {string} label
 */
export function relabel(button, name, label) {
  if (button.dataset.icon === name && button.textContent === label) return;
  button.dataset.icon = name;
  button.replaceChildren(icon(name), label);
}

/**
 * Sentences as the items of a list.
 * @param {HTMLElement} list
 * @param {Words[]} sentences
 */
export function showItems(list, sentences) {
  list.replaceChildren(...sentences.map((sentence) => make("li", {}, worded(sentence))));
}

/**
 * Sets a text where it differs, so that a screen reader is told of changes alone.
 * @param {HTMLElement} element
 * @param {Words} said
 */
export function setText(element, said) {
  const text = worded(said);
  if (element.textContent !== text) element.textContent = text;
}

/**
 * One stop for the tab key in a grid of buttons; the arrow keys move among them.
 * @param {HTMLElement} cells
 * @param {number} columns
 */
export function oneStop(cells, columns) {
  const all = /** @type {HTMLElement[]} */ ([...cells.children]);
  all.forEach((cell, index) => {
    cell.tabIndex = index ? -1 : 0;
  });
  cells.onkeydown = (event) => {
    const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    if (!steps[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    const next = all[here + steps[event.key]];
    if (!next) return;
    all[here].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
}

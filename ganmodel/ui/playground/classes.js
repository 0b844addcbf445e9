// @ts-check
// What a conditional generator is asked to draw: one class, or a blend of two.

import { make } from "../shared/elements.js";
import { words } from "../shared/words.js";

/**
 * @param {object} given
 * @param {import("../shared/elements.js").Room} given.room
 * @param {import("./state.js").PlaygroundState["values"]} given.values
 * @param {import("./picture.js").Picture} given.picture
 */
export function createClasses({ room, values, picture }) {
  const first = room.part("class");
  const other = room.part("other");
  const blend = room.part("blend");

  function show() {
    const classes = values.facts?.classes ?? [];
    const { place } = values;
    room.one("#play-class").hidden = room.part("grid-class-row").hidden = !classes.length;
    if (!classes.length) return;
    if (first.dataset.classes !== classes.join()) {
      first.dataset.classes = classes.join();
      first.replaceChildren(...classes.map(chipOf));
      const options = classes.map((name, index) => new Option(name, String(index)));
      other.replaceChildren(new Option(words("playground.blend-none"), ""), ...options);
    }
    for (const radio of first.querySelectorAll("input")) {
      radio.checked = Number(radio.value) === place.label;
    }
    other.value = place.other ?? "";
    room.part("blend-row").hidden = place.other === null;
    blend.value = place.blend;
    room.part("blend-shown").textContent = words("numbers.percent", { share: 100 * place.blend });
  }

  first.addEventListener("change", (/** @type {Event} */ { target }) => {
    values.place.label = Number(/** @type {HTMLInputElement} */ (target).value);
    picture.changed();
  });
  other.addEventListener("change", () => {
    const chosen = other.value === "" ? null : Number(other.value);
    Object.assign(values.place, { other: chosen, blend: chosen === null ? 0 : 0.5 });
    show();
    picture.changed();
  });
  blend.addEventListener("input", () => {
    values.place.blend = Number(blend.value);
    show();
    picture.changed();
  });

  return { show };
}

/**
 * @param {string} name
 * @param {number} index
 */
function chipOf(name, index) {
  return make(
    "label",
    {},
    make("input", { type: "radio", name: "play-class", value: index }),
    name,
  );
}

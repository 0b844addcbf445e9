// @ts-check
// A button over each picture of the grid, so that a sample can be chosen.

import { oneStop, press } from "../shared/elements.js";
import { words } from "../shared/words.js";

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {object} given
 * @param {() => import("./grid_layout.js").Arranged} given.places
 * @param {(index: number) => void} given.open
 */
export function createCells({ room, view }, { places, open }) {
  const cells = room.part("cells");
  let built = ""; // for which layout

  function show() {
    if (!view.layout) return;
    const { classes } = view.layout;
    const { columns, places: stand } = places();
    const named = Array.from({ length: classes }, (_, k) => view.about?.classes[k] ?? String(k));
    const wanted = [columns, stand.length, ...named].join();
    if (built === wanted) return;
    built = wanted;
    cells.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
    cells.style.gridAutoRows = "1fr";
    const made = stand.map((index) => {
      if (index === null) return press("", () => {}, { disabled: true, ariaHidden: "true" });
      const name = named[index % (classes || 1)];
      const id = name === undefined ? "train.sample" : "train.sample-of";
      const label = words(id, { index: index + 1, name });
      return press("", () => open(index), { aria: { label } });
    });
    cells.replaceChildren(...made);
    oneStop(cells, columns);
  }

  return { show };
}

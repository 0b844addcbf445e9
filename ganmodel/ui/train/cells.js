// @ts-check
// A button over each picture of the grid, so that a sample can be chosen.
import { words as allWords, fill } from "../shared/contract.js";
import { oneStop, press } from "../shared/elements.js";

const words = allWords.train;

/**
 * @param {Pick<import("./run_server.js").Base, "room" | "view">} base
 * @param {(index: number) => void} open
 */
export function createCells({ room, view }, open) {
  const cells = room.part("cells");
  let built = ""; // for which layout

  function show() {
    if (!view.layout) return;
    const { count, columns, classes } = view.layout;
    const named = Array.from({ length: classes }, (_, k) => view.about?.classes[k] ?? String(k));
    const wanted = [count, columns, ...named].join();
    if (built === wanted) return;
    built = wanted;
    cells.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
    const made = Array.from({ length: count }, (_, index) => {
      const name = named[index % columns];
      const sentence = name === undefined ? words.SAMPLE : words.SAMPLE_OF;
      const label = fill(sentence, { index: index + 1, name });
      return press("", () => open(index), { aria: { label } });
    });
    cells.replaceChildren(...made);
    oneStop(cells, columns);
  }

  return { show };
}

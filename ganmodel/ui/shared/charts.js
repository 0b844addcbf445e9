// @ts-check
// plotly.js on demand, and what all charts of the page have in common.
import { contract } from "./contract.js";

/** @type {Promise<any> | null} */
let loading = null;

/** plotly.js, loaded when the first chart is seen. */
export function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = contract.plotly;
    script.onload = () => resolve(Reflect.get(window, "Plotly"));
    script.onerror = () => {
      loading = null;
      reject(new Error("plotly.js did not load"));
    };
    document.head.append(script);
  });
  return loading;
}

/** What dragging does in a chart: with a mouse it zooms; a finger scrolls the page. */
export const drags = matchMedia("(pointer: coarse)").matches ? false : "zoom";

/**
 * A colour of the page's style, by its name there without "--gm-".
 * @param {Element} element
 */
export function coloursOf(element) {
  const style = getComputedStyle(element);
  return (/** @type {string} */ name) => style.getPropertyValue(`--gm-${name}`).trim();
}

/**
 * The layout that every chart begins with.
 * @param {HTMLElement} plot
 * @param {(name: string) => string} colour
 */
export function layoutOf(plot, colour) {
  const ink = colour("ink");
  const axis = {
    gridcolor: colour("line"),
    zerolinecolor: colour("line"),
    tickfont: { size: 14 },
  };
  return {
    axis,
    layout: {
      template: null,
      width: plot.clientWidth,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 14, color: ink },
      hovermode: "x unified",
      dragmode: drags,
      hoverlabel: { bgcolor: colour("panel") },
    },
  };
}

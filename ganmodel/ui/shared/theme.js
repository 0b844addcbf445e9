// @ts-check
// Light and dark: what this browser chose stays, unless an address asks for another; early.js begins
// with it.
import { emit } from "./signals.js";
import { browser } from "./storage.js";

export const isDark = () => document.body.classList.contains("dark");

export function toggleTheme() {
  const chosen = isDark() ? "light" : "dark";
  document.body.dataset.theme = chosen; // for early.js, until Gradio has come
  document.body.classList.toggle("dark", chosen === "dark");
  browser.set("theme", chosen);
  emit("theme");
}

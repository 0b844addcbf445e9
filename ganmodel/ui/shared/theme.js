// @ts-check
// Light and dark: what this browser chose stays, unless an address asks for another.
import { emit } from "./signals.js";
import { browser } from "./storage.js";

export const isDark = () => document.body.classList.contains("dark");

export function toggleTheme() {
  document.body.classList.toggle("dark");
  browser.set("theme", isDark() ? "dark" : "light");
  emit("theme");
}

export function applyTheme() {
  const chosen = browser.get("theme");
  const asked = new URLSearchParams(location.search).has("__theme");
  if (chosen && !asked) document.body.classList.toggle("dark", chosen === "dark");
}

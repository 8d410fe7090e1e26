// The button that changes the theme.

import { $ } from "./dom.js";
import { keep } from "./store.js";
import { words } from "./words.js";

const THEMES = { system: words("system"), light: words("light"), dark: words("dark") };

export function startTheme() {
  const root = document.documentElement;
  const showTheme = () => ($("theme").querySelector(".theme-word").textContent = THEMES[root.dataset.theme ?? "system"]);
  $("theme").addEventListener("click", () => {
    const all = Object.keys(THEMES);
    const next = all[(all.indexOf(root.dataset.theme ?? "system") + 1) % all.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    keep("local", "mangosaurus.theme", next === "system" ? null : next);
    showTheme();
  });
  showTheme();
}

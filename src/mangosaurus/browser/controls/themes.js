// The button that changes the theme.

import { $ } from "./dom.js";
import { keep } from "./store.js";
import { words } from "./words.js";

const THEMES = { system: words("system"), light: words("light"), dark: words("dark") };

export function startTheme() {
  const root = document.documentElement;
  const themeNow = () => (Object.hasOwn(THEMES, root.dataset.theme ?? "") ? root.dataset.theme : "system");
  const showTheme = () => ($("theme").querySelector(".theme-word").textContent = THEMES[themeNow()]);
  $("theme").addEventListener("click", () => {
    const all = Object.keys(THEMES);
    const next = all[(all.indexOf(themeNow()) + 1) % all.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    keep("local", "mangosaurus.theme", next === "system" ? null : next);
    showTheme();
  });
  showTheme();
}

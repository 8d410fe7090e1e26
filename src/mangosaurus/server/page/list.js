// A list of names with buttons to star, inspect and copy. The list is one tab stop; arrow keys move inside it.

import { copy, el, odds } from "./dom.js";

/**
 * Shows `names`, each {text, probability?}, in the list element `list`.
 * `starred(text)` says whether one is; `star(text)` changes it; `model` is the id for the link to the surprise view.
 */
export function showNames(list, names, { model, starred }) {
  list.replaceChildren(...names.map((name) => row(name, model, starred(name.text))));
  if (list.firstChild) list.querySelector("a").tabIndex = 0;
}

function row({ text, probability }, model, starred) {
  const look = `#surprise?${new URLSearchParams({ model, text })}`;
  const parts = [
    starButton(text, starred),
    el("a", { href: look, dir: "auto", tabIndex: -1, title: "Show its surprisal" }, text),
    el("button", { type: "button", className: "icon copy", tabIndex: -1, "aria-label": `Copy ${text}` }),
  ];
  if (probability !== undefined) parts.splice(2, 0, el("span", { className: "odds" }, odds(probability)));
  const item = el("li", {}, ...parts);
  item.dataset.text = text;
  return item;
}

function starButton(text, starred) {
  const properties = { "aria-pressed": String(starred), "aria-label": `Favourite ${text}` };
  return el("button", { type: "button", className: "icon star", tabIndex: -1, ...properties });
}

export function markStars(list, starred) {
  for (const item of list.children) {
    item.querySelector(".star").setAttribute("aria-pressed", String(starred(item.dataset.text)));
  }
}

/** Handles clicks and keys for every present and future item. */
export function tend(list, star) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { text } = button.closest("li").dataset;
    if (button.matches(".star")) star(text);
    else copy(text, button, text);
  });
  list.addEventListener("keydown", (event) => {
    const to = target(list, event);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
  list.addEventListener("focusin", (event) => {
    for (const other of list.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    event.target.tabIndex = 0;
  });
}

/** Where a key moves the focus: up and down to another name, left and right inside one. */
function target(list, { key, target: from }) {
  const item = from.closest("li");
  if (!item) return null;
  const parts = (of) => [...of.querySelectorAll("button, a")];
  const column = parts(item).indexOf(from);
  const at = { Home: list.firstChild, End: list.lastChild, ArrowUp: item.previousSibling, ArrowDown: item.nextSibling };
  if (key in at) return at[key] && parts(at[key])[column];
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  return step ? parts(item)[column + step] : null;
}

// A list of names with buttons to star, dislike, inspect and copy, which their titles name. The list is one tab stop; arrow keys move inside it.

import { copy, el } from "./dom.js";
import { words } from "./words.js";

const MARKS = { liked: ["star", "favourite-name"], disliked: ["no", "fewer-like-name"] };

/**
 * Shows `names`, each {text, beside?: string, title?: string}, in the list element `list`.
 * `marked(text)` is "liked", "disliked" or undefined; `look(text)` is the address where one looks at a name, if there is
 * one; `dislike` is whether names can be disliked.
 */
export function showNames(list, names, { look, marked, dislike = true }) {
  list.replaceChildren(...names.map((name) => row(name, look, dislike)));
  if (list.firstChild) (list.querySelector("a") ?? list.querySelector("button")).tabIndex = 0;
  showMarks(list, marked);
}

function row({ text, beside, title }, look, dislike) {
  const link = look && { href: look(text), tabIndex: -1, title: words("show-its-surprisal") };
  const name = el(look ? "a" : "span", { className: "name", dir: "auto", ...link }, text);
  const parts = [
    button("liked", text),
    name,
    ...(beside ? [el("span", { className: "odds", dir: "auto" }, beside)] : []),
    ...(dislike ? [button("disliked", text)] : []),
    el("button", { type: "button", className: "icon copy", tabIndex: -1, title: words("copy-name", { name: text }) }),
  ];
  const item = el("li", title ? { title } : {}, ...parts);
  item.dataset.text = text;
  return item;
}

function button(mark, text) {
  const [look, key] = MARKS[mark];
  const made = el("button", { type: "button", className: `icon ${look}`, tabIndex: -1, title: words(key, { name: text }) });
  made.dataset.mark = mark;
  return made;
}

export function showMarks(list, marked) {
  for (const button of list.querySelectorAll("[data-mark]")) {
    button.setAttribute("aria-pressed", String(marked(button.closest("li").dataset.text) === button.dataset.mark));
  }
}

/** Handles clicks and keys for every present and future item; `mark(text, as)` is called with "liked" or "disliked". */
export function tend(list, mark) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { text } = button.closest("li").dataset;
    if (button.dataset.mark) mark(text, button.dataset.mark);
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

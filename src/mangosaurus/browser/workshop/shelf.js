// The lists that this browser keeps, by their names: what was pasted, and how it is read. Their stars are in favourites.js.

import { forgetMarks, moveMarks } from "../controls/favourites.js";
import { keep, keys, move, read } from "../controls/store.js";

const SHELF = "mangosaurus.list.";
const LARGEST_KEPT = 1_000_000; // characters

/** The names of all lists, in the order of the alphabet. */
export function listsKept() {
  const names = keys("local").filter((key) => key.startsWith(SHELF)).map((key) => key.slice(SHELF.length));
  return names.sort((one, other) => one.localeCompare(other));
}

/** A list, {text, options}, or null where none has this name. */
export function listCalled(name) {
  let list = null;
  try {
    list = JSON.parse(read("local", SHELF + name));
  } catch {
    // Unreadable: no list.
  }
  return typeof list?.text === "string" ? { text: list.text, options: { ...list.options } } : null;
}

/** Keeps a list; false if the browser has no room for it, or lets no page keep anything. */
export function keepList(name, { text, options }) {
  return text.length <= LARGEST_KEPT && keep("local", SHELF + name, JSON.stringify({ text, options }));
}

/** Removes a list and its stars. */
export function forgetList(name) {
  keep("local", SHELF + name, null);
  forgetMarks(name);
}

/** A list, if it is kept, and its stars get another name; false if the browser has no room for that. */
export function renameList(from, to) {
  if (!move("local", SHELF + from, SHELF + to)) return false;
  if (moveMarks(from, to)) return true;
  move("local", SHELF + to, SHELF + from);
  return false;
}

/** Calls `then(name)` when another tab has changed or removed a list. */
export function hearOfLists(then) {
  addEventListener("storage", ({ key }) => key?.startsWith(SHELF) && then(key.slice(SHELF.length)));
}

/** `name`, or `name (2)` and so on where a list has it already. */
export function freeName(name) {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name} (${number})`;
    if (!listCalled(tried)) return tried;
  }
}

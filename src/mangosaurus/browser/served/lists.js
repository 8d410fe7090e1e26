// The lists of this browser: one automatic name for each, and the pasted one, which survives a reload.

import { named } from "./models.js";
import { keep, read } from "../controls/store.js";

const NAMES = "mangosaurus.lists"; // the prints of lists by their automatic names
const PASTED = "mangosaurus.pasted";
const MOST = 200; // names that are remembered, the latest
const LARGEST = 1_000_000; // characters of a pasted list that are remembered

/**
 * `name`, or `name (2)` and so on if it is already that of another list: stars and models are told apart by it. It is
 * remembered as that of the list with this content, if it is to be.
 */
export function ownName(name, content, remember = true) {
  const held = remembered();
  const print = printOf(content);
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name} (${number})`;
    if (held[tried] !== print && (tried in held || named(tried))) continue;
    if (!remember) return tried;
    delete held[tried]; // so that it is the latest
    held[tried] = print;
    keep("local", NAMES, JSON.stringify(Object.fromEntries(Object.entries(held).slice(-MOST))));
    return tried;
  }
}

function remembered() {
  try {
    return { ...JSON.parse(read("local", NAMES)) };
  } catch {
    return {};
  }
}

/** Two FNV-1a hashes, of 32 bits each: the page has no better ones where it is served over plain HTTP. */
function printOf(content) {
  let [one, other] = [0x811c9dc5, 0x9747b28c];
  for (let place = 0; place < content.length; place += 1) {
    const code = content.charCodeAt(place);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
  }
  return `${(one >>> 0).toString(16)}${(other >>> 0).toString(16)}`;
}

/** Remembers the pasted list in this tab; a very long one is not. */
export function keepPasted(text) {
  keep("session", PASTED, text && text.length <= LARGEST ? text : null);
}

export const pasted = () => read("session", PASTED) ?? "";

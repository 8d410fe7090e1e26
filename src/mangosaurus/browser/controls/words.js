// All words that users read, from words/LANGUAGE.json: the page has all these tables, and its HTML has English words.

import { wordsFor } from "./forms_of_words.js";

const tables = JSON.parse(document.getElementById("words").textContent);

/** The first language of the user's that there is a table of, or else English. */
export const language = navigator.languages.flatMap((tag) => [tag, tag.split("-")[0]]).find((tag) => tag in tables) ?? "en";

/**
 * The words of a key, with `places` in their {places}; numbers are written as the language writes them. Words that
 * depend on a number, the place `n`, have forms: {"one": "{n} name", "other": "{n} names"}.
 */
export function words(key, places = {}) {
  const text = wordsFor(tables, language, key, places.n);
  const written = (value) => (typeof value === "number" ? value.toLocaleString(language) : value);
  return text.replace(/\{(\w+)\}/g, (whole, place) => (place in places ? written(places[place]) : whole));
}

/** Puts the user's language in place of English in the HTML: in whole texts and attributes. */
function translate() {
  const translated = new Map();
  for (const [key, text] of Object.entries(tables.en)) {
    if (key in tables[language]) translated.set(text, tables[language][key]);
  }
  const inPlace = (text) => text.replace(text.trim(), () => translated.get(text.trim()) ?? text.trim());
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { currentNode: node } = walker;
    if (node.data.trim() && !node.parentElement.closest("script, style, textarea")) node.data = inPlace(node.data);
  }
  for (const attribute of ["placeholder", "aria-label", "title", "alt", "data-empty"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      element.setAttribute(attribute, inPlace(element.getAttribute(attribute)));
    }
  }
  document.documentElement.lang = language;
}

if (language !== "en") translate();

// Starred names, kept in this browser for each model.

import { $, announce, copy, fileName, plural, save } from "./dom.js";
import { markStars, showNames, tend } from "./list.js";
import { keep, read } from "./store.js";

let model = null;
let names = [];

const key = () => `mangosaurus.favourites.${model.id}`;
export const isFavourite = (text) => names.includes(text);

export function startFavourites() {
  tend($("favourites"), toggle);
  $("favourites-copy").addEventListener("click", (event) => copy(names.join("\n"), event.currentTarget, "Favourites"));
  $("favourites-save").addEventListener("click", () =>
    save(fileName(model.name, "-favourites.txt"), names.map((name) => `${name}\n`).join("")),
  );
  addEventListener("storage", () => model && open(model)); // another tab has changed them
}

export function open(of) {
  model = of;
  names = [];
  try {
    const kept = JSON.parse(read("local", key()));
    if (Array.isArray(kept)) names = kept.filter((name) => typeof name === "string");
  } catch {
    // Unreadable: no favourites.
  }
  show();
}

export function toggle(text) {
  if (!model) return;
  const had = isFavourite(text);
  const focused = document.activeElement?.closest("#favourites li");
  const place = focused ? [...$("favourites").children].indexOf(focused) : -1;
  names = had ? names.filter((name) => name !== text) : [...names, text];
  keep("local", key(), JSON.stringify(names));
  show();
  announce(had ? `${text} is no longer a favourite` : `${text} is a favourite`);
  if (place >= 0) keepFocus(place);
}

/** The focused name has gone: moves the focus to the next one. */
function keepFocus(place) {
  const rows = $("favourites").children;
  const next = rows[Math.min(place, rows.length - 1)];
  (next ? next.querySelector(".star") : $("favourites-title")).focus();
}

function show() {
  showNames($("favourites"), names.map((text) => ({ text })), { model: model.id, starred: isFavourite });
  $("favourites-title").textContent = names.length ? plural(names.length, "favourite") : "Favourites";
  $("favourites-actions").hidden = names.length === 0;
  $("favourites-empty").hidden = names.length > 0;
  markStars($("results"), isFavourite);
}

// Names that one likes (stars) or dislikes, kept in this browser for each list, by the list's name.

import { $, announce, copy, el, fileName, keepPlace, linesOf, save } from "./dom.js";
import { showNames, tend } from "./list.js";
import { keep, keys, move, read } from "./store.js";
import { words } from "./words.js";

const STARS = "mangosaurus.favourites.";

let own = null; // the name of the chosen model's list
let look = null; // the address where a name, of that list or another, is looked at
let dislike = true; // whether names can be disliked
let of = null; // the name of the list whose favourites are shown
let changed = () => {};

const panel = () => $("favourites").closest(".panel");

/** `then` is called when marks have changed. */
export function startFavourites(then) {
  changed = then;
  for (const id of ["favourites", "disliked"]) tend($(id), (text, as) => markIn(of, text, as));
  $("favourites-of").addEventListener("change", () => showFavourites($("favourites-of").value));
  $("favourites-copy").addEventListener("click", (event) => copy(marks(of).liked.join("\n"), event.currentTarget, words("favourites")));
  $("favourites-save").addEventListener("click", () => save(fileName(of, "-favourites.txt"), linesOf(marks(of).liked)));
  addEventListener("storage", () => of && showFavourites(of)); // another tab has changed them
}

/** Shows the favourites of a model's list; `lookAt(name, isOfIt)` is the address where a name is looked at. */
export function openFavourites(list, lookAt, canDislike = true) {
  [own, look, dislike] = [list, lookAt, canDislike];
  panel().style.minHeight = "";
  showFavourites(list);
}

/** The marks of the chosen model's list. */
export const ownMarks = () => (own === null ? { liked: [], disliked: [] } : marks(own));

/** The names of a list that are {liked, disliked}. */
export function marks(list) {
  let kept = null;
  try {
    kept = JSON.parse(read("local", STARS + list));
  } catch {
    // Unreadable: no marks.
  }
  const names = (given) => (Array.isArray(given) ? given.filter((name) => typeof name === "string") : []);
  return { liked: names(Array.isArray(kept) ? kept : kept?.liked), disliked: names(kept?.disliked) };
}

/** The marks of a list become those of another; false, and they stay, if the browser has no room for that. */
export const moveMarks = (from, to) => move("local", STARS + from, STARS + to);

export const forgetMarks = (list) => keep("local", STARS + list, null);

/** How the names of a list are marked, as a function of a name. */
export function markedIn(list) {
  const { liked, disliked } = marks(list);
  return (text) => (liked.includes(text) ? "liked" : disliked.includes(text) ? "disliked" : undefined);
}

/** Marks a name of a list, or takes the mark back if it has it. */
export function markIn(list, text, as) {
  const had = markedIn(list)(text) === as;
  const held = marks(list);
  for (const each of Object.keys(held)) held[each] = held[each].filter((name) => name !== text);
  if (!had) held[as].push(text);
  keep("local", STARS + list, held.liked.length + held.disliked.length ? JSON.stringify(held) : null);
  const focused = document.activeElement?.closest(".favourites li");
  const place = focused ? [...focused.parentElement.children].indexOf(focused) : -1;
  // Names do not move under the pointer: on the page's foot this panel grows upwards, so the page scrolls, and it never shrinks.
  panel().style.minHeight = `${panel().getBoundingClientRect().height}px`;
  keepPlace($("results"), () => showFavourites(of));
  announce(words(`is-${had ? "not-" : ""}${as}`, { name: text }));
  if (focused) keepFocus(place, as);
}

/** The focused name has gone: moves the focus to the next one. */
function keepFocus(place, as) {
  const rows = $(as === "liked" ? "favourites" : "disliked").children;
  const next = rows[Math.min(place, rows.length - 1)];
  (next ? next.querySelector(`[data-mark=${as}]`) : $("favourites-title")).focus();
}

function showFavourites(list) {
  of = list;
  const { liked, disliked } = marks(of);
  const known = { look: look && ((text) => look(text, of === own)), marked: markedIn(of), dislike };
  showNames($("favourites"), liked.map((text) => ({ text })), known);
  showNames($("disliked"), disliked.map((text) => ({ text })), known);
  const title = liked.length ? words("n-favourites", { n: liked.length }) : words("favourites");
  $("favourites-title").textContent = title;
  $("favourites-empty").textContent = words("no-favourites", { list: of });
  $("favourites-empty").hidden = liked.length > 0;
  $("favourites-actions").hidden = liked.length === 0;
  $("disliked-title").hidden = disliked.length === 0;
  const others = keys("local").filter((key) => key.startsWith(STARS)).map((key) => key.slice(STARS.length));
  const lists = [...new Set([own ?? of, of, ...others])];
  $("favourites-field").hidden = lists.length === 1;
  $("favourites-of").replaceChildren(...lists.map((name) => el("option", { value: name }, name)));
  $("favourites-of").value = of;
  changed();
}

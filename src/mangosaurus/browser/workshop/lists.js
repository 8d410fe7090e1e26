// The list that is open: one of this browser's own, or an example; pasted, typed, dropped, from a file or by a link.

import { $, announce, copy, csvOf, el, startDropping } from "../controls/dom.js";
import { openFavourites } from "../controls/favourites.js";
import { forgetRules } from "../controls/names.js";
import { forgetColumns, listChanged, readingOptions } from "../controls/preview.js";
import { keep, keepsAnything, read } from "../controls/store.js";
import { words } from "../controls/words.js";
import { forgetList, freeName, hearOfLists, keepList, listCalled, listsKept, renameList } from "./shelf.js";
import { linkIn, linkTo, listOf } from "./share.js";

const OPEN = "mangosaurus.open";
const LONG_LIST = 50_000; // characters; a field of many thousand lines makes browsers stand still
const EXAMPLE = "example-"; // before an example's key in the table of words
const OF_EXAMPLE = ` ${EXAMPLE}`; // and in the select: no list's name begins with a space

const examples = JSON.parse($("examples").textContent);
let opened = { name: "", example: null };
let held = null; // a file, or what was pasted and is too long for the field
let nameChanged = () => {};

/** Opens the list of the address's link, or the last one, or the first example; `then(name, before)` is called when it is renamed. */
export async function startLists(then) {
  nameChanged = then;
  $("shelf").addEventListener("change", () => openValue($("shelf").value));
  $("shelf-new").addEventListener("click", newList);
  $("shelf-remove").addEventListener("click", removeList);
  $("called").addEventListener("change", rename);
  $("share").addEventListener("click", share);
  $("file").addEventListener("change", () => openFile($("file").files[0]));
  $("unchoose").addEventListener("click", newList);
  $("list").addEventListener("focus", () => opened.example && $("list").select()); // so that what is pasted replaces it
  $("list").addEventListener("input", ({ inputType }) => typed(inputType === "insertFromPaste"));
  $("list").addEventListener("paste", (event) => {
    if (pasted(event.clipboardData.getData("text"))) event.preventDefault();
  });
  $("teach").addEventListener("submit", (event) => event.preventDefault());
  startDropping($("teach"), (file, text) => {
    if (file) openFile(file);
    else if (text && !pasted(text)) openList({ name: freeName(words("workshop-mine")), text });
  });
  hearOfLists(changedElsewhere);
  addEventListener("hashchange", () => linkIn(location.hash) && openLink(location.hash));
  $("teach").addEventListener("change", ({ target }) => target.dataset.option && !opened.example && !held && keepText($("list").value));
  if (!linkIn(location.hash)) openLast();
  else if (!(await openLink(location.hash))) {
    openLast();
    $("list-told").textContent = words("workshop-link-broken");
  }
}

/** The open list: a string, or a file. */
export const listNow = () => held ?? $("list").value;

export const nameNow = () => opened.name;

/** Names like those of the open list that were made before, {samples, seed}: of the first example there are some. */
export function readyNow() {
  const { ready } = examples.find(({ key }) => key === opened.example) ?? {};
  if (!ready || Object.keys(readingOptions()).length) return null;
  return { samples: ready.names.map((text) => ({ text })), seed: ready.seed };
}

/** True if what was pasted is not for the field: it is a link to a list, or very long. */
function pasted(text) {
  if (linkIn(text)) {
    openLink(linkIn(text));
    return true;
  }
  if (text.length < LONG_LIST) return false;
  const before = opened.example || held ? "" : $("list").value.trimEnd();
  openList({ name: ownName(text), text: before ? `${before}\n${text}` : text });
  return true;
}

function typed(atOnce) {
  const name = ownName($("list").value);
  const another = name !== opened.name || opened.example;
  opened = { name, example: null };
  keepText($("list").value);
  keep("local", OPEN, name);
  if (another) showShelf();
  listChanged(atOnce ? 0 : undefined);
}

/** The name under which the open list, now `text`, is kept: an example that is changed becomes a list of one's own. */
function ownName(text) {
  if (!opened.example) return opened.name;
  const { names } = examples.find(({ key }) => key === opened.example);
  return freeName(names.some((name) => text.includes(name)) ? titleOf(opened.example) : words("workshop-mine"));
}

const titleOf = (key) => words(EXAMPLE + key);

// Opening a list

function openLast() {
  const last = read("local", OPEN) ?? "";
  openValue(listCalled(last) || last.startsWith(OF_EXAMPLE) ? last : OF_EXAMPLE + examples[0].key);
}

/** Opens the list that a value of the select means: that of an example, or the name of one's own. */
function openValue(value) {
  forgetRules();
  const own = listCalled(value);
  if (own) return openList({ name: value, ...own });
  const { key, names } = examples.find((example) => value === OF_EXAMPLE + example.key) ?? examples[0];
  opened = { name: titleOf(key), example: key };
  restoreOptions({});
  return showList(names.join("\n"));
}

function openList({ name, text, options = {} }) {
  opened = { name, example: null };
  restoreOptions(options);
  showList(text);
  keepText(text);
}

/** Another tab has changed a list, or removed it: every tab shows what is kept, so that none writes over another. */
function changedElsewhere(name) {
  const list = listCalled(name);
  if (opened.example || name !== opened.name) return showShelf();
  if (!list) {
    showShelf();
    $("list-told").textContent = words("workshop-gone", { name });
    return;
  }
  restoreOptions(list.options);
  showList(list.text);
  $("list-told").textContent = words("workshop-changed", { name });
}

function newList() {
  forgetRules();
  openList({ name: freeName(words("workshop-mine")), text: "" });
  $("list").focus();
}

function openFile(file) {
  $("file").value = "";
  if (!file) return;
  forgetRules();
  opened = { name: freeName(Array.from(file.name.replace(/\.[^.]*$/, "")).slice(0, 60).join("").trim() || words("workshop-mine")), example: null };
  restoreOptions({});
  showList("", file);
  tellKept("");
  announce(file.name);
}

/** Opens the list of a link; false if there is none in it. */
async function openLink(link) {
  // So that a reload opens the list as it was changed since.
  if (location.hash) history.replaceState(null, "", location.href.replace(/#.*/s, ""));
  let list = null;
  try {
    list = await listOf(link);
  } catch {
    $("list-told").textContent = words("workshop-link-broken");
    return false;
  }
  const name = list.name.trim() || words("workshop-mine");
  const mine = listCalled(name);
  const another = mine && mine.text !== list.text;
  forgetRules();
  openList({ ...list, name: another && !confirm(words("workshop-replace-ask", { name })) ? freeName(name) : name });
  $("list-told").textContent = words("workshop-linked", { name: opened.name });
  return true;
}

function showList(text, file = null) {
  held = file ?? (text.length < LONG_LIST ? null : new File([text], "")); // a list that is named as a table is none
  $("list").value = held ? "" : text;
  $("list").hidden = Boolean(held);
  $("chosen").hidden = !held;
  $("list-told").textContent = $("share-told").textContent = "";
  $("file-encoding").disabled = $("encoding-field").hidden = file === null;
  if (held) {
    $("chosen-name").textContent = held.name || opened.name;
    $("chosen-size").textContent = held.size < 1e5 ? `${(held.size / 1e3).toFixed(1)} KB` : `${(held.size / 1e6).toFixed(1)} MB`;
  }
  keep("local", OPEN, opened.example ? OF_EXAMPLE + opened.example : opened.name);
  showShelf();
  listChanged(0);
}

/** Sets the fields that say how a list is read. Columns are offered again when it has been read. */
function restoreOptions(options) {
  forgetColumns();
  for (const field of $("teach").querySelectorAll("[data-option]")) {
    const value = options[field.dataset.option];
    if (field.type === "checkbox") {
      field.checked = value === true;
      continue;
    }
    if (field.options && value && ![...field.options].some((option) => option.value === value)) field.append(new Option(value, value));
    field.value = typeof value === "string" ? value : "";
  }
  for (const value of [options.label_column ?? []].flat()) {
    const box = el("input", { type: "checkbox", checked: true, value });
    Object.assign(box.dataset, { option: "label_column", many: "yes" });
    $("label-columns").append(box);
  }
}

// Keeping it

/** Keeps what was read of a file, as the reader answers: the browser would not open the file again. */
export function keepNames({ names, labels, weights, lowercased }) {
  if (!held || opened.example) return;
  const lowercase = lowercased && { lowercase: true };
  if (!labels && !weights) return keepText(names.map((name) => `${name}\n`).join(""), { format: "names", ...lowercase });
  const rows = names.map((name, place) => ({
    name, ...(labels && { label: labels[place] }), ...(weights && { count: weights[place] }),
  }));
  const columns = { column: "name", ...(labels && { label_column: ["label"] }), ...(weights && { weight_column: "count" }), ...lowercase };
  keepText(csvOf(rows), columns);
}

function keepText(text, options = readingOptions()) {
  const empty = !text.trim();
  if (empty && listCalled(opened.name) === null) return tellKept(held ? "" : words("workshop-kept-none"));
  const kept = keepList(opened.name, { text, options });
  tellKept(kept ? words("workshop-kept") : "", kept ? "" : words(`workshop-kept-${whyNot(text)}`));
}

function whyNot(text) {
  if (!keepsAnything("local")) return "blocked";
  return text.length > 1_000_000 ? "large" : "full";
}

/** Says where the list is kept, or at the list itself, why it is `lost` when the page is closed. */
function tellKept(told, lost = "") {
  for (const [id, text] of [["kept-told", told], ["kept-problem", lost]]) {
    if ($(id).textContent !== text) $(id).textContent = text;
  }
}

/** Shows which lists there are, which is open, and its stars. */
function showShelf() {
  const mine = listsKept();
  if (!opened.example && !mine.includes(opened.name)) mine.push(opened.name);
  const options = (values) => values.map(([value, text]) => el("option", { value }, text));
  const own = el("optgroup", { label: words("workshop-own") }, ...options(mine.map((name) => [name, name])));
  const given = examples.map(({ key }) => [OF_EXAMPLE + key, titleOf(key)]);
  $("shelf").replaceChildren(...(mine.length ? [own] : []), el("optgroup", { label: words("workshop-examples") }, ...options(given)));
  $("shelf").value = opened.example ? OF_EXAMPLE + opened.example : opened.name;
  if (document.activeElement !== $("called")) $("called").value = opened.name;
  $("called").disabled = $("shelf-remove").disabled = Boolean(opened.example);
  if (opened.example) tellKept(words("workshop-kept-example"));
  openFavourites(opened.name, null);
}

function rename() {
  const name = $("called").value.trim();
  if (!name || name === opened.name) {
    $("called").value = opened.name;
    return;
  }
  if (listCalled(name)) {
    $("called").value = opened.name;
    tellKept(words("workshop-taken", { name }));
    return;
  }
  const before = opened.name;
  if (!renameList(before, name)) {
    $("called").value = before;
    tellKept(words("workshop-no-room"));
    return;
  }
  opened.name = name;
  keep("local", OPEN, name);
  showShelf();
  nameChanged(name, before);
}

function removeList() {
  const { name } = opened;
  if (!confirm(words("workshop-remove-ask", { name }))) return;
  forgetList(name);
  const [next = OF_EXAMPLE + examples[0].key] = listsKept();
  openValue(next);
  $("shelf").focus();
  $("list-told").textContent = words("is-removed", { name });
}

async function share(event) {
  const button = event.currentTarget;
  const list = held ? listCalled(opened.name) : { text: $("list").value, options: readingOptions() };
  if (!list?.text.trim()) {
    $("share-told").textContent = words("workshop-link-empty");
    return;
  }
  const link = await linkTo({ name: opened.name, ...list });
  if (!link) {
    $("share-told").textContent = words("workshop-link-long");
    return;
  }
  const here = location.protocol === "file:"; // nobody else has this address
  await copy((here ? "" : location.href.replace(/#.*/s, "")) + link, button);
  $("share-told").textContent = words(here ? "workshop-link-copied-file" : "workshop-link-copied");
}

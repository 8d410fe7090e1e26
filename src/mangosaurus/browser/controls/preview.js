// What will be learnt: a reader looks at the list, and the page shows what it is, its columns, and what is wrong with it.

import { $, complain, count, el, sentence } from "./dom.js";
import { clear, foldAgain, named, optionsOf, tell } from "./forms.js";
import { words } from "./words.js";

const PAUSE = 350; // milliseconds without a key before the list is read
const SETTINGS = ["budget", "separator"]; // options of the training, and not of reading
const WIDEST = 200; // characters of a column's name that are taken
const SHORT = 24; // characters of an example of a column
const LABELS = 4; // labels that the summary names

let list = () => "";
let reader = async () => null;
let found = () => {};
let most = Infinity; // bytes of a list that are taken
let latest = null;
let timer = 0;
let known = "[]";

/**
 * `now` returns the list as it is: a string or a file. `read(list, options, {signal})` reads it and answers what HTTP's
 * /api/preview does. `then` gets the corpus that is found, the whole answer, and its problem in words.
 */
export function startPreview(now, read, then) {
  [list, reader, found] = [now, read, then];
  $("teach").addEventListener("input", ({ target }) => {
    const { option } = target.dataset;
    if (option && !SETTINGS.includes(option)) listChanged(target.type === "text" ? PAUSE : 0);
  });
}

export function limitList(bytes) {
  most = bytes;
}

/** The list is another, or is read in another way: what was known of it is stale. */
export function listChanged(pause = PAUSE) {
  latest?.abort();
  latest = null;
  clearTimeout(timer);
  timer = setTimeout(looked, pause);
}

/** The columns that were chosen are those of another list. */
export function forgetColumns() {
  offerColumns([]);
}

/** The options of reading, by HTTP's names. */
export function readingOptions() {
  return Object.fromEntries(Object.entries(optionsOf($("teach"))).filter(([option]) => !SETTINGS.includes(option)));
}

/** What the reader says of the list as it is; null if it cannot say. */
export function looked() {
  if (!latest) {
    clearTimeout(timer);
    const mine = new AbortController();
    latest = mine;
    mine.answer = readNow(mine);
  }
  return latest.answer;
}

async function readNow(mine) {
  const body = list();
  if (typeof body === "string" && !body.trim()) {
    offerColumns([]);
    return showPreview({ corpus: null, problem: null });
  }
  const size = body.size ?? new Blob([body]).size;
  if (size > most) return showPreview({ corpus: null, problem: tooLarge(size) });
  $("preview").setAttribute("aria-busy", "true");
  try {
    const answer = await reader(body, readingOptions(), { signal: mine.signal });
    if (latest !== mine) return null; // the list has changed since
    if (offerColumns(answer.columns)) return showPreview(answer);
    latest = null; // a column that was chosen is not there any more
    return looked();
  } catch (error) {
    if (latest === mine) {
      showPreview({ corpus: null, problem: null });
      $("preview").hidden = false;
      write("preview-summary", words("no-preview", { why: error.message }));
    }
    return null;
  }
}

function tooLarge(size) {
  return { parts: [{ text: words("too-many-bytes", { n: size, most }) }] };
}

function showPreview(answer) {
  const { corpus, problem } = answer;
  $("preview").removeAttribute("aria-busy");
  clear($("teach"));
  complain($("list-problem"));
  $("preview").hidden = !corpus || Boolean(problem);
  if (!problem) foldAgain($("teach"));
  const told = problem ? tell($("teach"), quoted(problem, list().name), $("list-problem")) : "";
  write("preview-summary", corpus ? summary(corpus) : "");
  const notes = (corpus?.notes ?? []).map(inWords);
  const lines = notes.length > 2 ? [notes[0], notes.slice(1).join(" ")] : notes;
  $("preview-notes").replaceChildren(...lines.map((line) => el("li", {}, line)));
  $("preview-first").replaceChildren(...(corpus?.first ?? []).map(previewItem));
  $("preview-first").classList.toggle("text", corpus?.kind === "text");
  found(corpus, answer, told);
  return answer;
}

/** A problem that begins with a file's name has it in quotes: a sentence begins with a capital, and names of files do not. */
function quoted(problem, name) {
  const [first, ...more] = problem.parts ?? [{ text: problem.detail }];
  return name && first.text?.startsWith(`${name} `) ? { parts: [{ text: `“${name}”${first.text.slice(name.length)}` }, ...more] } : problem;
}

/** Only what changes is announced. */
function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function summary({ kind, documents, characters, labels, weight }) {
  if (kind === "text" && documents === 1) {
    return words("read-as-text", { n: characters });
  }
  const parts = [words(kind === "text" ? "n-texts" : "n-names", { n: documents })];
  if (weight !== null) parts.push(words("counted-n", { n: weight }));
  if (labels) {
    const some = Object.entries(labels).slice(0, LABELS).map(([label, times]) => `${label} ${count(times)}`);
    const more = Object.keys(labels).length > LABELS ? ", …" : "";
    parts.push(words("with-n-labels", { n: Object.keys(labels).length, labels: `${some.join(", ")}${more}` }));
  }
  return `${parts.join(", ")}.`;
}

function previewItem({ text, label, weight }) {
  const beside = [label, weight !== null && weight !== 1 ? `× ${count(weight)}` : null].filter(Boolean);
  return el("li", {}, el("bdi", {}, text), ...(beside.length ? [el("span", { className: "faint" }, ` ${beside.join(" ")}`)] : []));
}

/** Shows the columns of a table to choose from. False if one was chosen that is not among them. */
function offerColumns(columns) {
  const before = readingOptions();
  const held = JSON.stringify(columns.map(({ name, examples }) => [name, examples]));
  if (held !== known) {
    known = held;
    const choices = columns.map((column, place) => ({ value: columnValue(columns, place), label: columnWords(column, place) }));
    for (const select of [$("column"), $("weight-column")]) {
      select.replaceChildren(new Option("", ""), ...choices.map(({ value, label }) => new Option(label, value)));
      select.value = before[select.dataset.option] ?? "";
      if (select.selectedIndex < 0) select.value = "";
    }
    const chosen = before.label_column ?? [];
    $("label-columns").replaceChildren(
      ...choices.map(({ value, label }) => {
        const box = el("input", { type: "checkbox", value, checked: chosen.includes(value) });
        Object.assign(box.dataset, { option: "label_column", many: "yes" });
        return el("label", { className: "check" }, box, el("span", {}, label));
      }),
    );
  }
  $("columns").hidden = !columns.length;
  const read = (use) => columns.findIndex(({ learnt }) => learnt === use);
  const detected = (use, none) => (read(use) < 0 ? none : words("detected", { column: columnWords(columns[read(use)], read(use)) }));
  for (const [select, use, none] of [[$("column"), "name", words("choose")], [$("weight-column"), "weight", words("none")]]) {
    if (columns.length && !select.value) select.options[0].textContent = detected(use, none);
  }
  return JSON.stringify(readingOptions()) === JSON.stringify(before);
}

/** How one asks for a column: by its name, or by its number where that says more. */
function columnValue(columns, place) {
  const { name } = columns[place];
  const single = columns.filter((column) => column.name === name).length === 1;
  return single && name.length < WIDEST ? name : String(place + 1);
}

function columnWords({ name, examples }, place) {
  const [example = ""] = examples;
  const short = example.length > SHORT ? `${example.slice(0, SHORT)}…` : example;
  const called = name === String(place + 1) ? words("column-number", { name }) : name;
  return short ? `${called} (${short})` : called;
}

/** A note without options that the page shows anyway. */
function inWords(note) {
  const told = note.replace(/ \([^()]*`[a-z_]+`[^()]*\)/g, "").replace(/`([a-z_]+)`/g, (_, option) => named($("teach"), option));
  return sentence(told);
}

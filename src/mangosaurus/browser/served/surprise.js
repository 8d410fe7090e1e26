// The surprise view: characters shaded by their surprisal, and what the model expected at the chosen one.

import { call } from "./api.js";
import { $, announce, complain, el, odds } from "../controls/dom.js";
import { choose, offer, selected } from "./models.js";
import { words } from "../controls/words.js";

const FULL = 10; // nats at which a bar of the table is full
const MOST = 9; // characters expected at a place that are shown

let steps = []; // nats at which the shade gets one step darker; the server sends them
let limit = 200;
let shown = null; // {model, symbols, read: symbols that the model knows, positions: what it expected, or null}
let at = 0;
let turn = 0;

export function startSurprise() {
  offer($("surprise-model"), null, () => {});
  $("look").addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  $("looked").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    look();
  });
  $("shaded").addEventListener("click", (event) => {
    const symbol = event.target.closest("[role=option]");
    if (symbol) select([...options()].indexOf(symbol));
  });
  $("shaded").addEventListener("keydown", walk);
}

/** Takes the server's limits and shades, before anything is shown. */
export function prepareSurprise({ limits, shades }) {
  limit = limits.predicted_length;
  steps = shades;
  const ends = ["0", ...steps];
  $("legend").replaceChildren(
    ...ends.map((low, i) => el("span", { className: `s${i}` }, i < steps.length ? `${low}–${ends[i + 1]}` : words("over", { low }))),
    ` ${words("nats")}`,
  );
}

/** Opened by a link from a list of names. */
export function lookAt({ model, text }) {
  if (model) choose($("surprise-model"), model);
  if (text === null) return;
  $("looked").value = text;
  look();
}

export const hasLooked = () => shown !== null;

export async function look({ quietly = false } = {}) {
  const model = selected($("surprise-model"));
  const text = $("looked").value;
  const mine = (turn += 1);
  complain($("look-problem"));
  if (!model || !text) return;
  if (model.kind === "names" && text.trim().includes("\n")) {
    complain($("look-problem"), { message: words("one-line") });
    return;
  }
  const path = `api/models/${encodeURIComponent(model.id)}`;
  try {
    const [score] = (await call("POST", `${path}/score`, { texts: [text] })).scores;
    const known = new Set(model.symbols ?? model.characters);
    const read = score.symbols.map(({ character }) => character).filter((character) => known.has(character));
    const positions =
      read.length <= limit ? (await call("POST", `${path}/predict`, { text: read.join(model.separator), most: MOST })).positions : null;
    if (mine !== turn) return;
    shown = { path, kind: model.kind, score, symbols: score.symbols, known, read, positions, between: model.separator };
    show(quietly);
  } catch (error) {
    if (mine === turn) complain($("look-problem"), error);
  }
}

const options = () => $("shaded").querySelectorAll("[role=option]");

function show(quietly) {
  const { score, symbols } = shown;
  $("finding").hidden = false;
  $("shaded").classList.toggle("long", symbols.length > 60);
  $("shaded").replaceChildren(...symbols.flatMap(shade));
  const mean = score.nats_per_symbol;
  const told = mean === null ? "" : `${words(score.known ? "mean-of-known" : "mean", { nats: mean.toFixed(2) })} `;
  // A model of texts has hardly ever seen an end, so an end always surprises it.
  const judged = shown.kind === "text" && symbols.length > 1 ? symbols.slice(0, -1) : symbols;
  const surprises = judged.map(({ nats }) => nats ?? Infinity); // null: a character that the model does not know
  const oddest = surprises.indexOf(Math.max(...surprises));
  const summed = `${told}${words("most-surprising", { symbol: called(symbols[oddest]), nats: nats(symbols[oddest]) })}`;
  $("shaded-summary").textContent = summed;
  $("values").replaceChildren(...symbols.map(row));
  select(oddest);
  if (!quietly) announce(summed);
}

function shade(symbol, place) {
  const label = words("symbol-at", { symbol: called(symbol), place: place + 1, nats: nats(symbol) });
  const ended = symbol.character === "";
  const line = symbol.character === "\n";
  const properties = { id: `symbol-${place}`, role: "option", "aria-selected": "false", "aria-label": label, title: label };
  const className = `${shadeOf(symbol)}${ended ? " end" : ""}${line ? " break" : ""}`;
  const made = el("span", { className, ...properties }, ended ? words("end") : line ? "↵" : symbol.character);
  return line ? [made, "\n"] : place && !ended && shown.between ? [shown.between, made] : [made];
}

function row(symbol, place) {
  const probability = symbol.nats === null ? 0 : Math.exp(-symbol.nats);
  const bar = el("span", { className: `bar ${shadeOf(symbol)}` });
  bar.style.setProperty("--share", Math.min(1, (symbol.nats ?? FULL) / FULL));
  const number = el("span", { className: "number" }, symbol.nats === null ? "∞" : symbol.nats.toFixed(2));
  const cells = [String(place + 1), el("bdi", {}, called(symbol)), odds(probability)];
  return el("tr", {}, ...cells.map((cell) => el("td", {}, cell)), el("td", {}, number, bar));
}

function shadeOf(symbol) {
  return symbol.nats === null ? "none" : `s${steps.filter((step) => symbol.nats >= step).length}`;
}

/** A symbol in words: invisible ones have names. */
function called({ character }) {
  return { "": words("the-end"), " ": words("a-space"), "\n": words("a-line-break"), "\t": words("a-tab") }[character] ?? character;
}

function nats(symbol) {
  return symbol.nats === null ? words("impossible") : words("n-nats", { n: symbol.nats.toFixed(2) });
}

function walk(event) {
  const forward = getComputedStyle($("shaded")).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const last = options().length - 1;
  const moves = { ArrowLeft: -1, ArrowRight: -1, ArrowUp: -1, ArrowDown: 1, [forward]: 1 };
  const to = { Home: 0, End: last }[event.key] ?? (event.key in moves ? at + moves[event.key] : null);
  if (to === null || to < 0 || to > last) return;
  event.preventDefault();
  select(to);
}

async function select(place) {
  options()[at]?.setAttribute("aria-selected", "false");
  at = place;
  const option = options()[at];
  option.setAttribute("aria-selected", "true");
  $("shaded").setAttribute("aria-activedescendant", option.id);
  const position = await expected(place).catch((error) => complain($("look-problem"), error));
  if (place === at && position) showBars(position);
}

/** What the model expected there. In a long text each place is a request, with as many characters before it as allowed. */
async function expected(place) {
  const { path, symbols, known, read, positions } = shown;
  const before = symbols.slice(0, place).filter(({ character }) => known.has(character)).length;
  if (positions) return positions[before];
  const text = read.slice(Math.max(0, before - limit), before).join(shown.between);
  return (await call("POST", `${path}/predict`, { text, most: MOST })).positions.at(-1);
}

function showBars(position) {
  const actual = shown.symbols[at];
  const before = shown.symbols.slice(Math.max(0, at - 24), at).map(({ character }) => character).join(shown.between);
  const context = at > 24 ? `…${before}` : before;
  $("expected-after").replaceChildren(
    ...(at ? [`${words("after")} `, el("bdi", {}, `“${context}”`), ":"] : [words("at-the-beginning")]),
  );
  const bars = position.next.map(({ character, probability }) => ({ character, probability }));
  const others = { others: true, probability: position.rest };
  if (!bars.some(({ character }) => character === actual.character)) {
    const probability = actual.nats === null ? 0 : Math.exp(-actual.nats);
    bars.push({ character: actual.character, probability });
    others.probability = Math.max(0, others.probability - probability);
  }
  const most = Math.max(...bars.map(({ probability }) => probability), others.probability, 1e-9);
  $("bars").replaceChildren(...[...bars, others].map((each) => bar(each, most, actual)));
}

function bar({ character, probability, others }, most, actual) {
  const names = { "": words("end"), " ": words("space"), "\n": words("line-break"), "\t": words("tab") };
  const word = others ? words("others") : names[character];
  const isActual = !others && character === actual.character;
  const drawn = el("span", { className: "bar", "aria-hidden": "true" });
  drawn.style.setProperty("--share", `${(100 * probability) / most}%`);
  const item = el(
    "li",
    { className: `${others ? "others" : ""}${isActual ? "actual" : ""}` },
    el("span", { className: word ? "letter word" : "letter" }, word ?? character),
    drawn,
    el("span", { className: "share" }, odds(probability)),
  );
  if (isActual) item.append(el("span", { className: "unseen" }, words("the-actual-character")));
  return item;
}

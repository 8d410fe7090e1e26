// The names view: the rules, the names that satisfy them, and more like those that are liked.
//
// A source answers: it has `can`, what it can do, such as {best, top, steer, clean, look}, and
// `sample(model, asked, {signal, hear})`, which takes and answers what HTTP's /sample does. `hear` may get some names,
// {text} each, as they are found. An error has a `message`; `parts`, of text and options, if it is about options.
// What a source cannot do is hidden: see `data-can` in names.html.

import { $, announce, bringIntoSight, busy, complain, copy, count, csvOf, el, fileName } from "./dom.js";
import { linesOf, odds, save, sentence } from "./dom.js";
import { markIn, markedIn, marks, openFavourites, ownMarks, startFavourites } from "./favourites.js";
import { UNKNOWN, clear, foldAgain, named, optionsOf, tell, withoutOptions, wordsIn } from "./forms.js";
import { showMarks, showNames, tend } from "./list.js";
import { words } from "./words.js";

const SHARE = /(unconstrained samples|samples that begin so) satisf/;
const BEGUN = /samples that begin so satisf/;
const HARD = ["min_length", "max_length", "pattern", "not_pattern", "prefix", "suffix", "contains", "without", "max_repeat", "avoid", "diverse"];
const SLOW = 300; // milliseconds after which names are shown as they are found; again after twice as many, and so on
const PLAIN = { temperature: 1, n: 20, allow_known: false }; // what the form asks for before anybody has filled it in
const STOPPABLE = 700; // milliseconds after which one can stop it

let from = null; // the model that is asked
let source = { can: {} };
let running = null;
let shown = { model: null, names: [] }; // the names, and the model that made them

const how = () => $("ask").elements.how.value;
const otherHow = () => (how() === "best" ? "sample" : "best");

/** `only` is the source of all models, if there is only one: what it cannot do is never seen. */
export function startNames(only = null) {
  startFavourites(markResults);
  if (only) {
    source = only;
    offerRules();
  }
  tend($("results"), (text, as) => markIn(shown.model.name, text, as));
  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    generate();
  });
  for (const id of ["more-like", "results-like"]) $(id).addEventListener("click", () => generate({ steered: true }));
  $("results-more").addEventListener("click", () => $("ask").requestSubmit());
  $("results-best").addEventListener("click", () => {
    $("ask").elements.how.value = otherHow();
    offerRules();
    $("ask").requestSubmit();
  });
  for (const radio of $("ask").elements.how) radio.addEventListener("change", offerRules);
  $("ask-stop").addEventListener("click", () => running?.abort());
  const texts = () => shown.names.map(({ text }) => text);
  $("results-copy").addEventListener("click", (event) => copy(texts().join("\n"), event.currentTarget, words("names")));
  $("results-save").addEventListener("click", () => save(fileName(shown.model.name, "-names.txt"), linesOf(texts())));
  $("results-csv").addEventListener("click", () => {
    const rows = shown.names.map(({ text, ...rest }) => ({ name: text, ...rest }));
    save(fileName(shown.model.name, "-names.csv"), csvOf(rows));
  });
}

/**
 * Asks `asked` for names of `model` from now on, and shows some at once: those that are `ready`, {samples, seed}, if the
 * form asks for no others. A model has what HTTP's responses say of one: id, name, labels and longest are used here. Its
 * favourites are those of its name.
 */
export function openModel(model, asked, ready = null) {
  [from, source] = [model, asked];
  const labels = Object.entries(model.labels ?? {});
  const before = $("label").value;
  $("label-field").hidden = labels.length === 0;
  $("label").replaceChildren(
    el("option", { value: "", textContent: words("any-label") }),
    ...labels.map(([label, names]) => el("option", { value: label, textContent: names === null ? label : `${label} (${count(names)})` })),
  );
  if (before in (model.labels ?? {})) $("label").value = before;
  offerRules();
  $("results-hint").textContent = words(source.can.steer ? "arrow-keys-to-another" : "arrow-keys-to-star");
  openFavourites(model.name, lookOf(model), source.can.steer);
  if (ready && JSON.stringify(request(model)) === JSON.stringify(PLAIN)) show(ready, model);
  else generate({ quietly: true });
}

/** There is no model, and `why`: names of an earlier one would be taken for its. */
export function closeModel(why = "") {
  running?.abort();
  [from, running] = [null, null];
  shown = { model: null, names: [] };
  $("results").replaceChildren();
  $("results").classList.remove("earlier");
  $("results-title").textContent = words("names");
  $("results-actions").hidden = true;
  $("results-empty").textContent = words("the-names-appear-here");
  explain(why);
  markResults();
}

/** Says over the names, or in place of them, why there are no others. */
function explain(why) {
  $("remarks").textContent = why;
  $("remarks").classList.toggle("problem", why !== "");
  $("results-empty").hidden = why !== "" || shown.names.length > 0;
}

/** The address where a name, of this model's list or another, is looked at; null if there is none. */
function lookOf({ id }) {
  return source.can.look ? (text, own = true) => `#surprise?${new URLSearchParams({ ...(own && { model: id }), text })}` : null;
}

/** The form asks for nothing in particular again, as when the page opens. */
export function forgetRules() {
  $("ask").reset();
  clear($("ask"));
  complain($("ask-problem"));
  foldAgain($("ask"));
  offerRules();
}

/** What cannot be or has no effect is hidden and disabled: an invalid value in a hidden field would block the form. */
function offerRules() {
  const able = (part) => part.dataset.can.split(" ").some((each) => source.can[each]);
  for (const choice of $("ask").querySelectorAll(".choice [data-can]")) {
    choice.hidden = !able(choice);
    if (choice.hidden && choice.control.checked) $("ask").elements.how.value = "sample";
  }
  for (const part of $("ask").querySelectorAll("[data-not], [data-can]")) {
    part.hidden = part.dataset.not === how() || ("can" in part.dataset && !able(part));
  }
  for (const part of $("ask").querySelectorAll("[data-not], [data-can]")) {
    for (const field of part.querySelectorAll("input, select, textarea")) {
      field.disabled = Boolean(field.closest("[data-not][hidden], [data-can][hidden]"));
    }
  }
  $("results-best").hidden = !source.can.best;
  $("results-best").textContent = words(otherHow() === "best" ? "the-best" : "at-random");
  $("count").dataset.option = how() === "best" ? "best" : "n";
}

/** Marks have changed: shows them at the names, and offers more like them. Buttons keep their place, so that no name moves. */
function markResults() {
  if (shown.model) showMarks($("results"), markedIn(shown.model.name));
  const { liked, disliked } = ownMarks();
  $("steering").hidden = $("results-like").hidden = !source.can.steer;
  const wording = liked.length ? words("more-like-my-n", { n: liked.length }) : words(disliked.length ? "fewer-like-disliked" : "more-like-my-stars");
  for (const id of ["more-like", "results-like"]) Object.assign($(id), { textContent: wording, disabled: !isMarked() });
  $("strength").disabled = !isMarked();
}

/** Whether the chosen model's list has names that are liked or disliked. */
function isMarked() {
  const { liked, disliked } = ownMarks();
  return liked.length + disliked.length > 0;
}

/** The request for names: what the form asks for; if `steered`, more like those that are liked, and fewer like others. */
function request(model, steered = false) {
  const asked = optionsOf($("ask"));
  asked[how() === "top" ? "new" : "allow_known"] = $("known").checked === (how() !== "top");
  if (!steered) return asked;
  const { liked, disliked } = marks(model.name);
  if (liked.length) asked.like = liked;
  if (disliked.length) asked.unlike = disliked;
  return { ...asked, strength: Number($("strength").value) };
}

/** Asks for names by the form's rules and shows them; `quietly` if nobody has asked for them just now. */
export async function generate({ quietly = false, steered: wished = false } = {}) {
  if (!from) {
    if (!quietly) complain($("ask-problem"), new Error(words("paste-first")));
    return;
  }
  running?.abort();
  const mine = (running = new AbortController());
  const [model, asked, before] = [from, source, shown];
  const steered = wished && isMarked();
  clear($("ask"));
  complain($("ask-problem"));
  if (how() === "best" && !quietly) {
    $("results-title").textContent = words("looking-for-the-best");
    bringIntoSight($("results-title")); // it takes seconds
  }
  const over = busy($("results"));
  const slow = setTimeout(() => {
    if (running !== mine) return;
    $("ask-stop").hidden = false;
    if (shown !== before) return;
    $("results").classList.add("earlier");
    $("results-title").textContent = words(how() === "best" ? "looking-for-the-best" : "looking-for-names");
  }, STOPPABLE);
  const found = [];
  const begun = performance.now();
  let next = SLOW;
  const hear = (names) => {
    found.push(...names);
    const took = performance.now() - begun;
    if (running !== mine || took < next) return;
    show({ samples: found }, model, { steered, partly: true });
    next = 2 * took; // all of them are shown anew, which takes its time
  };
  try {
    const wrong = $("ask").querySelector(":is(input, select, textarea):invalid");
    if (wrong) throw invalid(wrong);
    const work = how() === "top" ? asked.top : asked.sample;
    const answer = await work(model, request(model, steered), { signal: mine.signal, hear });
    if (running !== mine) return;
    show(answer, model, { quietly, steered, before });
    // After two frames: the browser's anchoring moves the page when the list has grown, and a scroll with it.
    if (!quietly) requestAnimationFrame(() => requestAnimationFrame(() => bringIntoSight($("results-title"))));
  } catch (error) {
    if (running !== mine) return;
    $("results-title").textContent = shown.names.length ? words("n-earlier", { n: shown.names.length }) : words("names");
    $("results").classList.add("earlier");
    if (error.name === "AbortError") return;
    explain(tell($("ask"), unknown(tooHard(error, model)), $("ask-problem"), !quietly));
  } finally {
    clearTimeout(slow);
    if (running === mine) {
      if (document.activeElement === $("ask-stop")) $("ask").querySelector(".primary").focus();
      $("ask-stop").hidden = true;
      over();
    }
  }
}

/** What can be done about a symbol that no name of the list has. */
function unknown(error) {
  const symbol = UNKNOWN.exec(error.message)?.[1];
  if (!symbol) return error;
  return { parts: [...(error.parts ?? [{ text: error.message }]), { text: `; ${words("change-or-add", { symbol })}` }] };
}

/** What is wrong with a field whose value is none: what the browser says, or which form the value must have. */
function invalid({ validationMessage, validity, title, dataset: { option } }) {
  const told = validity.patternMismatch ? title : validationMessage;
  return Object.assign(new Error(told), option && { parts: [{ option }, { text: `: ${told}` }] });
}

function show(answer, model, { quietly = true, steered = false, partly = false, before = null } = {}) {
  const names = answer.samples ?? answer.best ?? answer.names;
  shown = { model, names };
  $("results").dataset.model = model.id;
  $("results").classList.remove("earlier");
  if (!partly) $("results").closest(".panel").classList.remove("waiting");
  $("results").classList.toggle("explained", Boolean(answer.best));
  const rows = names.map((name) => ({ text: name.text, ...(answer.best ? why(name) : { beside: name.probability && odds(name.probability) }) }));
  showNames($("results"), rows, { look: lookOf(model), marked: markedIn(model.name), dislike: source.can.steer });
  $("results-title").textContent = words(partly ? "n-so-far" : steered ? "n-names-like" : "n-names", { n: names.length });
  $("results-actions").hidden = names.length === 0;
  $("results-empty").textContent = words("no-name-found");
  const remarks = remarksOf(answer);
  const { seed = answer.seed } = optionsOf($("ask"));
  if (seed !== undefined && !answer.names) remarks.push(words("seed-n", { seed: String(seed).trim() }));
  const texts = (of) => JSON.stringify(of.map(({ text }) => text));
  const again = !quietly && "seed" in optionsOf($("ask")) && names.length > 0 && texts(names) === texts(before.names);
  if (again) remarks.push(words("same-seed", { seed: named($("ask"), "seed") }));
  explain("");
  $("remarks").textContent = remarks.map(sentence).join(" ");
  if (!quietly) announce([words("n-names", { n: names.length }), ...remarks].join(". "));
}

/** What there is to say of the names, in the words of the form. */
function remarksOf({ remark_parts: parts, probability, effective, samples, names, asked, ended_early: early, summary }) {
  if (names) {
    if (early) return [withoutOptions(summary).replace(/^stopped after [\d,]+ prefixes, the limit.*?; /, `${words("search-limit")} `)];
    return [names.length < asked ? words("only-n", { n: names.length }) : words("none-as-probable")];
  }
  if (!parts) return [];
  const said = parts.map((each) => withoutOptions(wordsIn($("ask"), each)));
  const remarks = said.filter((each, place) => !parts[place][0].share && !SHARE.test(each));
  if (probability) {
    const few = effective && effective < samples.length / 2;
    const worth = few ? words("worth-only", { n: Math.round(effective) }) : "";
    // It is the share of these.
    const begun = said.some((each, place) => parts[place][0].share === "begun" || BEGUN.test(each));
    const fit = words(begun ? "odds-of-begun-fit" : "odds-fit", { odds: odds(probability), worth });
    remarks.unshift(probability < 0.01 ? words("about", { what: fit }) : fit);
  }
  if (how() !== "top") remarks.push(...otherCase(samples));
  return remarks;
}

/** Letters to leave out that stand in names in their other case. */
function otherCase(samples = []) {
  const { without = "", ignore_case: alike } = optionsOf($("ask"));
  const others = [...new Set([...without].flatMap((letter) => [letter.toUpperCase(), letter.toLowerCase()]))];
  const met = others.filter((letter) => !without.includes(letter) && samples.some(({ text }) => text.includes(letter)));
  if (alike || !met.length) return [];
  return [words("capitals-apart", { without: named($("ask"), "without"), alike: named($("ask"), "ignore_case"), letters: met.join(", ") })];
}

/** An answer that took too long says which rules are hard. */
function tooHard(error, model) {
  const [, seconds] = /was ended after ([\d.]+) seconds/.exec(error.message) ?? [];
  if (!seconds) return error;
  const asked = optionsOf($("ask"));
  const hard = HARD.filter((option) => option in asked);
  const parts = [{ text: `${words("none-in-time", { seconds })} ` }];
  hard.forEach((option, i) => parts.push({ text: i ? ", " : `${words("hard-to-keep")} ` }, { option, value: [asked[option]].flat().join(", ") }));
  if (asked.min_length > model.longest) parts.push({ text: words("longest-read", { n: model.longest }) });
  parts.push({ text: words(hard.length ? "loosen-this" : "ask-for-fewer") });
  return { parts };
}

/** Why a name is among the best: how far it is from the nearest name; the figures, of which fewer are better, on request. */
function why({ nearest, edits, nats_per_symbol: typical, prior_nats_per_symbol: easy }) {
  const figures = [words("typical", { nats: typical.toFixed(1) }), easy && words("easy-to-say", { nats: easy.toFixed(1) })];
  const title = `${figures.filter(Boolean).join(", ")}: ${words("the-lower")}`;
  return { beside: nearest && words("n-edits-from", { n: edits, nearest }), title };
}

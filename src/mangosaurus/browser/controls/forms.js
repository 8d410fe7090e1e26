// Forms: what their fields ask for, and problems with it, each at the field that it is about.
//
// A field's `data-option` is HTTP's name of the option. With `data-parted`, its text is a list, parted by commas
// or line ends; fields with the same option are a list too.

import { announce, el, keepInSight, sentence } from "./dom.js";

/** The options that the fields of a form ask for: of those that are filled and not disabled. */
export function optionsOf(form) {
  const asked = {};
  for (const field of form.querySelectorAll("[data-option]:enabled")) {
    const { option, parted } = field.dataset;
    const value = valueOf(field);
    if (value === "" || value.length === 0) continue;
    if (field.matches("[data-many]")) (asked[option] ??= []).push(value);
    else asked[option] = value;
  }
  return asked;
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked ? (field.dataset.many ? field.value : true) : "";
  if (field.type === "number") return field.value === "" ? "" : Number(field.value);
  if (field.dataset.parted) return field.value.split(field.dataset.parted === "lines" ? /\s*\n\s*/ : /,\s*/).filter(Boolean);
  return field.dataset.option === "seed" ? field.value.trim() : field.value;
}

const FIELDS = /(?<!\S)(top|min|max|not|avoid|allow)_(k|p|length|like|parts|known|duplicates)\b/g;

/** A sentence without names of JSON fields: "max length" for "max_length". */
export function withoutOptions(text) {
  return text.replace(/ \([a-z]+[_=][a-z]+[^)]*\)/g, "").replace(FIELDS, "$1 $2");
}

/** Takes back what `tell` has shown in a form. */
export function clear(form) {
  for (const place of form.querySelectorAll(".at-field")) place.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

/** What is said of a symbol that the model does not know. */
export const UNKNOWN = /has never seen the \w+ '(.+?)'/su;

/** The words of text and options, as the form calls them. */
export const wordsIn = (form, parts) => parts.map(({ text, option, value }) => text ?? named(form, option, value)).join("");

/** Shows a problem at the first field that it is about, or else in `rest`; scrolls to it if the user has `asked`. Returns it in words. */
export function tell(form, problem, rest, asked = false) {
  const parts = problem.parts ?? [{ text: problem.message ?? problem.detail }];
  const told = sentence(wordsIn(form, parts));
  const symbol = UNKNOWN.exec(told)?.[1];
  const about = parts.map(({ option }) => option && fieldOf(form, option)).filter((each) => each && within(each, form));
  about.forEach(unfold);
  const field = [fieldWith(form, symbol), ...about].find((each) => each && within(each, form));
  if (!field) {
    rest.textContent = told;
    if (asked) keepInSight(rest);
    return told;
  }
  const place = el("p", { className: "problem at-field wide", id: `${form.id}-at-${field.dataset.option}` }, told);
  field.closest(".fields > *, .pair, .field").after(place);
  unfold(field);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", place.id);
  announce(told);
  if (asked) {
    field.focus({ preventScroll: true });
    for (const part of [place, field]) keepInSight(part);
  }
  return told;
}

function unfold(field) {
  const details = field.closest("details:not([open])");
  if (details) details.open = details.dataset.unfolded = true;
}

/** Closes what `tell` has opened in a form, unless one is in it. */
export function foldAgain(form) {
  for (const details of form.querySelectorAll("[data-unfolded]")) {
    delete details.dataset.unfolded;
    if (!details.contains(document.activeElement)) details.open = false;
  }
}

const fieldOf = (form, option) => form.querySelector(`[data-option="${CSS.escape(option)}"]`);

/** The first field of text that has a symbol which the model does not know. */
function fieldWith(form, symbol) {
  const fields = [...form.querySelectorAll("[data-option]:is(input[type=text], textarea)")];
  return symbol && fields.find(({ value }) => value.includes(symbol));
}

/** Whether a field is shown, or would be if its details were open. */
function within(field, form) {
  const hidden = field.closest("[hidden]");
  return !field.disabled && (!hidden || !form.contains(hidden));
}

/** An option as the form calls it, with a value of it: “The list is: one long text”. */
export function named(form, option, value = null) {
  const field = fieldOf(form, option);
  const given = value === null ? "" : String(value);
  if (!field) return `${option.replaceAll("_", " ")}${given && ` ${given}`}`;
  const choice = [...(field.options ?? [])].find((each) => each.value === given);
  return `“${wordsOf(field)}${given && `: ${choice?.text ?? given}`}”`;
}

function wordsOf(field) {
  const label = field.closest(".pair")?.querySelector("label") ?? field.closest("label:not(.checks label)");
  if (!label) return field.getAttribute("aria-label") ?? field.closest("[role=group]").firstElementChild.textContent;
  return [...label.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? node.data.trim() : "")).join("");
}

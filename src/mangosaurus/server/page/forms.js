// Forms: what their fields ask of the server, and its problems, each at the field that it is about.
//
// A field's `data-option` is the server's name of the option. With `data-parted`, its text is a list, parted by commas
// or line ends; fields with the same option are a list too.

import { announce, el, sentence } from "./dom.js";

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
  return field.value;
}

/** Takes back what `tell` has shown in a form. */
export function clear(form) {
  for (const place of form.querySelectorAll(".at-field")) place.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

/** Shows a problem at the first field that it is about, or else in `rest`. */
export function tell(form, problem, rest) {
  const parts = problem.parts ?? [{ text: problem.message ?? problem.detail }];
  const words = sentence(parts.map(({ text, option, value }) => text ?? named(form, option, value)).join(""));
  const field = parts.map(({ option }) => option && fieldOf(form, option)).find((each) => each && within(each, form));
  if (!field) {
    rest.textContent = words;
    return;
  }
  const place = el("p", { className: "problem at-field wide", id: `${form.id}-at-${field.dataset.option}` }, words);
  field.closest(".fields > *, .pair").after(place);
  field.closest("details")?.setAttribute("open", "");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", place.id);
  announce(words);
}

const fieldOf = (form, option) => form.querySelector(`[data-option="${CSS.escape(option)}"]`);

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

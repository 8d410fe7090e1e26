// Helpers of all views. Text of users and models becomes text nodes, never markup.

import { language, words } from "./words.js";

export const $ = (id) => document.getElementById(id);

/** An element with properties, attributes (those with a hyphen, and role) and children; strings become text. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role" || name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Announces to screen readers what happened; repeated words are announced again. */
export function announce(told) {
  const place = $("status");
  place.textContent = "";
  setTimeout(() => (place.textContent = told), 60);
}

/** Shows an error beside a form, or clears it. */
export function complain(place, error) {
  place.textContent = error && error.name !== "AbortError" ? error.message : "";
}

const NEAREST = /( '(.)'[^;]*); the nearest that it knows is '(.)'/su;
const KINDS = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u, /\p{Nd}/u, /\p{P}/u];

/** A sentence of the server in words: with a capital and an end, without code points, and what is near only by them. */
export function sentence(said) {
  const near = (one, other) => KINDS.some((kind) => kind.test(one) && kind.test(other));
  const told = said
    .replace(/ \(U\+[0-9A-F]{4,6}[^)]*\)/g, "")
    .replace(NEAREST, (whole, before, one, other) => (near(one, other) ? whole : before));
  return `${told[0].toUpperCase()}${told.slice(1)}${/[.!?…]$/.test(told) ? "" : "."}`;
}

export const count = (number) => number.toLocaleString(language);

/** A probability in words, such as 12 % or 1 in 5,300. */
export function odds(probability) {
  if (probability >= 0.01) return words("percent", { share: (100 * probability).toLocaleString(language, { maximumSignificantDigits: 2 }) });
  if (!(probability > 0)) return "0";
  const one = 1 / probability;
  const how = one < 1e6 ? {} : { notation: "compact", compactDisplay: "long" };
  return one < 1e15 ? words("one-in", { n: Number(one.toPrecision(2)).toLocaleString(language, how) }) : words("next-to-none");
}

/** The number in a field, or undefined where there is none. */
export function numberIn(field) {
  return field.value.trim() === "" ? undefined : Number(field.value);
}

/** Copies a text, and announces `what` was copied, if that is not said beside the button. */
export async function copy(text, button, what = "") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text); // a page over plain HTTP from another machine has no clipboard
  }
  if (what) announce(words("what-copied", { what }));
  if (button.dataset.copied) return;
  button.dataset.copied = "yes";
  const before = button.textContent;
  if (before) button.textContent = words("copied");
  setTimeout(() => {
    button.textContent = before;
    delete button.dataset.copied;
  }, 1400);
}

function copyBySelection(text) {
  const area = el("textarea", { value: text, className: "unseen" });
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}

/** A list as a file of lines, for `save`. */
export const linesOf = (names) => names.map((name) => `${name}\n`).join("");

/** Rows, objects, as CSV (RFC 4180), with the names of their fields as a header. */
export function csvOf(rows) {
  const fields = [...new Set(rows.flatMap(Object.keys))];
  const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const line = (values) => `${values.map((value) => cell(String(value ?? ""))).join(",")}\r\n`;
  return [fields, ...rows.map((row) => fields.map((field) => row[field]))].map(line).join("");
}

export function save(name, content) {
  const blob = content instanceof Blob ? content : new Blob([content], { type: "text/plain;charset=utf-8" });
  const address = URL.createObjectURL(blob);
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A file name that starts with the model's name. */
export function fileName(name, rest) {
  return `${name.replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "mangosaurus"}${rest}`;
}

/** Joins every slider to its number field. */
export function joinPairs() {
  for (const pair of document.querySelectorAll(".pair")) {
    const [slider, number] = pair.querySelectorAll("input");
    const fill = () => {
      const share = (slider.value - slider.min) / (slider.max - slider.min);
      slider.style.setProperty("--fill", `${100 * share}%`);
    };
    slider.addEventListener("input", () => {
      number.value = slider.value;
      fill();
    });
    slider.form.addEventListener("reset", () => setTimeout(fill)); // once they are reset
    number.addEventListener("input", () => {
      if (number.value !== "") slider.value = number.value;
      fill();
    });
    fill();
  }
}

/** The number field beside a slider. Its number may lie outside the slider's range. */
export const besides = (slider) => slider.closest(".pair").querySelector("input[type=number]");

/** Marks a region as busy; returns the function that unmarks it. */
export function busy(region) {
  region.setAttribute("aria-busy", "true");
  return () => region.removeAttribute("aria-busy");
}

const behavior = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

/** Scrolls no more than it takes to show all of a part of the page. */
export function keepInSight(part) {
  part.scrollIntoView({ behavior: behavior(), block: part.offsetHeight > innerHeight ? "start" : "nearest" });
}

/** Does `change`, and scrolls so that a part of the page stays where it is seen. */
export function keepPlace(part, change) {
  const before = part.getBoundingClientRect().top;
  change();
  scrollBy(0, part.getBoundingClientRect().top - before);
}

/** Scrolls to the results, which are below the form on a narrow screen. */
export function bringIntoSight(title) {
  const { top } = title.getBoundingClientRect();
  if (top < 0 || top > innerHeight * 0.55) title.closest(".panel").scrollIntoView({ behavior: behavior(), block: "start" });
}

/** Takes what is dropped on a form: `take(file, text)`, of which one is null or empty. */
export function startDropping(form, take) {
  const mark = (over) => form.querySelector(".drop").classList.toggle("over", over);
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  form.addEventListener("dragleave", () => mark(false));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    take(event.dataTransfer.files[0] ?? null, event.dataTransfer.getData("text"));
  });
}

// The text view: the text grows as the characters arrive.

import { Problem, events } from "./api.js";
import { $, announce, besides, bringIntoSight, complain, copy, el, fileName, save } from "../controls/dom.js";
import { UNKNOWN, clear, optionsOf, tell } from "../controls/forms.js";
import { about, offer, selected } from "./models.js";
import { words } from "../controls/words.js";

const ENDS = {
  length: words("as-many-as-asked"),
  until: words("up-to-stop"),
  ended: words("up-to-end"),
};

let limit = 2000;
let running = null;

export function startText() {
  offer($("text-model"), "text", (model) => ($("text-about").textContent = about(model)));
  $("write").addEventListener("submit", (event) => {
    event.preventDefault();
    $("sheet").replaceChildren(el("span", { className: "given" }, $("prompt").value));
    bringIntoSight($("sheet-title"));
    write($("prompt").value);
  });
  $("sheet-more").addEventListener("click", () => write($("sheet").textContent));
  $("write-stop").addEventListener("click", () => running?.abort());
  $("sheet-copy").addEventListener("click", (event) => copy($("sheet").textContent, event.currentTarget, words("text")));
  $("sheet-save").addEventListener("click", () =>
    save(fileName(selected($("text-model"))?.name ?? "", "-text.txt"), $("sheet").textContent),
  );
}

export function limitText(limits) {
  limit = limits.prompt_length;
  $("write-length").max = Math.min($("write-length").max, limits.text_length);
  besides($("write-length")).max = limits.text_length;
}

/** Continues the text `before`. The model gets its last characters, as many as allowed. */
async function write(before) {
  const model = selected($("text-model"));
  if (!model) return;
  running?.abort();
  const mine = (running = new AbortController());
  complain($("write-problem"));
  clear($("write"));
  const asked = { ...optionsOf($("write")), prompt: [...before].slice(-limit).join("") };
  asked.until = asked.until?.replaceAll("\\n", "\n");
  const written = document.createTextNode("");
  $("sheet").append(written);
  const text = growing(written);
  working(true);
  $("sheet-state").textContent = words("writing");
  const told = { end: words("then-stopped") };
  try {
    const path = `api/models/${encodeURIComponent(model.id)}/write`;
    for await (const { event, data } of events("POST", path, asked, mine.signal)) {
      if (event === "text") text.add(data.text);
      if (event === "problem") throw new Problem(data.status, data.detail, data.parts);
      if (event === "end") told.end = words("then-ended", { why: ENDS[data.reason], seed: String(data.seed) });
    }
  } catch (error) {
    if (error.name !== "AbortError") told.end = words("then-interrupted");
    if (running === mine && error.name !== "AbortError") tell($("write"), unreadable(error, asked), $("write-problem"), true);
  }
  text.flush();
  if (running !== mine) return;
  working(false);
  const length = words("n-characters", { n: [...written.data].length });
  $("sheet-state").textContent = `${length}${told.end}.`;
  announce(words("n-written", { length, end: told.end }));
}

/** Why a character that the model does not know is not replaced, though that was asked for. */
function unreadable(error, { fold }) {
  if (!fold || !UNKNOWN.test(error.message)) return error;
  return { parts: [{ text: words("none-near", { why: error.message }) }] };
}

/** Adds text to `node` at most once a frame. The sheet's end stays in sight if it was in sight. */
function growing(node) {
  let held = "";
  let frame = 0;
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const { bottom } = $("sheet").getBoundingClientRect();
    node.appendData(held);
    held = "";
    const following = bottom > innerHeight * 0.6 && bottom < innerHeight + 80;
    if (following) scrollBy(0, $("sheet").getBoundingClientRect().bottom - bottom);
  };
  const add = (text) => {
    held += text;
    frame ||= requestAnimationFrame(flush);
  };
  return { add, flush };
}

function working(on) {
  $("sheet").classList.toggle("writing", on);
  $("sheet").setAttribute("aria-busy", String(on));
  const stopped = document.activeElement === $("write-stop") && !on;
  $("write-stop").disabled = !on;
  for (const id of ["sheet-more", "sheet-copy", "sheet-save"]) $(id).disabled = on || !$("sheet").textContent;
  if (stopped) $("sheet-more").focus();
}

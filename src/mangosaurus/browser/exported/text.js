// The page of a model of texts.

import { $, announce, busy, complain, copy, el, fileName, joinPairs, save, sentence } from "../controls/dom.js";
import { optionsOf } from "../controls/forms.js";
import { startTheme } from "../controls/themes.js";
import { randomSeed } from "../controls/worker_source.js";
import { words } from "../controls/words.js";
import { engine, facts } from "./client.js";

let running = null;

$("about").textContent = words("type-a-beginning", { unit: facts.unit });
$("model-name").textContent = words("the-model", { what: facts.model });
$("label-field").hidden = facts.labels.length === 0;
$("label").append(...facts.labels.map((label) => new Option(label, label)));
joinPairs();
startTheme();
$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  writeText();
});
$("stop").addEventListener("click", () => running?.abort());
$("copy").addEventListener("click", (event) => copy($("results").textContent, event.currentTarget, words("the-text")));
$("save").addEventListener("click", () => save(fileName(document.title, ".txt"), `${$("results").textContent}\n`));
$("more").addEventListener("click", () => {
  $("prompt").value = $("results").textContent;
  writeText();
});
writeText();

/** Continues the prompt, in place of what was written before. */
async function writeText() {
  running?.abort();
  const mine = (running = new AbortController());
  const asked = { seed: randomSeed(), fold: true, ...optionsOf($("ask")) };
  asked.until = asked.until?.replaceAll("\\n", "\n");
  const written = document.createTextNode("");
  $("results").replaceChildren(el("span", { className: "given" }, $("prompt").value), written);
  $("results").classList.add("writing");
  $("remarks").textContent = sentence(words("seed-n", { seed: asked.seed }));
  complain($("problem"));
  $("stop").hidden = false;
  $("more").disabled = true;
  for (const id of ["copy", "save"]) $(id).disabled = false;
  const over = busy($("results"));
  try {
    const hear = (part) => written.appendData(part.join(""));
    const { stopped } = await engine.ask("write", asked, { hear, signal: mine.signal });
    if (running === mine) announce(words(stopped ? "stopped" : "n-units-written", { n: [...written.data].length, unit: facts.unit }));
  } catch (error) {
    if (running === mine) complain($("problem"), { message: sentence(error.message) });
  }
  if (running !== mine) return;
  if (document.activeElement === $("stop")) $("ask").querySelector(".primary").focus();
  $("results").classList.remove("writing");
  $("stop").hidden = true;
  $("more").disabled = false;
  over();
}

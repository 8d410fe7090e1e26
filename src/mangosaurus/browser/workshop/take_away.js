// What one takes away: the model as a file, or as a page of its own, which `mangosaurus export` would write the same.

import { unpacked } from "../controls/worker_source.js";
import { through, toBase64 } from "./share.js";

/** The HTML of the page of a model: {bytes} of its file, in planes, and {facts} for the page. */
export async function pageOf({ bytes, facts }, title) {
  const template = new TextDecoder().decode(await unpacked(document.getElementById("template").textContent));
  const parts = {
    title: escaped(title),
    facts: JSON.stringify(facts).replaceAll("<", "\\u003c"),
    model: toBase64(await through(new CompressionStream("deflate"), bytes)),
  };
  return template.replace(/\{\{(title|facts|model)\}\}/g, (_, part) => parts[part]);
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

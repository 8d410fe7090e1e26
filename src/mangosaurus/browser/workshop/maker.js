// What reads lists, learns them and makes names: the engine and what learns, in a worker that has the prior.

import { $ } from "../controls/dom.js";
import { Engine, addressOf, unpacked, workerSource } from "../controls/worker_source.js";

const dataOf = (id) => $(id) && unpacked($(id).textContent);

async function first() {
  return { prior: await dataOf("prior"), rude: await dataOf("rude") }; // of rude words there may be none
}

export const maker = new Engine(() => addressOf($("engine").textContent), first());

/** The source of names for controls/names.js. */
export const madeNames = workerSource(maker, { best: true, steer: true, clean: $("rude") !== null });

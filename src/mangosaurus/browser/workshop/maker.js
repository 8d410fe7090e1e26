// What reads lists, learns them and makes names: the engine and what learns, in a worker that has the prior.

import { $ } from "../controls/dom.js";
import { Engine, addressOf, unpacked, workerSource } from "../controls/worker_source.js";

// The page runs before its engine and its prior are read.
const parsed = new Promise((then) => addEventListener("DOMContentLoaded", then));
const rude = $("rude"); // there may be none

async function dataOfEngine() {
  await parsed;
  return { prior: await unpacked($("prior").textContent), rude: rude && (await unpacked(rude.textContent)) };
}

export const maker = new Engine(() => addressOf($("engine").textContent), dataOfEngine());

/** The source of names for controls/names.js. */
export const madeNames = workerSource(maker, { best: true, steer: true, clean: rude !== null });

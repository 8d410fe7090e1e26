// Training: the list is sent, waits in the queue, and its progress is shown.

import { Problem, call, events } from "./api.js";
import { chartOf } from "./chart.js";
import { $, announce, besides, bringIntoSight, complain, el, numberIn, plural } from "./dom.js";
import { clear, optionsOf, tell } from "./forms.js";
import { model, refresh } from "./models.js";
import { forgetColumns, how, listChanged, looked, startPreview } from "./preview.js";
import { keep, read } from "./store.js";

const MINE = "mangosaurus.training";
const PASTED = "a pasted list";
const SHOWN = 6;
const LONG = 50_000; // characters; a field of many thousand lines makes browsers stand still
const STAGES = { counting: "Counting letters that follow each other", training: "Training", mixing: "Mixing all of it" };
const OVER = ["done", "stopped", "failed", "cancelled"];

let chosen = null;
let chart = null;
let current = null;

export function startTraining() {
  chart = chartOf($("chart"));
  $("teach").addEventListener("submit", (event) => {
    event.preventDefault();
    teach();
  });
  startPreview(() => chosen ?? $("list").value, (corpus) => ($("called").placeholder = usualName(corpus)));
  if ($("list").value) listChanged(0); // the browser has kept it
  $("list").addEventListener("input", () => listChanged());
  $("file").addEventListener("change", () => choose($("file").files[0], true));
  $("unchoose").addEventListener("click", () => {
    choose(null);
    $("list").focus();
  });
  const drop = $("teach");
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
  drop.addEventListener("dragleave", () => $("drop").classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    $("drop").classList.remove("over");
    const words = event.dataTransfer.getData("text");
    if (event.dataTransfer.files.length) choose(event.dataTransfer.files[0], true);
    else if (words.length >= LONG) hold(words);
    else if (words) $("list").value += words;
    listChanged(0);
  });
  $("list").addEventListener("paste", (event) => {
    const words = event.clipboardData.getData("text");
    if (words.length < LONG) return;
    event.preventDefault();
    hold(words);
  });
  $("training-stop").addEventListener("click", end("POST", "/stop"));
  $("training-cancel").addEventListener("click", end("DELETE", ""));
  $("training-close").addEventListener("click", close);
  $("training-names").addEventListener("click", () => {
    $("results-title").focus({ preventScroll: true });
    $("results-title").closest(".panel").scrollIntoView();
  });
  setInterval(tick, 250);
  const mine = read("session", MINE);
  if (mine) follow(mine); // the page was reloaded during the training
}

/** Keeps a long list as if it were a file, after the field's text: too much text makes the field slow. */
function hold(words) {
  const before = $("list").value;
  choose(new File([before && `${before}\n`, words], PASTED));
}

/** Only a file of this machine, and no pasted text, has an encoding of its own. */
function choose(file, encoded = false) {
  chosen = file ?? null;
  $("file-encoding").disabled = $("encoding-field").hidden = !encoded;
  forgetColumns();
  listChanged(0);
  $("chosen").hidden = !chosen;
  $("list").hidden = Boolean(chosen);
  $("file").value = "";
  complain($("teach-problem"));
  if (!chosen) return;
  $("chosen-name").textContent = file.name;
  const size = file.size < 1e5 ? `${(file.size / 1e3).toFixed(1)} KB` : `${(file.size / 1e6).toFixed(1)} MB`;
  $("chosen-size").textContent = size;
  announce(`${file.name} chosen`);
}

/** The name of a list that has none: that of its file, or its first names. */
function usualName(corpus) {
  if (chosen && chosen.name !== PASTED) return chosen.name.replace(/\.[^.]*$/, "").slice(0, 60);
  const first = (corpus?.first ?? []).slice(0, 2).map(({ text }) => text.slice(0, 24).trim());
  return first.length ? `${first.join(", ")}${corpus.documents > 2 || corpus.kind === "text" ? ", …" : ""}` : "by its first names";
}

async function teach() {
  const body = chosen ?? $("list").value;
  complain($("teach-problem"));
  if (!chosen && !body.trim()) {
    complain($("teach-problem"), new Problem(0, "Paste names or choose a file first."));
    $("list").focus();
    return;
  }
  const button = $("teach").querySelector(".primary");
  button.disabled = true;
  try {
    const answer = await looked();
    if (answer?.problem) {
      $("teach").querySelector("[aria-invalid]")?.focus();
      return announce("Nothing is trained: see the problem");
    }
    const corpus = await call("POST", `api/corpora?${how()}`, body, { type: "text/plain; charset=utf-8" });
    const { budget, separator } = optionsOf($("teach"));
    const asked = { corpus: corpus.id, name: $("called").value.trim() || usualName(corpus), budget };
    if (separator) asked.separator = separator === "space" ? " " : separator;
    const training = await call("POST", "api/trainings", asked);
    keep("session", MINE, training.id);
    follow(training.id);
    bringIntoSight($("training-title"));
  } catch (error) {
    clear($("teach"));
    tell($("teach"), error, $("teach-problem"));
  } finally {
    button.disabled = false;
  }
}

/** Shows a training from its present state to its end; reconnects if the connection breaks. */
async function follow(id) {
  begin(id);
  for (let tries = 0; tries < 6 && current?.id === id; tries += 1) {
    try {
      for await (const { event, data } of events("GET", `api/trainings/${encodeURIComponent(id)}/events`)) {
        if (current?.id !== id) return;
        tries = 0;
        complain($("training-problem"));
        if (event === "progress") progress(data);
        if (event === "state" && (await state(data))) return;
      }
    } catch (error) {
      if (current?.id !== id) return;
      if (error.status === 404 && current.state === null) return close(); // of an earlier server
      if (error.status) return fail(error);
    }
    complain($("training-problem"), new Problem(0, "The connection to the server was lost. Connecting again."));
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
  }
  if (current?.id === id) fail(new Problem(0, "The server does not answer. Is it still running?"));
}

function begin(id) {
  const expected = numberIn(besides($("seconds"))) || 1;
  current = { id, state: null, latest: { elapsed: 0, left: expected }, at: performance.now() };
  chart.clear();
  $("chart").closest("figure").hidden = true; // until there is a loss to plot
  $("training-name").textContent = "";
  $("training-word").hidden = false;
  $("training-state").textContent = "Sent";
  $("snapshots").replaceChildren();
  $("training-time").value = 0;
  complain($("training-problem"));
  buttons(false);
}

function buttons(over) {
  $("training-stop").hidden = over || current.state === "queued";
  $("training-cancel").hidden = over;
  $("training-close").hidden = !over;
  $("training-names").hidden = true;
}

/** Whether it is over. */
async function state(training) {
  const before = current.state;
  current.state = training.state;
  $("training").hidden = false;
  $("bench").classList.add("learning");
  $("training-name").textContent = training.name ?? "";
  const over = OVER.includes(training.state);
  const focused = $("training").contains(document.activeElement);
  buttons(over);
  if (training.progress) progress(training.progress);
  const words = {
    queued: training.position > 0 ? `Waiting: ${plural(training.position, "training")} before it` : "Waiting",
    running: "Training",
    done: "Trained",
    stopped: "Stopped; the best model so far is kept",
    failed: "The training failed",
    cancelled: "Cancelled; no model is kept",
  };
  $("training-state").textContent = words[training.state];
  if (before !== training.state || training.state === "queued") announce(words[training.state]);
  if (!over) return false;
  if (focused) $("training-close").focus();
  keep("session", MINE, null);
  $("training-word").hidden = true;
  $("training-time").value = 1;
  if (training.problem) tell($("teach"), training.problem, $("training-problem"));
  call("DELETE", `api/corpora/${encodeURIComponent(training.corpus)}`).catch(() => {});
  if (training.model) {
    await refresh(training.model);
    tellResult(training.model);
  }
  return true;
}

function tellResult(id) {
  const { kind, held_out: heldOut } = model(id);
  const unseen = kind === "names" ? "held-out names" : "held-out text";
  if (heldOut !== null) $("training-state").append(`: ${heldOut.toFixed(2)} nats per symbol of ${unseen}`);
  $("training-names").hidden = kind !== "names";
  if (kind !== "names") $("training-state").append(". ", el("a", { href: "#text" }, "Write a text with it"));
}

/** Null means unknown: the last known value stays. */
function progress(told) {
  const now = Object.assign(current.latest, Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)));
  current.at = performance.now();
  if (!OVER.includes(current.state)) current.words = STAGES[told.stage];
  if (now.held_out !== undefined) {
    $("chart").closest("figure").hidden = false;
    chart.add(now.elapsed, now.held_out, now.elapsed + now.left);
  }
  tick();
  if (told.samples?.length) snapshot(told);
}

/** Advances the time between two messages of the server. */
function tick() {
  if (!current || (current.state !== "running" && current.state !== null)) return;
  const { elapsed, left } = current.latest;
  const since = (performance.now() - current.at) / 1000;
  $("training-time").value = Math.min((elapsed + since) / (elapsed + left || 1), 0.99);
  if (!current.words) return;
  const loss = current.latest.held_out === undefined ? "" : `, loss ${current.latest.held_out.toFixed(3)}`;
  $("training-state").textContent = `${current.words}${loss}: ${plural(Math.max(0, Math.ceil(left - since)), "second")} left`;
}

/** Adds samples above the earlier ones. */
function snapshot({ elapsed, samples }) {
  const words = samples.slice(0, 5);
  if (words.join("\n") === current.samples) return;
  current.samples = words.join("\n");
  const names = words.flatMap((name, i) => [...(i ? [" · "] : []), el("bdi", {}, name)]);
  $("snapshots").prepend(el("li", {}, el("time", {}, `${elapsed.toFixed(0)} s`), el("span", {}, ...names)));
  while ($("snapshots").children.length > SHOWN) $("snapshots").lastChild.remove();
}

function end(method, rest) {
  return async () => {
    try {
      await call(method, `api/trainings/${encodeURIComponent(current.id)}${rest}`);
    } catch (error) {
      complain($("training-problem"), error);
    }
  };
}

function fail(error) {
  $("training").hidden = false;
  $("bench").classList.add("learning");
  buttons(true);
  complain($("training-problem"), error);
}

function close() {
  const focused = $("training").contains(document.activeElement);
  current = null;
  keep("session", MINE, null);
  $("training").hidden = true;
  $("bench").classList.remove("learning");
  if (focused) $("ask").querySelector(".primary").focus();
}

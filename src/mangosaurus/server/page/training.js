// Teaching a list: it is sent, waits for its turn, and is watched while it is learnt.

import { Problem, call, events } from "./api.js";
import { chartOf } from "./chart.js";
import { $, announce, besides, complain, count, el, numberIn, plural } from "./dom.js";
import { refresh } from "./models.js";

const MINE = "mangosaurus.training";
const SHOWN = 6;
const OVER = ["done", "stopped", "failed", "cancelled"];

let chosen = null;
let chart = null;
let current = null;
let learnt = () => {};

/** `then` is called with the kind of model when one has been learnt. */
export function startTraining(then) {
  learnt = then;
  chart = chartOf($("chart"));
  $("teach").addEventListener("submit", (event) => {
    event.preventDefault();
    teach();
  });
  $("file").addEventListener("change", () => choose($("file").files[0]));
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
    if (event.dataTransfer.files.length) choose(event.dataTransfer.files[0]);
    else if (words) $("list").value += words;
  });
  $("training-stop").addEventListener("click", end("POST", "/stop"));
  $("training-cancel").addEventListener("click", end("DELETE", ""));
  $("training-close").addEventListener("click", close);
  const mine = sessionStorage.getItem(MINE);
  if (mine) follow(mine); // the page was read again while it learnt
}

async function choose(file) {
  chosen = file ?? null;
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

async function teach() {
  const body = chosen ?? $("list").value;
  complain($("teach-problem"));
  if (!chosen && !body.trim()) {
    complain($("teach-problem"), new Problem(0, "Paste some names first, or choose a file."));
    $("list").focus();
    return;
  }
  const button = $("teach").querySelector(".primary");
  button.disabled = true;
  try {
    const how = new URLSearchParams({ format: $("format").value, lowercase: $("lowercase").checked });
    const corpus = await call("POST", `/api/corpora?${how}`, body, { type: "text/plain; charset=utf-8" });
    const name = $("called").value.trim() || chosen?.name.replace(/\.[^.]*$/, "").slice(0, 60) || "my list";
    const asked = { corpus: corpus.id, name, budget: numberIn(besides($("seconds"))) };
    const training = await call("POST", "/api/trainings", asked);
    sessionStorage.setItem(MINE, training.id);
    follow(training.id);
    $("training-title").scrollIntoView({ block: "nearest" });
  } catch (error) {
    complain($("teach-problem"), error);
  } finally {
    button.disabled = false;
  }
}

/** Shows a training from its present state to its end; a connection that breaks is taken up again. */
async function follow(id) {
  begin(id);
  for (let tries = 0; tries < 6 && current?.id === id; tries += 1) {
    try {
      for await (const { event, data } of events("GET", `/api/trainings/${encodeURIComponent(id)}/events`)) {
        if (current?.id !== id) return;
        tries = 0;
        if (event === "progress") progress(data);
        if (event === "state" && (await state(data))) return;
      }
    } catch (error) {
      if (current?.id !== id) return;
      if (error.status === 404 && current.state === null) return close(); // of an earlier server
      if (error.status) return fail(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
  }
  if (current?.id === id) fail(new Problem(0, "The server does not answer. Is it still running?"));
}

function begin(id) {
  current = { id, state: null, expected: numberIn(besides($("seconds"))) || 1 };
  chart.clear(current.expected);
  $("training-name").textContent = "";
  $("training-state").textContent = "Sent";
  $("training-facts").replaceChildren();
  $("snapshots").replaceChildren();
  $("training-time").value = 0;
  complain($("training-problem"));
  buttons(false);
}

function buttons(over) {
  $("training-stop").hidden = over || current.state === "queued";
  $("training-cancel").hidden = over;
  $("training-close").hidden = !over;
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
    running: "Learning",
    done: "Learnt",
    stopped: "Stopped; what it had learnt by then is kept",
    failed: "It did not work",
    cancelled: "Cancelled; nothing is kept",
  };
  $("training-state").textContent = words[training.state];
  if (before !== training.state || training.state === "queued") announce(words[training.state]);
  if (!over) return false;
  if (focused) $("training-close").focus();
  sessionStorage.removeItem(MINE);
  current.over = true;
  if (training.problem) fail(new Problem(0, training.problem.detail ?? training.problem));
  call("DELETE", `/api/corpora/${encodeURIComponent(training.corpus)}`).catch(() => {});
  if (training.model) {
    $("training-time").value = 1;
    await refresh(training.model);
    learnt(training.model);
  }
  return true;
}

function progress(now) {
  current.expected = Math.max(now.elapsed + (now.left ?? 0), 1);
  if (now.loss !== null || now.held_out !== null) chart.add(now, current.expected);
  $("training-time").value = now.elapsed / current.expected;
  if (!OVER.includes(current.state)) $("training-state").textContent = capital(now.stage ?? "learning");
  const loss = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–");
  const facts = {
    "held out": loss(now.held_out),
    training: loss(now.loss),
    "symbols a second": now.symbols_per_second ? count(Math.round(now.symbols_per_second)) : "–",
    "seconds left": now.left == null ? "–" : count(Math.ceil(now.left)),
  };
  $("training-facts").replaceChildren(
    ...Object.entries(facts).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
  if (now.samples?.length) snapshot(now);
}

/** What it writes by now, above what it wrote before. */
function snapshot({ elapsed, samples }) {
  const names = samples.slice(0, 5).flatMap((name, i) => [...(i ? [" · "] : []), el("bdi", {}, name)]);
  $("snapshots").prepend(el("li", {}, el("time", {}, `${elapsed.toFixed(0)} s`), el("span", {}, ...names)));
  while ($("snapshots").children.length > SHOWN) $("snapshots").lastChild.remove();
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);

function end(method, rest) {
  return async () => {
    try {
      await call(method, `/api/trainings/${encodeURIComponent(current.id)}${rest}`);
    } catch (error) {
      complain($("training-problem"), error);
    }
  };
}

function fail(error) {
  $("training").hidden = false;
  $("bench").classList.add("learning");
  current.over = true;
  buttons(true);
  complain($("training-problem"), error);
}

function close() {
  const focused = $("training").contains(document.activeElement);
  current = null;
  sessionStorage.removeItem(MINE);
  $("training").hidden = true;
  $("bench").classList.remove("learning");
  if (focused) $("ask").querySelector(".primary").focus();
}

// What names and texts have in common on the page. All that comes from the model becomes text, never markup.

const $ = (id) => document.getElementById(id);

const counted = (number, one, more = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : more}`;

// Tells people who do not see the page what happened; the same words twice are told twice.
function announce(words) {
  $("status").textContent = "";
  setTimeout(() => { $("status").textContent = words; }, 60);
}

// A sentence beginning with a capital and ending in a full stop.
function sentence(words) {
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

// What the engine says, with its options as the page calls them.
function inWords(parts) {
  return parts.map(({ text, option, value = null }) => {
    if (text !== undefined) return text;
    const field = $({ n: "count" }[option] ?? option.replaceAll("_", "-"));
    const name = field?.getAttribute("aria-label") ?? field?.labels?.[0]?.firstChild.data.trim();
    return (name ? `“${name}”` : option.replaceAll("_", " ")) + (value === null ? "" : ` ${value}`);
  }).join("");
}

// The number in a field, or null where there is none; what is no number is NaN, which is refused further on.
function numberIn(id) {
  const field = $(id);
  if (field.validity.badInput) return NaN;
  return field.value.trim() === "" ? null : Number(field.value);
}

function seedIn() {
  return $("seed").value.trim() || String(randomSeed());
}

async function copy(words, what) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {  // without leave, or from a file in some browsers
    const area = document.createElement("textarea"), focused = document.activeElement;
    area.value = words;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus();
  }
  announce(`${what} copied`);
  const button = $("copy"), before = button.textContent;
  if (before === "Copied") return;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1400);
}

function save(words) {
  const name = document.title.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  const address = URL.createObjectURL(new Blob([words], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name || facts.kind}.txt`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A slider and the number beside it say the same.
function pair(slider, number) {
  slider.addEventListener("input", () => { number.value = slider.value; });
  number.addEventListener("input", () => { if (number.value) slider.value = number.value; });
}

let running = null;

// Carries out `work`, which gets a signal that ends it, in place of what ran before, and tells what goes wrong.
async function run(work) {
  running?.abort();
  const mine = running = new AbortController();
  $("problem").textContent = "";
  $("stop").hidden = false;
  $("results").setAttribute("aria-busy", "true");
  try {
    await work(mine.signal);
  } catch (error) {
    if (running === mine) $("problem").textContent = sentence(error.parts ? inWords(error.parts) : error.message);
  }
  if (running !== mine) return;
  if (document.activeElement === $("stop")) $("ask").querySelector(".primary").focus();
  $("stop").hidden = true;
  $("results").removeAttribute("aria-busy");
}

function start(make) {
  $("model-name").textContent = `The model: ${facts.model}.`;
  pair($("temperature"), $("temperature-number"));
  $("label-field").hidden = facts.labels.length === 0;
  for (const label of facts.labels) $("label").append(new Option(label, label));
  $("stop").addEventListener("click", () => running?.abort());
  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    make();
  });
}

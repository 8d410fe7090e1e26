// The page of a model of names.

let names = [];

$("about").textContent = `New names in the style of the ${facts.documents.toLocaleString("en")} names of the training list.`;

function make({ quietly = false } = {}) {
  return run(async (signal) => {
    const seed = seedIn(), found = names = [];
    $("results").replaceChildren();
    $("empty").hidden = true;
    $("remarks").textContent = "";
    for (const id of ["copy", "save"]) $(id).disabled = true;
    const told = await client.ask("sample", {
      seed,
      n: numberIn("count") ?? 20,
      prefix: $("prefix").value,
      suffix: $("suffix").value,
      minLength: numberIn("min-length"),
      maxLength: numberIn("max-length"),
      temperature: numberIn("temperature-number") ?? 1,
      label: $("label").value,
    }, (part) => {
      if (found !== names) return;
      for (const name of part) {
        const item = document.createElement("li");
        item.dir = "auto";
        item.textContent = name;
        $("results").append(item);
      }
      found.push(...part);
      $("results-title").textContent = counted(found.length, "name");
      for (const id of ["copy", "save"]) $(id).disabled = false;
    }, signal).finally(() => {
      if (found !== names || found.length) return;
      $("results-title").textContent = "Names";
      $("empty").textContent = "The names come here.";
      $("empty").hidden = false;
    });
    if (found !== names) return;
    if (!found.length && !told.stopped) {
      $("empty").textContent = "No name was found. Loosen the constraints, or make it more daring.";
    }
    const remarks = [`seed ${seed}`, ...remarksOf(told, found.length)];
    $("remarks").textContent = remarks.map(sentence).join(" ");
    if (quietly) return;
    $("results-title").scrollIntoView({ block: "nearest" });
    announce([counted(found.length, "name"), ...remarks.slice(1)].join(". "));
  });
}

// How the drawing went, in a few words, where there is something to say.
function remarksOf(told, found) {
  if (told.stopped) return ["stopped"];
  const remarks = [], asked = numberIn("count") ?? 20;
  if (told.probability > 0 && told.probability < 0.1) {
    const often = Number((1 / told.probability).toPrecision(2)).toLocaleString("en");
    remarks.push(`one name in about ${often} of this model is like that`);
  }
  if (found < asked) {
    const reasons = [
      [told.known, "are in the training list"],
      [told.repeated, "came again"],
      [told.tooLong, "were too long"],
      [told.empty, "were empty, or began or ended with a space"],
      [told.unmet, told.probability === null ? "were not in Unicode normal form (NFC)" : "did not satisfy the constraints"],
    ].filter(([count]) => count).map(([count, why]) => `${count.toLocaleString("en")} ${why}`);
    if (told.givenUp) reasons.push("and the search stopped at its limit");
    remarks.push(`of ${told.drawn.toLocaleString("en")} tried, ${reasons.join(", ") || "none was wanted"}`);
  }
  return remarks;
}

$("copy").addEventListener("click", () => copy(names.join("\n"), counted(names.length, "name")));
$("save").addEventListener("click", () => save(names.map((name) => `${name}\n`).join("")));
start(make);
make({ quietly: true });

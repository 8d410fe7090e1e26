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
      min_length: numberIn("min-length"),
      max_length: numberIn("max-length"),
      temperature: numberIn("temperature-number") ?? 1,
      label: $("label").value,
    }, (part) => {
      if (found !== names) return;
      for (const { text: name } of part) {
        const item = document.createElement("li");
        item.dir = "auto";
        item.textContent = name;
        $("results").append(item);
      }
      found.push(...part.map(({ text }) => text));
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
    const remarks = [`seed ${seed}`, ...(told.stopped ? ["stopped"] : told.remark_parts.map(inWords))];
    $("remarks").textContent = remarks.map(sentence).join(" ");
    if (quietly) return;
    $("results-title").scrollIntoView({ block: "nearest" });
    announce([counted(found.length, "name"), ...remarks.slice(1)].join(". "));
  });
}

$("copy").addEventListener("click", () => copy(names.join("\n"), counted(names.length, "name")));
$("save").addEventListener("click", () => save(names.map((name) => `${name}\n`).join("")));
start(make);
make({ quietly: true });

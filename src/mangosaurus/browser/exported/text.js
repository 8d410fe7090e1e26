// The page of a model of texts.

let given = "", written = "";

$("about").textContent = `Type a beginning. The model continues it, one ${facts.unit} at a time.`;

function make() {
  return run(async (signal) => {
    const seed = seedIn(), sheet = $("results"), start = document.createElement("span");
    given = $("prompt").value;
    written = "";
    start.className = "given";
    start.textContent = given;
    const going = document.createTextNode("");
    sheet.replaceChildren(start, going);
    sheet.classList.add("writing");
    $("remarks").textContent = `Seed ${seed}.`;
    $("more").disabled = true;
    for (const id of ["copy", "save"]) $(id).disabled = false;
    const told = await client.ask("write", {
      seed,
      prompt: given,
      length: numberIn("length") ?? 400,
      temperature: numberIn("temperature-number") ?? 0.7,
      until: $("until").value.replaceAll("\\n", "\n"),
      label: $("label").value,
      fold: true,
    }, (part) => {
      if (!going.isConnected) return;
      going.appendData(part.join(""));
      written = going.data;
    }, signal).finally(() => {
      if (going.isConnected) sheet.classList.remove("writing");
    });
    if (!going.isConnected) return;
    $("more").disabled = false;
    announce(told.stopped ? "Stopped" : `${counted(told.drawn, facts.unit)} written`);
  });
}

$("copy").addEventListener("click", () => copy(given + written, "The text"));
$("save").addEventListener("click", () => save(`${given}${written}\n`));
$("more").addEventListener("click", () => {
  $("prompt").value = given + written;
  make();
});
start(make);
make();

// The page of a model of names.

import { $, joinPairs } from "../controls/dom.js";
import { openModel, startNames } from "../controls/names.js";
import { startTheme } from "../controls/themes.js";
import { workerSource } from "../controls/worker_source.js";
import { words } from "../controls/words.js";
import { engine, facts } from "./client.js";

const model = {
  id: "",
  name: document.title,
  labels: Object.fromEntries(facts.labels.map((label) => [label, null])),
  longest: facts.longest,
};

$("about").textContent = words("in-the-style", { n: facts.documents });
$("model-name").textContent = words("the-model", { what: facts.model });
joinPairs();
startTheme();
startNames();
openModel(model, workerSource(engine, {}));

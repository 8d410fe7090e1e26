// The start of the page: the views, the theme, and the first requests.

import { call, takeToken } from "./api.js";
import { $, complain, joinPairs } from "../controls/dom.js";
import { about, offer, refresh } from "./models.js";
import { browserSource } from "./at_once.js";
import { closeModel, openModel, startNames } from "../controls/names.js";
import { limitList } from "../controls/preview.js";
import { offerActions, server, startActions } from "./source.js";
import { startTheme } from "../controls/themes.js";
import { hasLooked, look, lookAt, prepareSurprise, startSurprise } from "./surprise.js";
import { limitText, startText } from "./text.js";
import { startTraining } from "./training.js";
import { words } from "../controls/words.js";

const TITLES = { names: words("names"), text: words("a-text"), surprise: words("surprise") };

/** Shows the view that the address names, and moves the focus to its heading if the user `moved` there. */
function route(moved) {
  const [name, query] = location.hash.slice(1).split("?");
  const view = name in TITLES ? name : "names";
  for (const section of document.querySelectorAll(".view")) section.hidden = section.id !== view;
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${TITLES[view]} – Mangosaurus`;
  if (moved) {
    scrollTo(0, 0);
    $(`${view}-title`).focus({ preventScroll: true });
  }
  if (view !== "surprise") return;
  const asked = new URLSearchParams(query);
  if (asked.has("text")) lookAt({ model: asked.get("model"), text: asked.get("text") });
  else if (!hasLooked()) look({ quietly: true });
}

/** Another model of names is chosen; there may be none. */
function chosen(model) {
  $("names-about").textContent = about(model);
  offerActions(model);
  if (model) openModel(model, model.source === "here" ? browserSource : server);
  else closeModel();
}

async function begin() {
  try {
    const { version, limits, shades } = await call("GET", "api/about");
    $("version").textContent = `Mangosaurus ${version}`;
    limitList(limits.corpus_bytes);
    limitText(limits);
    prepareSurprise({ limits, shades });
    $("count").max = limits.names;
    await refresh();
    route(false);
  } catch (error) {
    complain($("banner"), error);
  }
}

takeToken();
joinPairs();
startTheme();
startNames();
startActions();
offer($("names-model"), "names", chosen);
startText();
startSurprise();
startTraining();
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the hash names the view
  $("main").focus();
});
document.addEventListener("invalid", (event) => event.target.closest("details")?.setAttribute("open", ""), true);
addEventListener("hashchange", () => route(true));
route(false);
begin();

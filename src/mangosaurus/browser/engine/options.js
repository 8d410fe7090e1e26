// What may be asked of names, read and checked: generation/constraints/options.py, generation/parameters.py and the verbs
// of api/model.py. All have Python's names; what is null was not asked for.

const MOST_NAMES = 10_000;  // that a page can be asked for
const SEVERAL = ["prefix", "suffix", "contains", "pattern", "not_pattern"];
const WHETHER = ["ignore_case", "avoid_parts", "exact", "clean", "allow_known", "allow_duplicates", "diverse"];
const NUMBERS = ["n", "min_length", "max_length", "max_repeat", "not_like", "top_k", "top_p", "min_p", "temperature"];
const WHOLE = ["n", "min_length", "max_length", "max_repeat", "not_like", "top_k"];
const CASES = ["title", "upper", "lower", "list"];
const OPTIONS = [...NUMBERS, ...SEVERAL, "length", "without", "avoid", ...WHETHER, "case", "method", "seed", "label"];

// What is asked of names, with Python's defaults; texts are as `asRead` reads them.
function readOptions(given, asRead) {
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
  const stranger = Object.keys(asked).find((name) => !OPTIONS.includes(name));
  if (stranger !== undefined) {
    const others = OPTIONS.flatMap((name, place) => (place ? [", ", named(name)] : [named(name)]));
    throw new Refusal(`there is no option ${quoted(stranger)}; the options are `, ...others);
  }
  const found = { n: 20, temperature: 1, without: "", avoid: [], ...asked };
  checkKinds(asked);
  for (const name of SEVERAL) found[name] = several(asked[name] ?? []);
  for (const name of ["prefix", "suffix"]) found[name] = [...new Set(found[name].filter(Boolean))];
  readLengths(found);
  checkNumbers(found);
  if (found.clean) throw Refusal.of("{clean} needs lists of rude words, which a page does not have");
  if (found.method !== undefined && found.method !== "independent") {
    throw Refusal.of("{method} is {}; a page draws names by the method independent alone", quoted(String(found.method)));
  }
  if (!asked.avoid && (found.avoid_parts || found.exact)) {
    throw Refusal.of("{} needs {avoid}, the names to look for", named(found.avoid_parts ? "avoid_parts" : "exact"));
  }
  found.avoid = several(found.avoid).map(asRead.text);
  const texts = [...SEVERAL.flatMap((name) => found[name]), found.without].join("");
  if (found.ignore_case && !found.exact && !texts) {
    throw Refusal.of("{ignore_case} has no effect here: it goes with {prefix}, {suffix} and other texts");
  }
  if (found.diverse && found.allow_duplicates) {
    throw Refusal.of("{allow_duplicates} keeps repeated names, and {diverse} leaves them out: choose one");
  }
  if (found.case !== undefined && !CASES.includes(found.case)) {
    throw Refusal.of("{case} is {}; it must be {}", quoted(String(found.case)), CASES.join(" or "));
  }
  if (found.allow_known && found.not_like !== undefined) {
    throw Refusal.of("{allow_known} keeps the names of the training list, and {not_like} leaves them out: choose one");
  }
  found.seed = checkedSeed(found.seed);
  // In any case: no text tells capitals from small letters.
  if (found.case !== undefined && (found.exact || texts)) found.ignore_case = true;
  for (const name of ["prefix", "suffix", "contains"]) found[name] = found[name].map(asRead.text);
  for (const name of ["pattern", "not_pattern"]) found[name] = found[name].map(asRead.pattern);
  found.without = asRead.text(found.without);
  if (asRead.lowered) found.ignore_case = false;  // all is in small letters
  return found;
}

const several = (texts) => (typeof texts === "string" ? [texts] : [...texts]);

// Refuses a value of another kind than the option has.
function checkKinds(asked) {
  for (const [name, value] of Object.entries(asked)) {
    const texts = Array.isArray(value) && value.every((each) => typeof each === "string");
    if ((SEVERAL.includes(name) || name === "avoid") && typeof value !== "string" && !texts) {
      throw Refusal.of("{} is to be a text or a list of texts", named(name));
    }
    if (name === "without" && typeof value !== "string") throw Refusal.of("{without} is to be a text");
    if (WHETHER.includes(name) && typeof value !== "boolean") throw Refusal.of("{} is to be true or false", named(name));
    if (NUMBERS.includes(name) && !(WHOLE.includes(name) ? Number.isInteger(value) : typeof value === "number")) {
      throw Refusal.of("{} is to be a {}number", named(name), WHOLE.includes(name) ? "whole " : "");
    }
  }
}

function readLengths(found) {
  if (found.length !== undefined) {
    if (found.min_length !== undefined || found.max_length !== undefined) {
      throw Refusal.of("{length} sets both ends; leave out {min_length} and {max_length}");
    }
    const length = String(found.length);
    const ends = /^\s*(?:([0-9]{1,9})|([0-9]{0,9})\s*\.\.\s*([0-9]{0,9}))\s*$/.exec(length);
    if (!ends || !(ends[1] || ends[2] || ends[3])) {
      throw Refusal.of("{length} is {}; write 6..12, or 6.. or ..12 for one end, or one number for both", quoted(length));
    }
    const [least, most] = ends[1] ? [ends[1], ends[1]] : [ends[2], ends[3]];
    if (least) found.min_length = Number(least);
    if (most) found.max_length = Number(most);
  }
  const { min_length: least = null, max_length: most = null } = found;
  for (const [name, length, first] of [["min_length", least, 0], ["max_length", most, 1]]) {
    if (length !== null && (length < first || length > LARGEST_LENGTH)) {
      throw Refusal.of("{} is {}; it must be from {} to {}", named(name), String(length), first, LARGEST_LENGTH);
    }
  }
  if (least !== null && most !== null && least > most) {
    throw Refusal.of("{min_length} is {} and {max_length} is {}; no name has both", String(least), String(most));
  }
}

function checkNumbers(found) {
  checkedTemperature(found.temperature);
  if (!(found.n >= 1 && found.n <= MOST_NAMES)) throw Refusal.of("{n} is {}; it must be from 1 to {}", String(found.n), MOST_NAMES);
  for (const name of ["max_repeat", "top_k"]) {
    if (found[name] < 1) throw Refusal.of("{} is {}; it must be 1 or more", named(name), String(found[name]));
  }
  if (found.not_like < 1) throw Refusal.of("{not_like} is {}; it must be 1 or more edits", String(found.not_like));
  if (found.top_p !== undefined && !(found.top_p > 0 && found.top_p <= 1)) {
    throw Refusal.of("{top_p} is {}; it must be above 0 and at most 1", String(found.top_p));
  }
  if (found.min_p !== undefined && !(found.min_p >= 0 && found.min_p <= 1)) {
    throw Refusal.of("{min_p} is {}; it must be from 0 to 1", String(found.min_p));
  }
  for (const [name, off] of [["top_k", null], ["top_p", 1], ["min_p", 0]]) {
    if (found.temperature === 0 && found[name] !== undefined && found[name] !== off) {
      const why = "{} is {}, but {temperature} 0 always picks the most probable character: leave one out";
      throw Refusal.of(why, named(name), String(found[name]));
    }
  }
}

function checkedTemperature(temperature) {
  if (typeof temperature === "number" && temperature >= 0 && temperature < Infinity) return temperature;
  const why = "{temperature} is {}; it must be 0 (always the most probable character) or more; 1 changes nothing";
  throw Refusal.of(why, String(temperature));
}

// A seed may be a whole number, or a string of digits where it is beyond 2^53.
function checkedSeed(seed) {
  const digits = String(seed ?? "").trim();
  if (/^\d{1,20}$/.test(digits) && BigInt(digits) <= LARGEST_SEED) return BigInt(digits);
  throw Refusal.of("{seed} is {}; it must be from 0 to {}", quoted(digits), BigInt(LARGEST_SEED).toLocaleString("en"));
}

// Whether an automaton is needed: for all but prefixes, a maximum length and not_like.
function needAutomaton({ suffix, contains, pattern, not_pattern: refused, min_length: least, without, max_repeat: runs, avoid, exact }) {
  return [suffix, contains, pattern, refused, avoid].some((texts) => texts.length) || without !== "" || Boolean(exact)
    || least !== undefined || runs !== undefined;
}

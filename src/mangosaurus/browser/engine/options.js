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
    const options = listed(OPTIONS.map((name) => named(name)), "comma");
    throw new Refusal("no-such-option", { name: quoted(stranger), options });
  }
  const found = { n: 20, temperature: 1, without: "", avoid: [], ...asked };
  checkKinds(asked);
  for (const name of SEVERAL) found[name] = several(asked[name] ?? []);
  for (const name of ["prefix", "suffix"]) found[name] = [...new Set(found[name].filter(Boolean))];
  readLengths(found);
  checkNumbers(found);
  if (found.clean && !asRead.clean) throw new Refusal("needs-rude-words");
  if (found.method !== undefined && found.method !== "independent") {
    throw new Refusal("only-independent", { value: quoted(String(found.method)) });
  }
  if (!asked.avoid && (found.avoid_parts || found.exact)) {
    throw new Refusal("needs-avoid", { option: named(found.avoid_parts ? "avoid_parts" : "exact") });
  }
  found.avoid = several(found.avoid).map(asRead.text);
  found.keepsOut = ["avoid", "clean"].filter((name) => (name === "clean" ? found.clean : found.avoid.length));
  const texts = [...SEVERAL.flatMap((name) => found[name]), found.without].join("");
  if (found.ignore_case && !found.exact && !texts) {
    throw new Refusal("ignores-nothing");
  }
  if (found.diverse && found.allow_duplicates) {
    throw new Refusal("duplicates-or-diverse");
  }
  if (found.case !== undefined && !CASES.includes(found.case)) {
    throw new Refusal("no-such-case", { value: quoted(String(found.case)), cases: CASES.join(textOf("or")) });
  }
  if (found.allow_known && found.not_like !== undefined) {
    throw new Refusal("known-or-not-like");
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
      throw new Refusal("must-be-texts", { option: named(name) });
    }
    if (name === "without" && typeof value !== "string") throw new Refusal("without-is-text");
    if (WHETHER.includes(name) && typeof value !== "boolean") {
      throw new Refusal("must-be-true-or-false", { option: named(name) });
    }
    if (NUMBERS.includes(name) && !(WHOLE.includes(name) ? Number.isInteger(value) : typeof value === "number")) {
      throw new Refusal(WHOLE.includes(name) ? "must-be-whole" : "must-be-number", { option: named(name) });
    }
  }
}

function readLengths(found) {
  if (found.length !== undefined) {
    if (found.min_length !== undefined || found.max_length !== undefined) {
      throw new Refusal("length-sets-both");
    }
    const length = String(found.length);
    const ends = /^\s*(?:([0-9]{1,9})|([0-9]{0,9})\s*\.\.\s*([0-9]{0,9}))\s*$/.exec(length);
    if (!ends || !(ends[1] || ends[2] || ends[3])) {
      throw new Refusal("no-length", { value: quoted(length) });
    }
    const [least, most] = ends[1] ? [ends[1], ends[1]] : [ends[2], ends[3]];
    if (least) found.min_length = Number(least);
    if (most) found.max_length = Number(most);
  }
  const { min_length: least = null, max_length: most = null } = found;
  for (const [name, length, first] of [["min_length", least, 0], ["max_length", most, 1]]) {
    if (length !== null && (length < first || length > LARGEST_LENGTH)) {
      throw new Refusal("must-be-within", { option: named(name), value: String(length), least: first, most: LARGEST_LENGTH });
    }
  }
  if (least !== null && most !== null && least > most) {
    throw new Refusal("no-name-has-both", { least: String(least), most: String(most) });
  }
}

function checkNumbers(found) {
  checkedTemperature(found.temperature);
  if (!(found.n >= 1 && found.n <= MOST_NAMES)) {
    throw new Refusal("must-be-within", { option: named("n"), value: String(found.n), least: 1, most: MOST_NAMES });
  }
  for (const name of ["max_repeat", "top_k"]) {
    if (found[name] < 1) throw new Refusal("must-be-one", { option: named(name), value: String(found[name]) });
  }
  if (found.not_like < 1) throw new Refusal("must-be-edits", { value: String(found.not_like) });
  if (found.top_p !== undefined && !(found.top_p > 0 && found.top_p <= 1)) {
    throw new Refusal("must-be-share", { value: String(found.top_p) });
  }
  if (found.min_p !== undefined && !(found.min_p >= 0 && found.min_p <= 1)) {
    throw new Refusal("must-be-within", { option: named("min_p"), value: String(found.min_p), least: 0, most: 1 });
  }
  for (const [name, off] of [["top_k", null], ["top_p", 1], ["min_p", 0]]) {
    if (found.temperature === 0 && found[name] !== undefined && found[name] !== off) {
      throw new Refusal("temperature-is-zero", { option: named(name), value: String(found[name]) });
    }
  }
}

function checkedTemperature(temperature) {
  if (typeof temperature === "number" && temperature >= 0 && temperature < Infinity) return temperature;
  throw new Refusal("no-temperature", { value: String(temperature) });
}

// A seed may be a whole number, or a string of digits where it is beyond 2^53.
function checkedSeed(seed) {
  const digits = String(seed ?? "").trim();
  if (/^\d{1,20}$/.test(digits) && BigInt(digits) <= LARGEST_SEED) return BigInt(digits);
  throw new Refusal("must-be-within", { option: named("seed"), value: quoted(digits), least: 0, most: BigInt(LARGEST_SEED) });
}

// Whether an automaton is needed: for all but prefixes, a maximum length and not_like.
function needAutomaton(wanted) {
  const { suffix, contains, pattern, not_pattern: refused, avoid, without, exact, clean, min_length: least, max_repeat: runs } = wanted;
  return [suffix, contains, pattern, refused, avoid].some((texts) => texts.length) || without !== ""
    || Boolean(exact || clean) || least !== undefined || runs !== undefined;
}

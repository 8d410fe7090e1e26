// All that the engine says to readers, from the tables of words/LANGUAGE.json: WORDS has them by language. A message is a
// list of texts and options; every page names an option as its form does.

let spoken = "en";

// From now on, all is said in a language of WORDS. The page says which.
function speak(language) {
  spoken = language;
}

// The name of an option in a message, or one value of it.
const named = (option, value = null) => ({ option, value });

// The message of a key, with `places` in its {places}: texts, numbers, options and other messages. One that is not given
// is an option, such as {max_length}, or one value of it, such as {format=names}. `n` chooses among forms.
function say(key, places = {}) {
  const parts = wordsFor(WORDS, spoken, key, places.n).split(/\{(\w+(?:=\w+)?)\}/);
  return merged(parts.flatMap((part, place) => {
    if (place % 2 === 0) return [part];
    if (part in places) return [places[part]].flat();
    const [option, value] = part.split("=");
    return [named(option, /^(\d+|true|false)$/.test(value) ? JSON.parse(value) : value)];
  }));
}

// The same as one text, with options as HTTP names them.
const textOf = (key, places) => spelled(say(key, places));

// A message in which no two texts follow each other; numbers become text.
function merged(message) {
  const found = [];
  for (const part of message) {
    const text = typeof part === "object" ? null : typeof part === "string" ? part : counting(part);
    if (text === "") continue;
    if (text !== null && typeof found.at(-1) === "string") found[found.length - 1] += text;
    else found.push(text ?? part);
  }
  return found;
}

// A message as a client of HTTP reads it.
function spelled(message) {
  return message.map((part) => {
    if (typeof part === "string") return part;
    return part.value === null ? part.option : `${part.option}=${JSON.stringify(part.value)}`;
  }).join("");
}

// Its parts, as HTTP sends them.
function partsOf(message) {
  return message.map((part) => (typeof part === "string" ? { text: part } : part));
}

// Messages as a list in words, such as `a, b and c`.
function listed(messages, last = "and") {
  return merged(messages.flatMap((each, place) => (
    place ? [...say(place === messages.length - 1 ? last : "comma"), ...[each].flat()] : each)));
}

// Numbers are written as the language writes them.
const counting = (number, digits) => number.toLocaleString(spoken, { minimumFractionDigits: digits, maximumFractionDigits: digits });

// A text in quotes, not too long.
function quoted(text, most = 40) {
  const letters = Array.from(text);
  return `'${letters.slice(0, most).join("")}${letters.length > most ? "…" : ""}'`;
}

// What cannot be done, in a sentence: core/errors.py. A message is a list of texts and options, which every page names as
// its form does.

// The name of an option in a message, or one value of it.
const named = (option, value = null) => ({ option, value });

// A message as a client of HTTP reads it.
function spelled(message) {
  return message.map((part) => {
    if (typeof part === "string") return part;
    return part.value === null ? part.option : `${part.option}=${JSON.stringify(part.value)}`;
  }).join("");
}

// Its parts, as HTTP sends them.
function partsOf(message) {
  return message.filter((part) => part !== "").map((part) => (typeof part === "string" ? { text: part } : part));
}

// An error whose message is the answer.
class Refusal extends Error {
  constructor(...message) {
    super(spelled(message));
    this.parts = partsOf(message);
  }

  // The refusal with an option for each {name} of the template, and the values for each {} in turn.
  static of(template, ...values) {
    return new Refusal(...template.split(/(\{\w*\})/).map((part) => {
      if (part === "{}") {
        const value = values.shift();
        return typeof value === "object" ? value : counting(value);
      }
      return /^\{/.test(part) ? named(part.slice(1, -1)) : part;
    }));
  }
}

// A number with commas between thousands; anything else as text.
function counting(value) {
  return Number.isInteger(value) ? value.toLocaleString("en") : String(value);
}

// A text in quotes, not too long.
function quoted(text, most = 40) {
  const letters = Array.from(text);
  return `'${letters.slice(0, most).join("")}${letters.length > most ? "…" : ""}'`;
}

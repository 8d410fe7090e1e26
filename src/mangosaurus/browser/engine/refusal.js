// What cannot be done, in a sentence: core/errors.py.

// An error whose message is the answer: that of a key of the tables of words, or one that is made.
class Refusal extends Error {
  constructor(key, places) {
    const said = typeof key === "string" ? say(key, places) : merged(key);
    super(spelled(said));
    Object.assign(this, { said, parts: partsOf(said) });
  }
}

// Storage of the browser: "local" stays, "session" is this tab's. If both are blocked, values last as long as the page.

const memory = new Map();

export function read(kind, key) {
  try {
    return window[`${kind}Storage`].getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

/** The keys of all values, also of earlier visits. */
export function keys(kind) {
  try {
    return Object.keys(window[`${kind}Storage`]);
  } catch {
    return [...memory.keys()];
  }
}

/** `null` removes the value. */
export function keep(kind, key, value) {
  memory.set(key, value);
  try {
    const storage = window[`${kind}Storage`];
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    // `memory` has it.
  }
}

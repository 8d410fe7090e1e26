// What the browser keeps: "local" for good, "session" for this tab. Where it may keep nothing, as long as the page lasts.

const memory = new Map();

export function read(kind, key) {
  try {
    return window[`${kind}Storage`].getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

/** `null` forgets. */
export function keep(kind, key, value) {
  memory.set(key, value);
  try {
    const storage = window[`${kind}Storage`];
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    // The memory has it.
  }
}

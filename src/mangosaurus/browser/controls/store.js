// Storage of the browser: "local" stays, "session" is this tab's. What it does not take, because it is blocked or full,
// lasts as long as the page.

const memory = new Map();

export function read(kind, key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return window[`${kind}Storage`].getItem(key);
  } catch {
    return null;
  }
}

/** The keys of all values, also of earlier visits. */
export function keys(kind) {
  let kept = [];
  try {
    kept = Object.keys(window[`${kind}Storage`]);
  } catch {
    // Blocked.
  }
  return [...new Set([...kept, ...memory.keys()])].filter((key) => read(kind, key) !== null);
}

/** Whether the browser keeps anything of the page: it may be full, but it is not blocked. */
export function keepsAnything(kind) {
  try {
    const storage = window[`${kind}Storage`];
    if (!storage.length) storage.setItem("mangosaurus.try", "");
    return storage.length > 0;
  } catch {
    return false;
  }
}

/** Moves a value to another key; false, and nothing is moved, if there is no room for a longer key. */
export function move(kind, from, to) {
  const value = read(kind, from);
  if (value === null) return true;
  keep(kind, from, null); // first, because there may be no room for both
  if (!keep(kind, to, value) && keep(kind, from, value)) {
    keep(kind, to, null);
    return false;
  }
  keep(kind, from, null);
  return true;
}

/** `null` removes the value. False if it lasts only as long as the page. */
export function keep(kind, key, value) {
  memory.delete(key);
  try {
    const storage = window[`${kind}Storage`];
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
    return true;
  } catch {
    memory.set(key, value);
    return false;
  }
}

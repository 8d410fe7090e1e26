// Requests and responses: JSON, files, and events.

import { sentence } from "../controls/dom.js";
import { withoutOptions } from "../controls/forms.js";
import { keep, read } from "../controls/store.js";
import { words } from "../controls/words.js";

const TOKEN = "mangosaurus.token";

/** An error response: its message is a sentence for users, and `parts` are text and options, if it is about options. */
export class Problem extends Error {
  constructor(status, detail, parts) {
    super(detail);
    this.status = status;
    this.parts = parts;
  }
}

/** Moves the token from the address, where others may see it, to the storage of this tab. */
export function takeToken() {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  if (token === null) return;
  keep("session", TOKEN, token);
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

async function send(method, path, { body, type = "application/json", signal } = {}) {
  const headers = {};
  const token = read("session", TOKEN);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = type;
  let answer;
  try {
    const sent = type === "application/json" && body !== undefined ? JSON.stringify(body) : body;
    answer = await fetch(path, { method, headers, body: sent, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, words("server-gone"));
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  const detail = told.detail || words("server-answered", { status: String(answer.status) });
  throw new Problem(answer.status, sentence(withoutOptions(detail)), told.parts);
}

export async function call(method, path, body, options = {}) {
  const answer = await send(method, path, { ...options, body });
  return answer.status === 204 ? null : answer.json();
}

/** Options as a query. */
export function queryOf(options) {
  return new URLSearchParams(Object.entries(options).flatMap(([option, value]) => [value].flat().map((each) => [option, each])));
}

export async function file(path) {
  return (await send("GET", path)).blob();
}

/** The server-sent events of a response, as {event, data}. Leaving the loop or aborting the signal ends the request. */
export async function* events(method, path, body, signal) {
  const answer = await send(method, path, { body, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      held = (held + value).replaceAll("\r\n", "\n");
      for (let end = held.indexOf("\n\n"); end >= 0; end = held.indexOf("\n\n")) {
        const event = parse(held.slice(0, end));
        held = held.slice(end + 2);
        if (event) yield event;
      }
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, words("connection-lost"));
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}

// A list as a link: in the part of the address that no browser sends to anybody. Compressed JSON, in base64 for addresses.

const MARK = "#list=";
const LONGEST_LINK = 8_000; // characters, which mail and chat programs pass on
const LARGEST_SHARED = 1_000_000; // bytes that a link may unpack to

/** What is after the address of a page that opens the list {name, text, options}; null where that is too long. */
export async function linkTo({ name, text, options }) {
  const packed = await through(new CompressionStream("deflate"), new TextEncoder().encode(JSON.stringify({ name, text, options })));
  const link = MARK + toBase64(packed).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return link.length <= LONGEST_LINK ? link : null;
}

/** The part of an address, or of a text that is one, that is a link to a list; null where there is none. */
export function linkIn(text) {
  const found = /^\S*?(#list=[\w-]*)\s*$/.exec(text);
  return found && found[1];
}

/** The list of a link. Throws an error where the link is damaged. */
export async function listOf(link) {
  const base64 = link.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const unpacked = await through(new DecompressionStream("deflate"), bytes, LARGEST_SHARED);
  const { name, text, options = {} } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unpacked));
  if (typeof name !== "string" || typeof text !== "string" || typeof options !== "object") throw new TypeError("no list");
  return { name: name.slice(0, 60), text, options: { ...options } };
}

/** The bytes that come out of a stream of the browser, which are `most` at most. */
export async function through(stream, bytes, most = Infinity) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  for (let size = 0; ;) {
    const { value, done } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    size += value.length;
    if (size <= most) continue;
    await reader.cancel();
    throw new RangeError("size");
  }
}

export function toBase64(bytes) {
  const parts = [];
  for (let place = 0; place < bytes.length; place += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(place, place + 0x8000)));
  }
  return btoa(parts.join(""));
}

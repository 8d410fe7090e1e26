// The bytes of a file become text, and the encodings that a page knows: data/decoding.py. TextDecoder reads most of
// them, though it takes Latin-1 and ASCII for cp1252, and bytes that have no character for control characters.

// Python's names of encodings, without spaces and hyphens, with what TextDecoder calls them. The first name of a row is shown.
const ENCODING_NAMES = `
  utf-8-sig=utf-8 utf8 utf8sig u8 | utf-16=utf-16 utf16 u16 | utf-16-le=utf-16le utf16le | utf-16-be=utf-16be utf16be
  utf-32=own utf32 u32 | utf-32-le=own utf32le | utf-32-be=own utf32be | ascii=own ascii usascii 646
  latin-1=own latin1 iso88591 8859 l1 cp819 latin | cp437=own cp437 437 ibm437 | cp850=own cp850 850 ibm850
  cp1250=windows-1250 cp1250 windows1250 1250 | cp1251=windows-1251 cp1251 windows1251 1251
  cp1252=own cp1252 windows1252 1252 | cp1253=windows-1253 cp1253 windows1253 1253
  cp1254=windows-1254 cp1254 windows1254 1254 | cp1255=windows-1255 cp1255 windows1255 1255
  cp1256=windows-1256 cp1256 windows1256 1256 | cp1257=windows-1257 cp1257 windows1257 1257
  cp1258=windows-1258 cp1258 windows1258 1258 | cp874=windows-874 cp874 tis620 iso885911
  cp866=ibm866 cp866 866 ibm866 | koi8-r=koi8-r koi8r | koi8-u=koi8-u koi8u | mac-roman=macintosh macroman macintosh
  iso8859-2=iso-8859-2 iso88592 latin2 l2 | iso8859-3=iso-8859-3 iso88593 latin3 l3
  iso8859-4=iso-8859-4 iso88594 latin4 l4 | iso8859-5=iso-8859-5 iso88595 cyrillic
  iso8859-6=iso-8859-6 iso88596 arabic | iso8859-7=iso-8859-7 iso88597 greek greek8
  iso8859-8=iso-8859-8 iso88598 hebrew | iso8859-9=windows-1254 iso88599 latin5 l5
  iso8859-10=iso-8859-10 iso885910 latin6 l6 | iso8859-13=iso-8859-13 iso885913 latin7 l7
  iso8859-14=iso-8859-14 iso885914 latin8 l8 | iso8859-15=iso-8859-15 iso885915 latin9 l9
  cp932=shift_jis cp932 932 ms932 mskanji windows31j | shift_jis=shift_jis shiftjis sjis csshiftjis
  euc_jp=euc-jp eucjp ujis | iso2022_jp=iso-2022-jp iso2022jp | gb18030=gb18030 gb18030
  gbk=gbk gbk cp936 936 | gb2312=gbk gb2312 chinese euccn | big5=big5 big5 cp950 950 big5hkscs | euc_kr=euc-kr euckr cp949 949 uhc
`;
const ENCODINGS = new Map(ENCODING_NAMES.trim().split(/\n|\|/).flatMap((row) => {
  const [[name, decoder], ...spellings] = row.trim().split(/\s+/).map((each, place) => (place ? each : each.split("=")));
  return [...spellings, name.replace(/[-_]/g, "")].map((each) => [each, { name, decoder }]);
}));
// The bytes from 128. Node.js has taken cp1252 for Latin-1.
const OWN_TABLES = {
  cp1252: "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ",
  cp437: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  cp850: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
};
const FIRST_OWN = 0x80, AFTER_CONTROLS = 0xa0;
// Where Python and TextDecoder read a character of Japanese encodings differently.
const PYTHON_JAPANESE = { "～": "〜", "－": "−", "∥": "‖", "￠": "¢", "￡": "£", "￢": "¬" };
// Where browsers do not agree on a byte, what Python has.
const PYTHON_BYTES = {
  cp1253: { 0xaa: "\ufffd" }, cp1255: { 0xca: "\ufffd" }, "koi8-u": { 0xae: "╝", 0xbe: "╬" },
};
const tablesOfBytes = new Map(), placesInTables = new Map();

// The name of an encoding, as Python finds it. Refuses one that this page does not know.
function encodingNamed(asked) {
  const found = ENCODINGS.get(asked.toLowerCase().replace(/[\s_.-]/g, ""));
  if (found) return found.name;
  throw refusalOf("unknown-encoding", { asked: inQuotes(asked) });
}

const decoderOf = (name) => ENCODINGS.get(name.replace(/[-_]/g, "")).decoder;

// The 256 characters of an encoding of single bytes, U+FFFD for a byte that has none; null for other encodings.
function tableOfBytes(name) {
  if (!tablesOfBytes.has(name)) tablesOfBytes.set(name, madeTable(name));
  return tablesOfBytes.get(name);
}

function madeTable(name) {
  const codes = Array.from({ length: 256 }, (_, byte) => byte), decoder = decoderOf(name);
  if (name === "ascii") return codes.map((byte) => (byte < FIRST_OWN ? String.fromCharCode(byte) : LOST));
  if (name === "latin-1") return codes.map((byte) => String.fromCharCode(byte));
  if (OWN_TABLES[name]) return codes.map((byte) => (byte < FIRST_OWN ? "" : OWN_TABLES[name][byte - FIRST_OWN]) || String.fromCharCode(byte));
  if (decoder === "own" || /^(utf|shift|euc|iso-2022|gb|big5)/.test(decoder)) return null;
  const table = Array.from(new TextDecoder(decoder, { ignoreBOM: true }).decode(Uint8Array.from(codes)));
  const isControl = (byte) => byte >= FIRST_OWN && byte < AFTER_CONTROLS;
  if (name.startsWith("iso8859")) return table.map((each, byte) => (isControl(byte) ? String.fromCharCode(byte) : each));
  const undefinedByte = (each, byte) => (each === String.fromCharCode(byte) && isControl(byte)) || /[\uf8c1-\uf8c8]/.test(each);
  for (const [byte, character] of Object.entries(PYTHON_BYTES[name] ?? {})) table[byte] = character;
  return table.map((each, byte) => (undefinedByte(each, byte) ? LOST : each));
}

// The byte of a character; for a byte that has none, it is that of the control character of its number.
function byteIn(character, name) {
  if (!placesInTables.has(name)) {
    const characters = tableOfBytes(name).map((each, byte) => [each === LOST ? String.fromCharCode(byte) : each, byte]);
    placesInTables.set(name, new Map(characters));
  }
  return placesInTables.get(name).get(character);
}

// The text of bytes, without a byte order mark, with U+FFFD for what does not decode.
function decodedBytes(bytes, name) {
  const table = tableOfBytes(name);
  if (table) {
    const parts = [];
    for (let place = 0; place < bytes.length; place += 8192) {
      parts.push(Array.from(bytes.subarray(place, place + 8192), (byte) => table[byte]).join(""));
    }
    return parts.join("");
  }
  if (name.startsWith("utf-32")) return decodedFours(bytes, name);
  let decoder = decoderOf(name);
  if (name === "utf-16" && bytes[0] === 0xfe && bytes[1] === 0xff) decoder = "utf-16be";
  const text = new TextDecoder(decoder).decode(bytes);
  return /^(shift_jis|euc_jp|iso2022_jp)$/.test(name) ? text.replace(/[～－∥￠￡￢]/g, (each) => PYTHON_JAPANESE[each]) : text;
}

// UTF-32, which TextDecoder does not know.
function decodedFours(bytes, name) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), parts = [];
  const big = name.endsWith("be") || (name === "utf-32" && bytes[0] === 0 && bytes[2] === 0xfe);
  for (let place = 0; place < bytes.length; place += 4) {
    const code = place + 4 > bytes.length ? 0x110000 : view.getUint32(place, !big);
    parts.push(code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? LOST : String.fromCodePoint(code));
  }
  return parts.join("").replace(/^\ufeff/, "");
}

// The text of bytes in an encoding, and the numbers of lines that were left out. Refuses bytes that do not decode.
function decodedText(bytes, source, name, skipBadLines) {
  const text = decodedBytes(bytes, name);
  if (!text.includes(LOST)) return { text, badLines: [] };
  if (skipBadLines) {
    const lines = text.split("\n"), badLines = lines.flatMap((line, place) => (line.includes(LOST) ? [place + 1] : []));
    return { text: lines.filter((line) => !line.includes(LOST)).join("\n"), badLines };
  }
  const place = firstBadByte(bytes, name);
  if (place === null) return { text, badLines: [] }; // the sign itself stands in the file
  throw badByte(source, name === "utf-8-sig" ? "UTF-8" : name, bytes, place);
}

// Where the first bytes stand that do not decode; null if all do.
function firstBadByte(bytes, name) {
  const table = tableOfBytes(name);
  if (table) {
    const place = bytes.findIndex((byte) => table[byte] === LOST);
    return place < 0 ? null : place;
  }
  if (name.startsWith("utf-32")) return 0;
  const fits = (end, whole) => {
    try {
      new TextDecoder(decoderOf(name), { fatal: true }).decode(bytes.subarray(0, end), { stream: !whole });
      return true;
    } catch {
      return false;
    }
  };
  if (fits(bytes.length, true)) return null;
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (middle <= bytes.length && fits(middle, false)) good = middle;
    else bad = middle;
  }
  if (name !== "utf-8-sig") return Math.min(good, bytes.length - 1);
  // Where the character begins that is not whole: what is before it is decoded, and its own bytes are held.
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true });
  return new TextEncoder().encode(before).length;
}

// The refusal for a byte that does not decode, in one line and as many `more`; `choices` says what it may be.
function badByte(source, name, bytes, place, more = 0, choices = null) {
  const line = 1 + bytes.subarray(0, place).reduce((count, byte) => count + (byte === 10), 0);
  const hex = bytes[place].toString(16).padStart(2, "0"), others = more ? say("nor-more-lines", { n: more }) : "";
  const perhaps = choices ? say("it-may-be", { choices }) : "";
  const refusal = refusalOf("bad-byte", { source, name, hex, place, line, others, perhaps });
  refusal.status = 400;
  return refusal;
}

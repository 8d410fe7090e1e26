// How a key's words are found in tables of words, {en: {key: words}}: for pages, and for the engine in its worker.

/** The words of a key in a language, or else in English; of words with forms, {"one": …, "other": …}, that of `n`. */
export function wordsFor(tables, language, key, n) {
  const found = tables[language]?.[key] ?? tables.en[key];
  return typeof found === "string" ? found : (found[new Intl.PluralRules(language).select(n)] ?? found.other);
}

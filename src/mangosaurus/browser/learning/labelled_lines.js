// Lines of a name, a TAB and a label: data/labelled_lines.py.

// Whether lines are names with labels: most have exactly one TAB, and each label comes twice or more on average.
function looksLabelled(text, anyTab) {
  if (!text.includes("\t")) return false;
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (anyTab) return lines.some((line) => line.includes("\t"));
  const labels = lines.filter((line) => timesIn(line, "\t") === 1).map((line) => line.split("\t")[1].trim());
  if (2 * labels.filter((label) => /^\p{Nd}/u.test(label)).length > labels.length) return false; // counts
  return 2 * labels.length > lines.length && 2 * new Set(labels).size <= labels.length;
}

// The names and labels of lines.
function labelledLines(text, source) {
  const read = listOf([], { labels: [] });
  const lines = text.replace(/\n$/, "").split("\n");
  for (const [place, each] of lines.entries()) {
    const line = each.trim(), tabs = timesIn(line, "\t");
    if (!line) {
      read.blank += text !== "";
      continue;
    }
    if (tabs !== 1) {
      const shown = inQuotes(beginningOf(line, 40) + (lengthOf(line) > 40 ? "…" : ""));
      throw refusalOf(tabs ? "line-with-tabs" : "line-without-label", { source, line: place + 1, shown, tabs: String(tabs) });
    }
    const [name, label] = line.split("\t");
    read.names.push(name.trim());
    read.labels.push(label.trim());
  }
  return read;
}

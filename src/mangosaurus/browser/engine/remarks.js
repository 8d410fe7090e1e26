// What to know of how names were drawn, each a message: generation/samples.py.

function remarksOn({ begun, probability, exact, effective, drawn, asked, names, avoids, avoided, usual, ...told }) {
  const said = [];
  if (probability === 0) said.push(["no name that was tried satisfies the constraints"]);
  else if (probability !== null) {
    const often = `${oftenOf(probability, begun)} the constraints`;
    said.push([exact ? `${often}; the names follow the model's distribution exactly`
      : `${often}; effective sample size ${grouped(effective, 1)} of ${grouped(names)}, of ${grouped(drawn)} proposals guided by the n-gram`]);
  }
  if (avoids) {
    said.push([named("avoid"), avoided === null
      ? ": such names are left out before they are complete, so there is no count of them"
      : ` kept out ${grouped(avoided)} of ${grouped(drawn)} names drawn`]);
  }
  if (names < asked) said.push(shortfall({ probability, drawn, asked, names, avoided, ...told }));
  if (usual) {
    said.push([`names begin with ${quoted(usual.beginning)} ${grouped(usual.times)} times as often as with what `, named("prefix"),
      " says; ", named("ignore_case"), " takes both"]);
  }
  return said;
}

// Why there are fewer than asked for.
function shortfall({ probability, drawn, asked, names, avoided, ...told }) {
  const unmet = probability === null ? "were not in Unicode normal form (NFC)" : "do not satisfy the constraints";
  const reasons = [
    [told.known, "are in the training list (", named("allow_known"), " keeps them)"],
    [told.repeated, "were drawn before", ...(told.alike ? [] : [" (", named("allow_duplicates"), " keeps them)"])],
    [told.tooLong, "were longer than ", named("max_length")],
    [told.empty, "were empty, or began or ended with a space"],
    [told.unmet, unmet],
    [avoided, "were kept out"],
    [told.near, "were too like a name of the training list (", named("not_like"), ")"],
    [told.alike, "were within two edits of one before (", named("diverse"), ")"],
  ].filter(([count]) => count).map(([count, why, ...more]) => [`${grouped(count)} ${why}`, ...more]);
  if (!reasons.length) reasons.push(["none was wanted"]);
  if (told.givenUp) reasons.at(-1).push(", and the search stopped at its limit");
  return merged([
    `found ${grouped(names)} of the ${grouped(asked)} asked for: of ${grouped(drawn)} drawn, `,
    ...reasons.flatMap((reason, place) => (place ? [", ", ...reason] : reason)),
    "; fewer constraints or a higher temperature give more",
  ]);
}

// A message in which no two texts follow each other.
function merged(message) {
  const found = [];
  for (const part of message) {
    if (typeof part === "string" && typeof found.at(-1) === "string") found[found.length - 1] += part;
    else found.push(part);
  }
  return found;
}

function grouped(number, digits = 0) {
  return number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

// How often samples, or those that have the beginning, satisfy something.
function oftenOf(probability, begun) {
  const samples = begun ? "samples that begin so" : "unconstrained samples";
  if (probability >= 0.1) return `about ${grouped(100 * probability)}% of ${samples} satisfy`;
  const once = probability > 1e-15 ? grouped(1 / probability) : (1 / probability).toExponential(0);
  return `about 1 in ${once} ${samples} satisfies`;
}

// What to know of how names were drawn, each a message: generation/samples.py.

function remarksOn({ begun, probability, exact, effective, drawn, asked, names, keepsOut, avoided, usual, ...told }) {
  const said = [];
  if (probability === 0) said.push(say("none-tried-satisfies"));
  else if (probability !== null) {
    const share = oftenOf(probability, begun);
    said.push(exact ? say("share-exactly", { share })
      : say("share-by-proposals", { share, effective: counting(effective, 1), names, drawn }));
  }
  if (keepsOut.length) {
    const options = listed(keepsOut.map((name) => named(name)));
    said.push(avoided === null ? say("never-complete", { options }) : say("kept-out", { options, avoided, drawn }));
  }
  if (names < asked) said.push(shortfall({ probability, drawn, asked, names, avoided, ...told }));
  if (usual) said.push(say("usual-beginning", { beginning: quoted(usual.beginning), times: counting(usual.times, 0) }));
  return said;
}

// Why there are fewer than asked for.
function shortfall({ probability, drawn, asked, names, avoided, ...told }) {
  const reasons = [
    [told.known, "of-the-list"],
    [told.repeated, told.alike ? "drawn-before" : "drawn-before-kept"],
    [told.tooLong, "too-long"],
    [told.empty, "empty-or-spaced"],
    [told.unmet, probability === null ? "not-nfc" : "unsatisfied"],
    [avoided, "were-kept-out"],
    [told.near, "too-like"],
    [told.alike, "within-two-edits"],
  ].filter(([count]) => count).map(([count, why]) => say(why, { n: count }));
  if (!reasons.length) reasons.push(say("none-wanted"));
  if (told.givenUp) reasons.push(say("gave-up", { reason: reasons.pop() }));
  return say("found-fewer", { names, asked, drawn, reasons: listed(reasons, "comma") });
}

// How often samples, or those that have the beginning, satisfy the constraints.
function oftenOf(probability, begun) {
  const often = probability >= 0.1 ? "percent" : "once";
  const share = probability >= 0.1 ? counting(100 * probability, 0)
    : probability > 1e-15 ? counting(1 / probability, 0) : (1 / probability).toExponential(0);
  return say(`${often}-${begun ? "begun" : "unconstrained"}`, { share });
}

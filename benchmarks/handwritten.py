"""Numbers in README and docs that look measured and stand in no mark.

The rule: a decimal fraction, a number with an exponent, or a number in front of a unit of time, memory, rate, loss or
per cent. Not looked at is what marks enclose, code, formulas, addresses, and pages of `LEFT_OUT`. Let through are
versions, as `VERSIONS` writes them, and what the product itself sets, listed in `GIVEN` with the place that sets it.

It cannot see numbers in words (half a second), whole numbers whose unit stands elsewhere, as in the head of a table,
and figures in code, such as the output of a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchmarks.marks import covered, marks, without_code

LEFT_OUT = {
    "docs/release-notes.md": "what was true of a version when it came out",
    "docs/course/values.md": "the course's published values, which tests/classic compares",
}
GIVEN = {
    "more than 16 MB": "large.py",
    "keep to 2 GB": "training/recipe.py",
    "1GB or more": "cli/train.py",
    "some 32 bytes of memory for each": "large.py",
    "within 20 seconds": "server/limits.py",
    "for 20 seconds": "server/limits.py",
}
NOT_LOOKED_AT = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"<!--.*?-->",
        r"\$\$.+?\$\$",
        r"(?<![\\$\w])\$(?! )[^$\n]*(?:\n[^$\n]+)*?(?<! )\$(?![\w$])",
        r"\]\([^)\s]*\)|https?://\S+|<[^>\n]*>",
        r"\b(?:arXiv|doi|DOI)[: ]\S+",
    )
]
VERSIONS = re.compile(
    r"\b(?:Python|NumPy|torch|PyTorch|Keras|TensorFlow|Numba|CUDA|Chromium|onnxruntime|OpenAPI|WCAG|CC BY|HTTP/|"
    r"[Vv]ersions?|[Ff]ormats?|opset|[Tt]ables?|[Ss]ections?|[Cc]hapters?|[Ee]quations?)"
    r"[ \n]?\d+(?:\.\d+)*(?:(?:,| to| and| or)[ \n]\d+(?:\.\d+)+)*"
)
UNITS = (
    r"(?:(?:µs|us|ms|s|min|minutes?|h|hours?|seconds?|days?|[kKMGT]i?B|(?:kilo|mega|giga)?bytes?|nats?|times|"
    r"(?:names|symbols|characters|requests|bytes|[MGk]B)(?:/s|[ \n]a[ \n]second))\b|%|per[ \n]cent\b|×)"
)
NUMBER = re.compile(
    rf"(?<![\w.,`-])\d[\d,]*(?:(?:\.\d+)?e[+-]?\d+\b|\.\d+(?![.\d]*\.\d)|(?=\s?{UNITS}))(?:\s?{UNITS})?"
)


def handwritten(text: str, page: str) -> Iterator[str]:
    """The numbers of a page that look measured and stand in no mark, a line each.

    Raises:
        MarkError: a mark is not closed.
    """
    if page in LEFT_OUT:
        return
    seen = without_code(text)
    for mark in marks(text, page):
        seen = seen[: mark.start] + re.sub(r"[^\n]", "`", mark.shown) + seen[mark.end :]
    for pattern in [*NOT_LOOKED_AT, VERSIONS]:
        seen = pattern.sub(covered, seen)
    for phrase in GIVEN:
        seen = re.sub(r"\s+".join(map(re.escape, phrase.split())), covered, seen)
    for found in NUMBER.finditer(seen):
        line = seen.count("\n", 0, found.start()) + 1
        shown = " ".join(found[0].split())
        yield f"{page}:{line}: {shown} is written by hand: record it and mark it, or quote it with its source"

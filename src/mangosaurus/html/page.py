"""The frame of a page that is one file: its style is inside, it has no script and fetches nothing."""

from __future__ import annotations

import unicodedata
from html import escape as _escape

LIGHT = """--paper: #fcfbf8; --ink: #22252a; --faint: #5f666f; --line: #dcd7cc;
  --samples: #0b7272; --data: #b3552a; --shade: 217 72 15;"""
DARK = """--paper: #15181c; --ink: #e9e6df; --faint: #a3abb4; --line: #39404a;
  --samples: #5cc8c0; --data: #f0a06e; --shade: 255 110 60;"""
COLOURS = f"""
.mangosaurus {{ color-scheme: light dark; {LIGHT} }}
@media (prefers-color-scheme: dark) {{ .mangosaurus {{ {DARK} }} }}
"""
STYLE = """
.mangosaurus { color: var(--ink); background: var(--paper); font: 1rem/1.55 system-ui, sans-serif; }
.mangosaurus h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
.mangosaurus h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.8rem 0 .6rem; }
.mangosaurus h3 { font-size: 1.05rem; margin: 1.6rem 0 .2rem; }
.mangosaurus p { max-width: 42rem; margin: .5rem 0; }
.mangosaurus .faint, .mangosaurus figcaption { color: var(--faint); }
.mangosaurus .scroll { overflow-x: auto; }
.mangosaurus table { border-collapse: collapse; margin: .8rem 0; background: none; color: inherit; }
.mangosaurus th, .mangosaurus td {
  text-align: start; vertical-align: baseline; padding: .22rem 1.2rem .22rem 0; border-bottom: 1px solid var(--line);
  font-size: 1rem; background: none; color: inherit;
}
.mangosaurus th { font-weight: 600; color: var(--faint); }
.mangosaurus .number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
"""

BODY = """
body { margin: 0; }
main { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
"""

# If escaping ever failed, browsers would still refuse to fetch or run anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


TURNING = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Unicode's marks that change the direction of the text after them."""


def page(title: str, body: str, *styles: str) -> str:
    """A whole HTML document. `title` is text; `body` is HTML, in which text from a corpus must be escaped."""
    return (
        '<!doctype html>\n<html lang="en" class="mangosaurus">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{''.join([COLOURS, STYLE, BODY, *styles])}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def escape(text: str) -> str:
    """`text` made showable, for HTML and its attributes."""
    return _escape(showable(text))


def showable(text: str) -> str:
    """`text` with U+FFFD for control characters, surrogates and TURNING."""

    def disturbs(c: str) -> bool:
        return c not in "\n\t" and (unicodedata.category(c) in ("Cc", "Cs") or c in TURNING)

    return "".join("\ufffd" if disturbs(c) else c for c in text)

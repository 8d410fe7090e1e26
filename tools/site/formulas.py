"""LaTeX in pages as MathML, which browsers draw by themselves: no script, no fonts."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert

# What pymdownx.arithmatex makes of $…$ and $$…$$.
FOUND = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)
# The converter knows `split` and not `aligned`, which is the same within a formula, nor \arg.
REWRITTEN = {r"\\(begin|end)\{aligned\}": r"\\\1{split}", r"\\arg(?![a-z])": r"\\operatorname{arg}"}
ENVIRONMENTS = {"align*", "array", "bmatrix", "cases", "matrix", "pmatrix", "split"}
# Of some mistakes the converter makes something, which is to be refused: what takes so many parts must have them.
PARTS = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "mroot": 2}
FUNCTIONS = {"arg", "cos", "det", "exp", "inf", "lim", "ln", "log", "max", "min", "sin", "sup", "tanh"}
LIMITED = {"inf", "lim", "max", "min", "sup"}
"""What they run over stands below them in a line of its own."""
SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
CLOSING = {")", "]", "}"}
ROWS = {"math", "mrow", "mstyle", "mtd"}
NAMESPACE = "http://www.w3.org/1998/Math/MathML"

ElementTree.register_namespace("", NAMESPACE)


class FormulaError(Exception):
    """A formula that cannot be drawn."""


def mathml(page: str) -> str:
    """The page with its formulas as MathML.

    Raises:
        FormulaError: one cannot be converted, or has a command that the converter does not know.
    """
    return FOUND.sub(lambda match: formula(html.unescape(match[3]).strip(), match[1] == "div"), page)


def formula(latex: str, display: bool) -> str:
    """One formula as a `math` element, in a line of its own if `display`.

    Raises:
        FormulaError: it cannot be converted.
    """
    given = latex
    for pattern, replacement in REWRITTEN.items():
        given = re.sub(pattern, replacement, given)
    try:
        root = ElementTree.fromstring(convert(given, display="block" if display else "inline"))
    except Exception as error:  # the converter raises whatever its parser runs into
        raise FormulaError(f"the formula {latex!r} cannot be converted: {type(error).__name__} {error}") from error
    wrong = _wrong(given, root)
    if wrong:
        raise FormulaError(f"the formula {latex!r} cannot be converted: {wrong}")
    for element in root.iter():
        if _tag(element) == "mo" and (element.text or "").isalpha():
            element.tag = f"{{{NAMESPACE}}}mi"  # a name, around which browsers would leave the space of a relation
        if display and _tag(element) == "msub" and element[0].text in LIMITED:
            element.tag = f"{{{NAMESPACE}}}munder"
    for element in root.iter():
        if _tag(element) in ROWS:
            _space(element)
    if display:
        root.set("tabindex", "0")  # in a narrow window it scrolls, by the keyboard too
    return ElementTree.tostring(root, encoding="unicode")


def _wrong(latex: str, root: ElementTree.Element) -> str | None:
    """What the converter let pass, if anything."""
    unknown = next((text for text in root.itertext() if "\\" in text), None)
    if unknown is not None:
        return f"{unknown.strip()} is not known"
    plain = re.sub(r"\\[{}]", "", latex)
    if plain.count("{") != plain.count("}"):
        return "the braces do not match"
    if re.search(r"\\operatorname(?!\{[A-Za-z]+\})", latex):
        return r"\operatorname takes letters alone"
    for environment in re.findall(r"\\begin\{(.*?)\}", latex):
        if environment not in ENVIRONMENTS:
            return f"the environment {environment} is not known"
    for element in root.iter():
        if len(element) != PARTS.get(_tag(element), len(element)):
            return f"{_tag(element)} has {len(element)} parts"
    return None


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).removeprefix(f"{{{NAMESPACE}}}")


def _space(row: ElementTree.Element) -> None:
    """Puts thin spaces around the name of a function, but for its parentheses and operators, as LaTeX does."""
    children = list(row)
    for place in range(len(children) - 1, -1, -1):
        if not _is_function(children[place]):
            continue
        after, before = children[place + 1 : place + 2], children[place - 1 : place] if place else []
        if after and not _is_operator(after[0]) and not _is_fenced(after[0]) and not _is_function(after[0]):
            row.insert(place + 1, _thin())
        if before and not (_is_operator(before[0]) and before[0].text not in CLOSING):
            row.insert(place, _thin())


def _thin() -> ElementTree.Element:
    return ElementTree.Element(f"{{{NAMESPACE}}}mspace", width="0.167em")


def _is_function(element: ElementTree.Element) -> bool:
    while len(element) and _tag(element) in SCRIPTED:
        element = element[0]
    return _tag(element) == "mi" and element.text in FUNCTIONS


def _is_operator(element: ElementTree.Element) -> bool:
    return _tag(element) in {"mo", "mspace"}


def _is_fenced(element: ElementTree.Element) -> bool:
    return _tag(element) == "mrow" and len(element) > 0 and _tag(element[0]) == "mo"

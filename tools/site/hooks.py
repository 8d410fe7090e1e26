"""What mkdocs calls while it builds the site: mkdocs.yml names this file."""

from __future__ import annotations

import html
import re
from pathlib import Path

from math_core import LatexError, LatexToMathML
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from mangosaurus.formats.workshop import workshop

LOGO = Path(__file__).resolve().parents[2] / "src/mangosaurus/browser/style/logo.svg"
# What pymdownx.arithmatex makes of $…$ and $$…$$.
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)
CONVERTER = LatexToMathML(fancy_error=False)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the logo, which is the served page's, and the workshop."""
    files.append(File.generated(config, "assets/logo.svg", abs_src_path=str(LOGO)))
    files.append(File.generated(config, "assets/workshop.html", content=workshop()))
    return files


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turns formulas into MathML, which browsers draw without scripts or fonts.

    Raises:
        PluginError: a formula cannot be converted.
    """

    def convert(match: re.Match[str]) -> str:
        latex, display = html.unescape(match[3]).strip(), match[1] == "div"
        try:
            drawn = CONVERTER.convert_with_local_state(latex, displaystyle=display)
        except LatexError as error:
            raise PluginError(f"{page.file.src_uri}: the formula {latex!r} cannot be converted: {error}") from error
        # A wide formula scrolls in a narrow window, with the keyboard too.
        return drawn.replace("<math", '<math tabindex="0"', 1) if display else drawn

    return FORMULA.sub(convert, content)

"""What mkdocs asks of the project while it builds the site: mkdocs.yml names this file.

Pages that are made from the code have a line `<!-- generated: command line -->`, in whose place the Markdown is put.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from formulas import FormulaError, mathml
from http_calls import http_calls
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from names import linked
from notebooks import Notebook, read_notebook
from terminal import commands
from texts import model_files, release_notes

ROOT = Path(__file__).resolve().parents[2]
LOGO = ROOT / "src/mangosaurus/server/page/logo.svg"

GENERATED: dict[str, Callable[[], str]] = {
    "command line": commands,
    "http": http_calls,
    "model files": model_files,
    "release notes": release_notes,
}
PLACE = re.compile(r"^<!-- generated: (.+?) -->$", re.MULTILINE)
# The marks of benchmarks/marks.py. A comment that begins a line would end the paragraph that it stands in.
MARK = re.compile(r"<!-- *(?:figure|table|quoted|end)\b.*?-->", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The logo comes from the served page, and notebooks are pages, with the file itself beside each."""
    files.append(File.generated(config, "assets/logo.svg", abs_src_path=str(LOGO)))
    for file in list(files):
        if file.src_uri.endswith(".ipynb"):
            files.remove(file)
            files.append(Notebook(file, config))
            download = file.src_uri.removesuffix(".ipynb") + ".notebook"
            files.append(File.generated(config, download, abs_src_path=str(Path(config.docs_dir, file.src_uri))))
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """A notebook as Markdown; all else as it is."""
    if isinstance(page.file, Notebook):
        return read_notebook(Path(config.docs_dir, page.file.src_uri))
    return None


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The generated parts in their places, and no marks of figures."""

    def put(match: re.Match[str]) -> str:
        if match[1] not in GENERATED:
            raise PluginError(f"{page.file.src_uri}: nothing generates {match[1]!r}; there is {', '.join(GENERATED)}")
        return GENERATED[match[1]]()

    return PLACE.sub(put, MARK.sub("", markdown))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Formulas as MathML; names of what the page describes as links."""
    try:
        return linked(mathml(html))
    except FormulaError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error

"""The course's notebooks as pages. They are shown as they are kept, without results: a build trains nothing."""

from __future__ import annotations

import json
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File

NOTE = """!!! note ""
    This page is a notebook: [download it]({name}.notebook){{ download="{name}.ipynb" }} and run it to see the results
    and the charts."""


class Notebook(File):
    """A notebook that is a page: links to the .ipynb file lead to it."""

    def __init__(self, file: File, config: MkDocsConfig) -> None:
        super().__init__(file.src_uri, config.docs_dir, config.site_dir, config.use_directory_urls)

    def is_documentation_page(self) -> bool:
        """Always."""
        return True


def read_notebook(path: Path) -> str:
    """A notebook's cells as Markdown: text as it is, code in fences."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts = [
        "".join(cell["source"]) if cell["cell_type"] == "markdown" else f"```python\n{''.join(cell['source'])}\n```"
        for cell in cells
    ]
    parts.insert(1, NOTE.format(name=path.stem))
    return "\n\n".join(parts) + "\n"

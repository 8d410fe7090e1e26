"""The macros that the pages of the documentation call, run by mkdocs-macros: `{{ figure("start.sample", ".2f") }}`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.record import load, shown, spread, where  # noqa: E402

Schema = dict[str, Any]


def define_env(env: Any) -> None:
    """Called by mkdocs-macros before the first page."""
    env.macro(shown, "figure")
    env.macro(figure_if_any)
    env.macro(spread)
    env.macro(measured)
    env.macro(notebook)
    env.macro(command_line)
    env.macro(openapi)
    env.macro(linked_type, "type_in_words")
    env.filter(plain)
    env.filter(reason)


def measured(name: str) -> str:
    """When and on which machine a benchmark was recorded."""
    return where(load(name))


def figure_if_any(key: str, format: str) -> str:
    """A recorded figure, or nothing where the run did not measure it."""
    name, _, rest = key.partition(".")
    return shown(key, format) if rest in load(name).figures else ""


def notebook(path: str) -> str:
    """The cells of a notebook as Markdown: text as it is, code in fences. Results are left out."""
    cells = json.loads((ROOT / "docs" / path).read_text(encoding="utf-8"))["cells"]
    return "\n\n".join(
        "".join(cell["source"]) if cell["cell_type"] == "markdown" else f"```python\n{''.join(cell['source'])}\n```"
        for cell in cells
    )


def command_line() -> str:
    """The help of every command in Markdown."""
    from mangosaurus.__main__ import app

    context = app.make_context("mangosaurus", ["corpora"])
    return "\n".join([*_help(app, context), *(line for each in app.commands.values() for line in _help(each, context))])


def _help(command: Any, parent: Any) -> Iterator[str]:
    """The help of a command, or of all, in lines of Markdown."""
    from mangosaurus.cli.help import EXAMPLES
    from mangosaurus.cli.pages import paragraphs, row

    one = command is not parent.command
    context = command.context_class(command, info_name=command.name, parent=parent) if one else parent
    yield from (f"## `mangosaurus {command.name}`", "") if one else ()
    for paragraph in paragraphs(command):
        yield from (escape(paragraph), "")
    yield from ("**Usage**:", "", "```console", f"$ {command.get_usage(context).partition(' ')[2]}", "```", "")
    for title, kind in (("Arguments", "argument"), ("Options", "option")):
        rows = [row(each) for each in command.get_params(context) if each.param_type_name == kind]
        yield from (f"**{title}**:", "") if rows else ()
        for _, long, short, opposite, word, about in rows:
            names = ", ".join(name for name in (short, long) if name) + (f" / {opposite}" if opposite else "")
            yield f"* `{f'{names} {word}'.strip()}`: {escape(about)}"
        yield ""
    if one and command.name in EXAMPLES:
        yield from ("**Examples**:", "", *(f"    {line}" for line in EXAMPLES[command.name]), "")


def openapi() -> Schema:
    """The server's OpenAPI description; `usual` has the statuses of the errors that every call may have."""
    from mangosaurus.server.app import create_app
    from mangosaurus.server.middleware import Address
    from mangosaurus.server.models import ModelRegistry

    described: Schema = create_app(ModelRegistry(Path("unused"), 1), Address("127.0.0.1", 8000)).openapi()
    calls = [call for methods in described["paths"].values() for call in methods.values()]
    shared = set.intersection(*(set(call["responses"]) for call in calls))
    described["usual"] = sorted(status for status in shared if status >= "400")
    return described


def linked_type(schema: Schema) -> str:
    """The type of a field and its limits, with links to the objects of the page."""
    from mangosaurus.server.docs import type_in_words

    return type_in_words(schema, lambda name: f"[{name}](#{name.lower()})")


def plain(text: str) -> str:
    """Text as Markdown in which nothing is markup but `code`."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([\\*_\[\]<>$|])", r"\\\1", part) for part in parts[::2]]
    return " ".join("".join(parts).split())


def reason(status: str) -> str:
    """An HTTP status with its reason: 404 Not Found."""
    return f"{status} {HTTPStatus(int(status)).phrase}"

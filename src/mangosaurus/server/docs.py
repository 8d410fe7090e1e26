"""The documentation at /docs: one page made of the OpenAPI description, without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from mangosaurus.html.page import escape

Schema = dict[str, Any]
HEADINGS = {"models": "Models", "names": "Names", "texts": "Texts", "trainings": "Trainings", "page": "The page"}
"""The tags of the routes, in the order of the page."""
QUERIES = {("get", "/api/models/{id}/sample"): "?n=5&temperature=0.8&seed=1"}
"""Those of the examples."""
HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>HTTP API – Mangosaurus</title>
<link rel="icon" href="page/style/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="page/style/base.css">
<link rel="stylesheet" href="page/style/docs.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="./"><img src="page/style/logo.svg" width="40" height="40" alt=""><span>Mangosaurus</span></a>
</header>
<main id="main" tabindex="-1">
"""


def docs_page(described: Schema, base: str, models: dict[str, str]) -> str:
    """The page of an OpenAPI description, as HTML.

    `base` is the address of the server, without the slash at its end; `models` has the id of a model of "names", and of
    "text", for the examples.
    """
    schemas: dict[str, Schema] = described["components"]["schemas"]
    calls = [(method, path, call) for path, each in described["paths"].items() for method, call in each.items()]
    usual = {status for status in set.intersection(*({*call["responses"]} for _, _, call in calls)) if status >= "400"}
    contents, sections = [], []
    for tag, heading in HEADINGS.items():
        mine = [each for each in calls if each[2]["tags"] == [tag]]
        links = (
            f'<li><a href="#{_anchor(method, path)}">{_title(method, path)}</a></li>\n' for method, path, _ in mine
        )
        contents += [f"<h2>{heading}</h2>\n<ul>\n", *links, "</ul>\n"]
        sections.append(f"<h2>{heading}</h2>\n")
        for method, path, call in mine:
            kind, shape, sent = _body(call, schemas)
            words = _curl(method, path, kind, sent, base, models, "security" in call)
            sections += [*_call(method, path, call, words), *_asked(call, kind, shape), *_answers(call, usual)]
    sections.append("<h2>Objects</h2>\n")
    for name, schema in sorted(schemas.items()):
        if not name.endswith("Request"):
            about = f"<p>{_words(schema.get('description', ''))}</p>\n"
            sections += [f'<section id="{name.lower()}">\n<h3>{name}</h3>\n{about}', *_fields(schema), "</section>\n"]
    about = f"{_words(described['info']['summary'])} {_words(described['info']['description'])}"
    errors = ", ".join(map(_status, sorted(usual)))
    head = (
        f"{HEAD}<h1>HTTP API</h1>\n<p>{about}</p>\n"
        f'<p>Any call may fail with one of these, as a <a href="#problem">Problem</a>: {errors}.</p>\n'
        '<p>For programs, <a href="openapi.json">openapi.json</a> says the same.</p>\n'
    )
    return "".join(
        [head, '<nav aria-label="Calls">\n', *contents, "</nav>\n", *sections, "</main>\n</body>\n</html>\n"]
    )


def type_in_words(schema: Schema, link: Callable[[str], str]) -> str:
    """The type of a field and its limits; values are between backticks. `link` makes that of an object's name."""
    if "$ref" in schema:
        return link(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(type_in_words(each, link) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{json.dumps(each)}`" for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array" and "items" in schema:
        return f"list of {type_in_words(schema['items'], link)}"
    if isinstance(values := schema.get("additionalProperties"), dict):
        return f"object of {type_in_words(values, link)}"
    limits = (("maxLength", "at most"), ("minimum", "at least"), ("maximum", "at most"))
    said = [f", {words} {schema[name]:,.12g}" for name, words in limits if name in schema]
    return "".join([schema.get("type", "anything"), *said])


def _title(method: str, path: str) -> str:
    return f"<code>{method.upper()} {path}</code>"


def _body(call: Schema, schemas: dict[str, Schema]) -> tuple[str | None, Schema, Any]:
    """What a call reads: its type, None if it reads nothing; the description of the object; and an example."""
    for kind, body in call.get("requestBody", {}).get("content", {}).items():
        shape = schemas.get(body["schema"].get("$ref", "").rpartition("/")[2], {})
        return kind, shape, shape["examples"][0] if shape else body["example"]
    return None, {}, None


def _call(method: str, path: str, call: Schema, words: str) -> Iterator[str]:
    """The beginning of the section of a call; `words` make it on the command line."""
    yield f'<section id="{_anchor(method, path)}">\n<h3>{_title(method, path)}</h3>\n'
    yield from (f"<p>{_words(each)}</p>\n" for each in call["description"].split("\n\n"))
    yield f"<pre><code>{escape(words)}</code></pre>\n"


def _asked(call: Schema, kind: str | None, shape: Schema) -> Iterator[str]:
    """What a call reads: its query and its body."""
    asked = {each["name"]: each["schema"] | each for each in call.get("parameters", ()) if each["in"] == "query"}
    if asked:
        yield from ["<h4>In the query</h4>\n", *_fields({"properties": asked})]
    if kind is not None:
        yield from [f"<h4>The body: {kind}</h4>\n", *_fields(shape, ask=True)]


def _answers(call: Schema, usual: set[str]) -> Iterator[str]:
    """The answers of a call, without the `usual` errors; and the end of its section."""
    yield "<h4>The answer</h4>\n<ul>\n"
    for status, answer in call["responses"].items():
        if status not in usual:
            contents = answer.get("content", {}).items()
            kinds = [_type(content["schema"]) if content.get("schema") else kind for kind, content in contents]
            yield f"<li>{': '.join([_status(status), *kinds])}</li>\n"
    yield "</ul>\n</section>\n"


def _fields(schema: Schema, ask: bool = False) -> Iterator[str]:
    """The fields of an object; those that a request must have are marked."""
    fields = schema.get("properties", {})
    if fields:
        yield "<dl>\n"
        for name, field in fields.items():
            required = ", required" if ask and name in schema.get("required", ()) else ""
            default = f", by default <code>{escape(json.dumps(field['default']))}</code>" if "default" in field else ""
            yield f"<dt><code>{name}</code> <span>{_type(field)}{required}{default}</span></dt>\n"
            yield f"<dd>{_words(field.get('description', ''))}</dd>\n"
        yield "</dl>\n"


def _curl(method: str, path: str, kind: str | None, sent: Any, base: str, models: dict[str, str], secured: bool) -> str:
    """The call as a command of a shell."""
    words = "curl" if kind or method == "get" else f"curl -X {method.upper()}"
    if secured:
        words += ' -H "Authorization: Bearer $TOKEN"'
    if kind is not None:
        body = json.dumps(sent) if kind == "application/json" else sent.replace("\n", "\\n")
        words += f" -H 'Content-Type: {kind}' --data-binary {'' if kind == 'application/json' else '$'}'{body}' \\\n "
    model = models.get("text" if path.endswith("/write") else "names", "MODEL")
    shown = path.replace("{id}", model if path.startswith("/api/models/") else "ID")
    shown = shown.replace("{name}", "served/main.js")
    return f"{words} '{base}{shown}{QUERIES.get((method, path), '')}'"


def _anchor(method: str, path: str) -> str:
    return method + re.sub(r"[{}]", "", path).rstrip("/").replace("/", "-")


def _type(schema: Schema) -> str:
    return _words(type_in_words(schema, "[[{}]]".format))


def _words(text: str) -> str:
    """Text as HTML: what is between backticks is code, and [[an object's name]] a link to it."""
    shown = re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text.strip()))
    return re.sub(r"\[\[(\w+)\]\]", lambda found: f'<a href="#{found[1].lower()}">{found[1]}</a>', shown)


def _status(status: str) -> str:
    return f"{status} {HTTPStatus(int(status)).phrase}"

"""The server's reference, from its OpenAPI description: what each call takes, and what it answers."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

from markup import plain

from mangosaurus.server.app import create_app
from mangosaurus.server.middleware import Address
from mangosaurus.server.models import ModelRegistry

Schema = dict[str, Any]
TITLES = {
    "page": "The page",
    "models": "Models",
    "names": "Names",
    "texts": "Texts",
    "trainings": "Lists and trainings",
}


def http_calls() -> str:
    """A section for each group of calls, then the objects that are answered."""
    described = create_app(ModelRegistry(Path("unused"), 1), Address("127.0.0.1", 8000)).openapi()
    schemas: Schema = described["components"]["schemas"]
    calls = [(path, method, call) for path, methods in described["paths"].items() for method, call in methods.items()]
    usual = set.intersection(*(_errors(call) for _, _, call in calls))
    parts = [described["info"]["description"], _statuses(usual)]
    group = None
    for path, method, call in calls:
        if call["tags"][0] != group:
            group = call["tags"][0]
            parts.append(f"## {TITLES.get(group, group.capitalize())}")
        parts.append(_call(path, method, call, usual, schemas))
    asked = {_name(_body(call)) for _, _, call in calls if _body(call) and "$ref" in _body(call)}
    parts.append("## Objects")
    answered = sorted(schemas.keys() - asked)
    parts += [f"### {name} {{ #{name.lower()} }}\n\n{_object(schemas[name])}" for name in answered]
    return "\n\n".join(parts)


def _anchor(method: str, path: str) -> str:
    """Of GET /api/models/{id}: get-api-models-id."""
    return re.sub("[^a-z]+", "-", f"{method} {path}").strip("-")


def _errors(call: Schema) -> set[str]:
    return {status for status in call["responses"] if int(status) >= 400}


def _statuses(statuses: set[str]) -> str:
    listed = ", ".join(f"{status} {HTTPStatus(int(status)).phrase}" for status in sorted(statuses))
    return f"Any call may answer with one of these errors, as a [Problem](#problem): {listed}."


def _body(call: Schema) -> Schema:
    content = call.get("requestBody", {}).get("content", {})
    return next((kind.get("schema", {}) for kind in content.values()), {})


def _call(path: str, method: str, call: Schema, usual: set[str], schemas: Schema) -> str:
    parts = [f"### `{method.upper()} {path}` {{ #{_anchor(method, path)} }}", call["description"]]
    asked = [
        f"- `{each['name']}` in the {each['in']}: {_type(each['schema'])}{_default(each['schema'])}"
        for each in call.get("parameters", [])
        if each["in"] != "path"
    ]
    body = _body(call)
    if "$ref" in body:
        asked.append(_object(schemas[_name(body)]))
        examples = schemas[_name(body)].get("examples", [])
    else:
        asked += [f"- the body: `{kind}`" for kind in call.get("requestBody", {}).get("content", {})]
        examples = []
    if asked:
        parts += ["**Asked**", "\n".join(asked)]
    parts += [f"```json\n{json.dumps(example, ensure_ascii=False)}\n```" for example in examples]
    parts += ["**Answered**", "\n".join(_answer(status, call["responses"][status]) for status in _shown(call, usual))]
    return "\n\n".join(parts)


def _shown(call: Schema, usual: set[str]) -> list[str]:
    return [status for status in call["responses"] if status not in usual]


def _answer(status: str, answer: Schema) -> str:
    told = f"- {status} {HTTPStatus(int(status)).phrase}"
    for kind, content in answer.get("content", {}).items():
        schema = content.get("schema", {})
        told += f": {_type(schema)}" if "$ref" in schema else f": `{kind}`"
    return told


def _object(schema: Schema) -> str:
    """A bullet for each field."""
    required = schema.get("required", [])
    lines = []
    for name, field in schema.get("properties", {}).items():
        line = f"- `{name}` {_type(field)}"
        if name in required and "default" not in field:
            line += ", required" if "Asked" in schema.get("title", "") else ""
        line += _default(field)
        if "description" in field:
            line += f": {plain(field['description'])}"
        lines.append(line)
    described = [plain(schema["description"])] if "description" in schema else []
    return "\n\n".join([*described, "\n".join(lines)])


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


def _type(schema: Schema) -> str:
    """In words, with its limits."""
    if "$ref" in schema:
        return f"[{_name(schema)}](#{_name(schema).lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(each)}`" for each in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if schema.get("type") == "array":
        at_most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
        items = re.sub(r"^(string|integer|number|object)\b", r"\1s", _type(schema["items"]))
        return f"list of {items}{at_most}"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"object of {_type(values)}s" if isinstance(values, dict) else "object"
    words = str(schema.get("type", "anything"))
    if "maxLength" in schema:
        words += f" of at most {schema['maxLength']:,} characters"
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        words += f" from {least:,.0f} to {_large(most)}"
    elif most is not None:
        words += f" up to {_large(most)}"
    return words


def _large(number: float) -> str:
    """1,000 as it is, and 1.8446744073709552e+19 as a power of two."""
    return f"{number:,.0f}" if number < 1e12 else f"2<sup>{int(number).bit_length() - 1}</sup> - 1"


def _default(schema: Schema) -> str:
    return f", `{json.dumps(schema['default'])}` if not given" if "default" in schema else ""

"""A model as one HTML file that writes names or texts by itself: no server, no network, nothing else to install.

The page holds the model file, compressed and in base64, and `browser/engine`, the code that runs it, in JavaScript;
each file there names the Python module that it follows. A seed gives the same names in the page as in Python, except
about one in many thousands: the last digits are rounded differently.

The page allows its own scripts and styles by their hashes, and fetches nothing: see `POLICY`. Text from a corpus is in
base64, or in JSON without any "<", and is shown as text only.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from mangosaurus.core import arrays, folding, segmentation, vocabulary
from mangosaurus.core.errors import OptionError
from mangosaurus.core.files import write
from mangosaurus.formats import native as storage
from mangosaurus.formats.pages import FOLDER, bare, filled, joined, json_in_html, one_script, text_of, words_of_engine
from mangosaurus.generation import collect, conditional, guide, nearest, parameters, sampler, writer
from mangosaurus.generation.constraints import dfa as table
from mangosaurus.generation.constraints import options
from mangosaurus.generation.constraints.composed import composed_dfa
from mangosaurus.html.page import escape
from mangosaurus.models import mixture, ngram, recurrent, words
from mangosaurus.models.blend import Blend
from mangosaurus.models.describe import describe
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import LabelBlend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.recurrent import Recurrent
from mangosaurus.models.steered import Steered
from mangosaurus.training import folds, label_ngrams, mixing, ngram_counts, priors, recipe

CONSTANTS: dict[ModuleType, tuple[str, ...]] = {
    arrays: ("SCALE",),
    collect: ("CHOICE", "DRAWS_A_NAME", "FEWEST_DRAWS", "SYMBOLS_A_NAME", "TRIED"),
    conditional: ("HIGHEST", "OFTEN", "PILOT", "PILOTS", "PROPOSALS", "TAKING", "TRIAL_BLOCKS"),
    folding: ("ALIKE",),
    guide: ("CONVERGED", "LEAST", "LONGEST_CONTEXT", "MOST_AHEAD", "MOST_CELLS", "MOST_PLACES"),
    options: ("LARGEST_LENGTH",),
    mixture: ("LARGEST_EXPONENT",),
    nearest: ("APART",),
    recurrent: ("GATES",),
    parameters: ("LARGEST_SEED",),
    sampler: ("DRAWS", "FIRST_FEW", "FEWEST_SYMBOLS", "FIRST_BLOCK", "LARGEST_BLOCK"),
    table: ("DEAD", "FAR"),
    vocabulary: ("END",),
    words: ("FEATURES", "SHARE_OF_TYPES"),
    writer: ("LONGEST_PROMPT",),
}
"""What the engine takes over from Python's modules, by the names there."""
LEARNING: dict[ModuleType, tuple[str, ...]] = {
    label_ngrams: ("MOST_COUNTED_APART",),
    folds: ("FEWEST", "MOST_FOLDS", "SYMBOLS_OF_ALL_FOLDS"),
    mixing: ("LONGEST_STEP", "SPREAD"),
    ngram: ("LARGEST_DISCOUNTS",),
    ngram_counts: ("USUAL",),
    priors: ("LEAST_READ",),
    recipe: ("MOST_WEIGHED", "MOST_WEIGHED_CELLS", "ORDER"),
    segmentation: ("JOINER", "JOINING", "LONGEST_SYMBOL"),
}
"""What makes models takes over besides."""

POLICY = (
    "default-src 'none'; script-src {scripts} 'wasm-unsafe-eval'; style-src {style}; worker-src blob:; "
    "connect-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy. The engine compiles its products to WebAssembly, and its script also makes a worker."""


def write_webpage(model: storage.Contents, path: Path, overwrite: bool = False) -> tuple[str, ...]:
    """Writes the page of a model to a file, atomically; returns what to know of it, a line each.

    Its heading is the file's name in words: `elf-names.html` is headed "Elf names".
    Raises OptionError as `webpage` does, and OutputError as `write` does.
    """
    what = "names" if model.kind == "names" else "texts"
    words = " ".join(re.split(r"[\s_-]+", path.stem)).strip() or what
    page = webpage(model, words[:1].upper() + words[1:]).encode()
    write(path, page, overwrite)
    return (
        f"{describe(model.distribution)}, as a page of {len(page) / 1e6:.1f} MB that writes {what} in any browser, "
        "without a network",
    )


def webpage(model: storage.Contents, title: str) -> str:
    """The HTML of a page that writes names, or texts, with `model`; `title` is its heading.

    Raises OptionError for a model that pages cannot run, such as one with a transformer.
    """
    _check(model.distribution)
    settings: dict[str, Any] = {"longest": model.default_length, "endless": model.endless}
    if model.training.get("lowercased"):
        settings["lowercased"] = model.training.get("language") or True
    settings |= {name: model.training[name] for name in ("language", "case") if model.training.get(name)}
    if not model.vocabulary.segmentation.plain:
        settings["unit"] = model.vocabulary.unit
    if (forms := composed_dfa(model.vocabulary)) is not None:
        settings["composed"] = {
            "start": forms.start,
            "columns": forms.columns.tolist(),
            "moves": forms.moves.tolist(),
        }
    contents = storage.Contents(model.distribution, model.kind, model.known, settings)
    facts = {
        "kind": model.kind,
        "documents": len(model.known),
        "characters": model.vocabulary.characters,
        "labels": list(model.labels),
        "unit": model.vocabulary.unit,
        "longest": model.default_length,
        "model": describe(model.distribution),
    }
    file = packed(in_planes(storage.as_bytes(contents)))
    return page_of(model.kind, escape(title), json_in_html(facts), file)


def page_of(kind: str, title: str, facts: str, model: str) -> str:
    """The HTML of an exported page of models of a kind, "names" or "text".

    `title` is escaped, `facts` is JSON without "<", and `model` a file in planes, compressed, in base64. The page's
    policy does not depend on them, so that the workshop fills in its own.
    """
    engine = engine_script()
    own = "names" if kind == "names" else "text"
    parts = frame_of(joined(f"exported/{own}.js"), ("style/base.css", "style/views.css"), engine)
    parts |= {"title": title, "body": filled(f"exported/{own}.html", {"model": ""}), "facts": facts, "model": model}
    return filled("exported/page.html", parts | {"engine": engine})


def frame_of(page: str, styles: Sequence[str], *engines: str) -> dict[str, str]:
    """What each page of one file has: its policy, which allows its script `page`, the theme's and the `engines` that it
    may run itself; its style, of these files; the logo, and these scripts."""
    theme, style, logo = text_of("controls/theme.js"), "".join(map(text_of, styles)), text_of("style/logo.svg")
    scripts = " ".join(map(_hash, (theme, *engines, page)))
    return {
        "policy": POLICY.format(scripts=scripts, style=_hash(style)),
        "icon": b64encode(logo.encode()).decode(),
        "logo": logo,
        "style": style,
        "theme": theme,
        "page": page,
    }


def packed(data: bytes) -> str:
    """Bytes as pages hold them: compressed by zlib, in base64."""
    return b64encode(zlib.compress(data, 9)).decode()


def engine_script() -> str:
    """The engine as one script: Python's constants, its words, then all files, which share their names."""
    return _script(("engine",), CONSTANTS)


def learning_script() -> str:
    """The engine, and what makes models of lists with the prior."""
    return _script(("engine", "learning"), CONSTANTS | LEARNING)


def _script(folders: Sequence[str], constants: Mapping[ModuleType, Sequence[str]]) -> str:
    lines = [f"const {name} = {_literal(getattr(module, name))};" for module in constants for name in constants[module]]
    lines += [f"const WORDS = {json_in_html(words_of_engine(folders))};", bare("controls/forms_of_words.js")]
    for folder in folders:
        names = sorted(file.name for file in FOLDER.joinpath(folder).iterdir() if file.name.endswith(".js"))
        lines += [text_of(f"{folder}/{name}") for name in names]
    return one_script(*lines)


def _literal(value: Any) -> str:
    """A constant in JavaScript: JSON, or a BigInt where a number would not be exact."""
    if isinstance(value, np.ndarray):
        return json_in_html(value.tolist())
    return f"{value}n" if isinstance(value, int) and abs(value) > 2**53 else json_in_html(value)


def in_planes(data: bytes) -> bytes:
    """A model file in which the first bytes of an array's numbers stand together, then the second ones, and so on.

    The bytes of signs and exponents are alike and then compress better: this saves a tenth of the file.
    `engine/file.js` puts them back.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    body = np.frombuffer(data, np.uint8).copy()
    for name, entry in json.loads(data[8:start]).items():
        if name != "__metadata__" and entry["shape"] and (count := math.prod(entry["shape"])):
            first, last = (start + offset for offset in entry["data_offsets"])
            body[first:last] = body[first:last].reshape(count, -1).T.ravel()
    return body.tobytes()


def _check(model: CharModel) -> None:
    """Raises OptionError unless the page's engine has what the model is made of."""
    if isinstance(model, LabelBlend):
        raise OptionError("this is one label of a model; export the whole model, whose page lets one choose the label")
    if isinstance(model, Steered):
        raise OptionError("a steered model stays in Python: export the model that was steered")
    if isinstance(model, Blend):
        for part in model.models:
            _check(part)
        return
    networks = model.networks if isinstance(model, Mixture | Labelled) else ()
    if not isinstance(model, NGram | Mixture | Labelled) or not all(isinstance(each, Recurrent) for each in networks):
        raise OptionError(
            f"this model is or has in it {describe(model)}, which no page can run; n-grams, their mixtures with the "
            "prior and RNN, GRU or LSTM networks, models with labels and blends of these can be exported to html"
        )


def _hash(text: str) -> str:
    """The source that allows an inline script or style of this text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

"""The step of a model's networks as an ONNX graph, for onnxruntime and other programs without Mangosaurus.

B is the batch, V the symbols, END (id 0) included, H the units of a layer. The graph has

    inputs     symbols                             int64 (B,): the symbol that each row reads now
               network{m}.layer{l}.h               float32 (B, H): the hidden state of layer l of network m
               network{m}.layer{l}.c               float32 (B, H): LSTMs only, after all h of the network
    outputs    log_probs                           float32 (B, V): natural log p(next symbol | symbols read)
               next.network{m}.layer{l}.h, ...     the state after the symbol, in the order of the inputs

To begin a document, feed a state of zeros and END, or the id of a label where names have labels; `log_probs` is then
that of the first character. With several networks it is the mean of their log p, normalised: the factor that
models/mixture.py and models/labelled.py raise to a power and multiply by the n-gram. The powers depend on the n-gram's
counts, so both stay in Python.

A network that reads windows has no state. T is the length of its window:

    inputs     symbols       int64 (B, T): the latest symbols, padded with END on the left
    outputs    log_probs     float32 (B, V): END's is minus infinity

The layers are ONNX's own operators LSTM, GRU and RNN. The file's `metadata_props` have one entry, `mangosaurus`, a
JSON object with the keys

    format     FORMAT, the version of this layout
    kind       "names" or "text"
    symbols    V strings: the character of each id, in NFC; END's is empty
    end        0, the id of END
    cells      for each network, the cells of its layers: "rnn", "gru" or "lstm"
    labels     an object: the id of each label as the first symbol; only where names have labels
    window     T; only for a network that reads windows
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.files import write
from mangosaurus.core.version import __version__
from mangosaurus.core.vocabulary import END
from mangosaurus.formats.native.contents import Contents
from mangosaurus.formats.onnx_graph import step_graph, window_graph
from mangosaurus.models.blend import Blend
from mangosaurus.models.describe import describe
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import LabelBlend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.recurrent import Recurrent
from mangosaurus.models.window import WindowModel

if TYPE_CHECKING:
    from onnx import ModelProto

FORMAT = 1
ENTRY = "mangosaurus"
OPSET = 17
"""The version of the operators."""
IR_VERSION = 8
"""The version of the file's layout that was released with these operators."""
DESCRIPTION = (
    "One step of networks that predict text character by character: symbols read and a state in, natural log p of the "
    f"next symbol and the next state out. Zeros and END begin a document. The metadata entry {ENTRY!r} is JSON."
)
WINDOW_DESCRIPTION = (
    "A network that predicts text character by character: the latest symbols in, natural log p of the next one out. "
    f"END stands before a document. The metadata entry {ENTRY!r} is JSON."
)


def write_onnx(model: Contents, path: Path, overwrite: bool = False) -> tuple[str, ...]:
    """Writes the networks of a model to an .onnx file, atomically; returns what to know of the file, a line each.

    Raises OptionError for a model without networks, a blend, a model with a label chosen, or more than 2 GiB of
    weights; OutputError as `write` does; and MissingExtraError if onnx is not installed.
    """
    proto = to_onnx(model)
    write(path, proto.SerializeToString(deterministic=True), overwrite)
    if isinstance(model.distribution, WindowModel):
        shape = f"the latest {model.distribution.parameters.window} symbols in, log p of the next one out"
    else:
        arrays = len(proto.graph.input) - 1
        shape = f"a symbol and {arrays} array{'s' if arrays > 1 else ''} of state in, log p of the next and state out"
    notes = [f"{describe(model.distribution)}, as ONNX opset {OPSET}: {shape}"]
    if isinstance(model.distribution, Mixture | Labelled):
        notes.append(_what_stays(model.training))
    return tuple(notes)


def to_onnx(model: Contents) -> ModelProto:
    """The graph that `write_onnx` writes. Raises the same errors, but for OutputError."""
    distribution = model.distribution
    about: dict[str, Any] = {
        "format": FORMAT,
        "kind": model.kind,
        "symbols": ["", *model.vocabulary.characters],
        "end": END,
    }
    if isinstance(distribution, WindowModel):
        parameters = distribution.parameters
        about |= {"cells": [[layer.cell for layer in parameters.layers]], "window": parameters.window}
        graph, description = window_graph(distribution), WINDOW_DESCRIPTION
    else:
        networks = _networks(distribution)
        about |= {"cells": [[network.parameters.cell] * len(network.parameters.layers) for network in networks]}
        if isinstance(distribution, Labelled):
            ids = range(len(model.vocabulary), len(model.vocabulary) + len(distribution.labels))
            about |= {"labels": dict(zip(distribution.labels, ids, strict=True))}
        graph, description = step_graph(networks), DESCRIPTION
    from onnx import helper  # installed, or making the graph would have failed

    proto = helper.make_model(
        graph.finish(description),
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="mangosaurus",
        producer_version=__version__,
        doc_string=description,
    )
    helper.set_model_props(proto, {ENTRY: json.dumps(about, ensure_ascii=False)})
    return proto


def _networks(distribution: CharModel) -> Sequence[Recurrent]:
    """The model's recurrent networks. Raises OptionError if it has none, or other networks too."""
    if isinstance(distribution, Recurrent):
        return (distribution,)
    if isinstance(distribution, Mixture | Labelled) and distribution.networks:
        networks = [network for network in distribution.networks if isinstance(network, Recurrent)]
        if len(networks) < len(distribution.networks):
            raise OptionError(
                f"an ONNX file holds RNN, GRU and LSTM networks, and this model is {describe(distribution)}; "
                "train one with ",
                Option("cell", "lstm"),
            )
        return networks
    if isinstance(distribution, Blend):
        raise OptionError("a blend stays in Python: an ONNX file holds the networks of one model; export its models")
    if isinstance(distribution, LabelBlend):
        raise OptionError("a model with a label chosen is part of another; export the one with all its labels")
    raise OptionError(
        f"an n-gram stays in Python, an ONNX file holds networks, and this model is {describe(distribution)}; "
        "train one that has a network, with a ",
        Option("budget"),
        " of 10s or more",
    )


def _what_stays(training: dict[str, Any]) -> str:
    """A note that the n-gram is not in the file, with the losses of the training record if it has them."""
    line = "the n-gram stays in Python"
    alone, mixed = training.get("held_out_network"), training.get("held_out")
    if isinstance(alone, float) and isinstance(mixed, float):  # a record from a file may hold anything
        line += f": a network alone has a held-out loss of {alone:.3f} nats per symbol, the mixture {mixed:.3f}"
    return line

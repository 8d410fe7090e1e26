"""The prior of names: it has read thousands of lists, and a list vector tells it which kind a new one is.

It is a conditional neural process (Garnelo et al. 2018, "Conditional Neural Processes") over lists of names. An LSTM
reads each name of a list. K heads weigh the names by learnt queries (Lee et al. 2019, "Set Transformer"), so that their
order does not matter; e is the encoder's state after a name and END:

    w_k = exp(5 tanh((s_k . e + t_k) / 5)),    u_k = V_k e + b_k                     for each name and head
    v   = tanh(W_2 relu(W_1 [sum w_k u_k / sum w_k of every head, log(N) / 4] + b_1) + b_2)     the list vector, (D,)

A second LSTM predicts a name given v, symbol by symbol; E is the embedding that both share with the output:

    z     = E[symbol] W_e + v W_v + b + h W_h,    h and c as in models/recurrent.py
    log p = log_softmax(((h * (1 + v S + s)) P + v R + r) E^T + a)

All that depends on v alone is computed once a list; a step then costs what that of a plain LSTM does
(models/prior_network.py). The characters of a list that the prior does not know share the probability of its symbol
"unknown" evenly. Its weights ship with the package; NOTICE beside them says which lists it was trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files

import numpy as np
from safetensors import safe_open

from mangosaurus.core.arrays import Arrays, FloatArray, IntArray, dequantized, rounded_to_16_bits
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.prior_network import PriorNetwork, PriorParameters
from mangosaurus.models.recurrent import Layer, Parameters, Recurrent

UNKNOWN = 1
"""The prior's id of all characters that it does not know; END is 0."""
MOST_READ = 2000
"""Names that a list vector is made from; of a longer list, evenly spaced ones."""
LONGEST_READ = 60
"""Characters of a name that the encoder reads."""


class Prior:
    """The prior for lists of any vocabulary."""

    def __init__(self, characters: str, arrays: Arrays) -> None:
        """`arrays` are float32, with the names and shapes that tools/prior.py writes."""
        self._arrays = arrays
        self._vocabulary = Vocabulary(characters)
        self.heads: int = arrays["scores.bias"].shape[0]
        self.width: int = arrays["second.bias"].shape[0]
        """D, the numbers of a list vector."""

    def ids(self, vocabulary: Vocabulary) -> IntArray:
        """The prior's id of each symbol of a vocabulary, (V,): END is 0.

        A character that it does not know is UNKNOWN, and so is a symbol of several characters.
        """
        found = self._vocabulary.find_symbols(vocabulary.characters)
        return np.append(END, np.where(found < 0, UNKNOWN, found + 1))

    def _encoder(self, vocabulary: Vocabulary) -> Recurrent:
        """The network that reads names of a vocabulary; it predicts nothing."""
        arrays = self._arrays
        bias, nothing = arrays["encoder.bias"], np.zeros(1, dtype=np.float32)
        layer = Layer(arrays["encoder.input"], arrays["encoder.recurrent"], bias, np.zeros_like(bias))
        output = np.zeros((len(layer.recurrent), 1), dtype=np.float32)
        embedding = arrays["embedding"][self.ids(vocabulary)]
        return Recurrent(vocabulary, Parameters("lstm", embedding, (layer,), output, nothing))

    def contributions(self, documents: Sequence[IntArray], vocabulary: Vocabulary) -> FloatArray:
        """What each name gives to the list vector, (N, K + K x value): the heads' weights, then weighted values.

        The list vector of any names is `vector` of the sum of their contributions.
        """
        encoder = self._encoder(vocabulary)
        lengths = np.array([min(len(document), LONGEST_READ) for document in documents])
        order = np.argsort(-lengths, kind="stable")  # so that the names still being read are the first rows
        names = np.full((len(documents), LONGEST_READ + 1), END)
        for row, place in enumerate(order):
            names[row, : lengths[place]] = documents[place][:LONGEST_READ]
        lengths = lengths[order]
        state = tuple(np.zeros((len(names), encoder.hidden), dtype=np.float32) for _ in range(2))
        last = np.zeros((len(names), encoder.hidden), dtype=np.float32)
        for step in range(int(lengths.max(initial=0)) + 1):
            reading = int(np.searchsorted(-lengths, -step, side="right"))
            state = encoder.advance(tuple(array[:reading] for array in state), names[:reading, step])
            last[:reading] = np.where((lengths[:reading] == step)[:, None], state[0], last[:reading])
        arrays = self._arrays
        weights = np.exp(5 * np.tanh((last @ arrays["scores"] + arrays["scores.bias"]) / 5))
        values = (last @ arrays["values"] + arrays["values.bias"]).reshape(len(last), self.heads, -1)
        found = np.empty((len(last), self.heads + values[0].size), dtype=np.float32)
        found[order] = np.column_stack([weights, (values * weights[:, :, None]).reshape(len(last), -1)])
        return found

    def vector(self, total: FloatArray, names: int) -> FloatArray:
        """The list vector, (D,), of the sum of the contributions of so many names, one at least."""
        arrays, heads = self._arrays, self.heads
        weights, values = total[:heads], total[heads:].reshape(heads, -1)
        pooled = (values / weights[:, None]).ravel()
        read = np.append(pooled, np.log(names) / 4).astype(np.float32)
        between = np.maximum(read @ arrays["first"] + arrays["first.bias"], 0)
        vector: FloatArray = np.tanh(between @ arrays["second"] + arrays["second.bias"])
        return vector

    def vector_of(self, documents: Sequence[IntArray], vocabulary: Vocabulary) -> FloatArray:
        """The list vector, (D,), of names; their order has no effect. `documents` has one name at least."""
        found = self.contributions([*names_read(documents).values()], vocabulary)
        return self.vector(found.sum(axis=0, dtype=np.float64), len(found))

    def network(self, vocabulary: Vocabulary, vectors: FloatArray) -> PriorNetwork:
        """The prior for the characters of a vocabulary, given list vectors, (L, D)."""
        arrays, ids = self._arrays, self.ids(vocabulary)
        embedding = arrays["embedding"][ids]
        shift = vectors @ arrays["shift"] + arrays["shift.bias"]
        # Characters that the prior does not know have the same logit; together they get that of one symbol.
        unknown = ids == UNKNOWN
        shared = arrays["bias"][ids] - np.where(unknown, np.log(max(1, unknown.sum())), 0).astype(np.float32)
        return PriorNetwork(
            vocabulary,
            PriorParameters(
                table=rounded_to_16_bits(embedding @ arrays["decoder.input"] + arrays["decoder.bias"]),
                recurrent=arrays["decoder.recurrent"],
                output=rounded_to_16_bits(arrays["projection"] @ embedding.T),
                vectors=vectors,
                gates=vectors @ arrays["decoder.vector"],
                scale=1 + vectors @ arrays["scale"] + arrays["scale.bias"],
                output_bias=shift @ embedding.T + shared,
            ),
        )

    def usual_weights(self, order: int) -> FloatArray:
        """The mixture's weights of an n-gram of this order and the prior that suited lists on which the prior was not
        trained, (order + 3, 2). Contexts longer than theirs have the weights of their longest."""
        lengths, others = self._arrays["usual.weights"][:-3], self._arrays["usual.weights"][-3:]
        return np.concatenate([lengths[np.minimum(np.arange(order), len(lengths) - 1)], others])

    def recurrent(self, vocabulary: Vocabulary, vector: FloatArray) -> Parameters:
        """The same network for one list vector as a plain LSTM's parameters, which training can start from."""
        arrays, prior = self._arrays, self.network(vocabulary, vector[None]).parameters
        return Parameters(
            cell="lstm",
            embedding=arrays["embedding"][self.ids(vocabulary)],
            layers=(
                Layer(
                    input=arrays["decoder.input"],
                    recurrent=prior.recurrent,
                    input_bias=arrays["decoder.bias"] + prior.gates[0],
                    recurrent_bias=np.zeros_like(arrays["decoder.bias"]),
                ),
            ),
            output=prior.scale[0][:, None] * prior.output,
            output_bias=prior.output_bias[0],
        )


def names_read(documents: Sequence[IntArray], most: int = MOST_READ) -> dict[bytes, IntArray]:
    """The distinct names of a list, by their bytes and sorted by them; of more than `most`, evenly spaced ones."""
    names = sorted({document.tobytes(): document for document in documents}.items())
    return dict(names[place] for place in np.linspace(0, len(names) - 1, min(len(names), most)).astype(np.int64))


@cache
def bundled_prior() -> Prior:
    """The prior that ships with the package; reading it takes some milliseconds."""
    with as_file(files("mangosaurus.bundled").joinpath("prior.safetensors")) as path, safe_open(path, "numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return Prior(file.metadata()["characters"], dequantized(arrays))

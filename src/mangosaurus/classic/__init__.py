"""Andrew Ng's Coursera exercises on RNNs and LSTMs from scratch (Sequence Models), above all Dinosaur Island.

    from mangosaurus.classic import clip, sample, optimize, model

rnn.py         "Dinosaurus Island -- Character-level language model": the functions above and all its others
cells.py       the same network as objects
compiled.py    the training loops of both with Numba
steps.py       "Building your Recurrent Neural Network -- Step by Step": RNN and LSTM cells on batches
lstm.py, gru.py   Dinosaur Island with an LSTM or a GRU, forward and backward by hand
poem.py        the Shakespeare poem generator of the exercise's second half (Keras there, NumPy and PyTorch here)

Only poem.py needs other parts of the package.
"""

from mangosaurus.classic.rnn import (
    clip,
    get_initial_loss,
    get_sample,
    initialize_parameters,
    model,
    optimize,
    print_sample,
    rnn_backward,
    rnn_forward,
    rnn_step_backward,
    rnn_step_forward,
    sample,
    smooth,
    softmax,
    update_parameters,
)

__all__ = [
    "clip",
    "get_initial_loss",
    "get_sample",
    "initialize_parameters",
    "model",
    "optimize",
    "print_sample",
    "rnn_backward",
    "rnn_forward",
    "rnn_step_backward",
    "rnn_step_forward",
    "sample",
    "smooth",
    "softmax",
    "update_parameters",
]

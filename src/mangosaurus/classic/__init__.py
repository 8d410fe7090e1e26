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

from mangosaurus.classic.rnn import clip as clip
from mangosaurus.classic.rnn import get_initial_loss as get_initial_loss
from mangosaurus.classic.rnn import get_sample as get_sample
from mangosaurus.classic.rnn import initialize_parameters as initialize_parameters
from mangosaurus.classic.rnn import model as model
from mangosaurus.classic.rnn import optimize as optimize
from mangosaurus.classic.rnn import print_sample as print_sample
from mangosaurus.classic.rnn import rnn_backward as rnn_backward
from mangosaurus.classic.rnn import rnn_forward as rnn_forward
from mangosaurus.classic.rnn import rnn_step_backward as rnn_step_backward
from mangosaurus.classic.rnn import rnn_step_forward as rnn_step_forward
from mangosaurus.classic.rnn import sample as sample
from mangosaurus.classic.rnn import smooth as smooth
from mangosaurus.classic.rnn import softmax as softmax
from mangosaurus.classic.rnn import update_parameters as update_parameters

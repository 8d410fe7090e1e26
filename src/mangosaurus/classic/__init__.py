"""The course's exercise from scratch: formulas first, speed beside it. It needs no other part, but for poem.py.

rnn.py         the exercise's functions, NumPy only              editions.py   where editions differ
cells.py       the same network as objects                       compiled.py   both loops in Numba
lstm.py, gru.py, steps.py   the cells of the second half, forward and backward by hand
poem.py        the generator of poems, on the package's own network of windows
"""

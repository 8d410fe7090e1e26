"""The course's published values, which the tests compute and docs/course/values.md shows."""

CHARACTERS = "\nabcdefghijklmnopqrstuvwxyz"
CHAR_TO_IX = {character: index for index, character in enumerate(CHARACTERS)}
IX_TO_CHAR = dict(enumerate(CHARACTERS))

CLIPPED = {
    10: {
        'gradients["dWaa"][1][2]': 10.0,
        'gradients["dWax"][3][1]': -10.0,
        'gradients["dWya"][1][2]': 0.2971381536101662,
        'gradients["db"][4]': 10.0,
        'gradients["dby"][1]': 8.45833407,
    },
    5: {
        'gradients["dWaa"][1][2]': 5.0,
        'gradients["dWax"][3][1]': -5.0,
        'gradients["dWya"][1][2]': 0.2971381536101662,
        'gradients["db"][4]': 5.0,
        'gradients["dby"][1]': 5.0,
    },
}
"""By the bound; where an edition says `dba` for `db`, that."""

OPTIMIZED = {
    "loss": 126.503975722,
    'gradients["dWaa"][1][2]': 0.194709315347,
    'np.argmax(gradients["dWax"])': 93,
    'gradients["dWya"][1][2]': -0.007773876032,
    'gradients["db"][4]': -0.06809825,
    'gradients["dby"][1]': 0.01538192,
    "a_last[4]": -1.0,
}

INDICES = [
    *[12, 17, 24, 14, 13, 9, 10, 22, 24, 6, 13, 11, 12, 6, 21, 15, 21, 14, 3, 2, 1, 21],
    *[18, 24, 7, 25, 6, 25, 18, 10, 16, 2, 3, 8, 15, 12, 11, 7, 1, 12, 10, 2, 7],
]
"""The first 43; later ones depend on how a machine rounds, because such a network is chaotic."""

FUNCTIONAL_LOSSES = [23.087336, 27.884160, 25.901815, 24.608779, 24.070350, 23.844446, 23.291971, 23.382339]
"""Of every 2000th iteration, the first before any; nats a name, smoothed."""
PRINTED = 5.1e-7
"""How far a value is from its six decimals."""
CHAOS = 1e-5
"""How far from them at the last iteration listed: from two thousand before it on, rounding grows a millionfold."""
FUNCTIONAL_NAMES = [
    "Liusskeomnolxeros",
    "Hmdaairus",
    "Hytroligoraurus",
    "Lecalosapaus",
    "Xusicikoraurus",
    "Abalpsamantisaurus",
    "Tpraneronxeros",
]
"""After 2000 iterations."""

OBJECTS_LOSSES = [23.087336, 27.950466, 25.894695, 24.697856, 24.231165, 24.000355, 23.363365]
OBJECTS_NAMES = [
    "Phytosaurus",
    "Miecanosaurus",
    "Myuspenatoptor",
    "Pedahosaurus",
    "Yvqsator",
    "Gaaerosaurus",
    "Ustanesaurus",
]
"""After 12000 iterations."""

POEM = {"windows": 31_412, "nats per character": 3.222334831018063, "accuracy": 0.4030306889086973}
"""Of the course's Keras file, over all windows of its own text."""

"""The course's recipe for poems and ours: `python -m benchmarks.poem [--epochs 200] [--patience 5] [--record]`.

The course's architecture and recipe, and `fit` in 30 seconds, learn the first 90 % of the sonnets. The last 10 % are
the test part, measured once at the end. The last twentieth of the training part stops the recipe.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from threadpoolctl import threadpool_limits

import mangosaurus
from benchmarks.record import Figure, data_folder, figure, machine, record_if, recording_parser
from mangosaurus.classic.poem import PoemModel, build_data, vectorization
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.window import WindowNetwork, WindowParameters

if TYPE_CHECKING:
    from mangosaurus.training.windows.train import Epoch

WINDOW = 40
BUDGET = 30.0


def quality(data: Path, most_epochs: int, patience: int) -> dict[str, Figure]:
    """Prints and returns the losses of the course's recipe and of `fit`."""
    train, test = ((data / f"sonnets.{part}.txt").read_text(encoding="utf-8") for part in ("train", "test"))
    vocabulary = Vocabulary.of([train])
    windows = sliding_window_view(vocabulary.encode(test), WINDOW + 1)
    print(f"sonnets, nats per character over the {len(windows):,} positions of the test part with {WINDOW} before them")

    parameters, best_at, seconds, epochs = by_the_recipe(train, vocabulary, most_epochs, patience)
    course = nats(WindowNetwork(parameters), windows)
    print(
        f"{course:8.4f}  the course's architecture by its recipe: best after {best_at[0]} epochs and "
        f"{best_at[1]:.0f} s, ended after {epochs} and {seconds:.0f} s"
    )
    started = time.perf_counter()
    model = mangosaurus.fit(data / "sonnets.train.txt", budget=BUDGET)
    took = time.perf_counter() - started
    found = -float(model.score([test])[0][WINDOW:-1].mean())
    alone = model.evaluate(data / "sonnets.test.txt", window=WINDOW).nats_per_symbol
    print(f"{found:8.4f}  fit, {took:.0f} s: {model.info()['model']}, from the whole text before")
    print(f"{alone:8.4f}  the same, from the {WINDOW} characters before")
    print(
        f"fit is lower by {course - found:.3f} nats (must 0.3), by {course - alone:.3f} from {WINDOW} characters, and "
        f"ready after {took:.0f} s where the recipe's best took {best_at[1]:.0f} s (must be sooner)"
    )
    return {
        "course.loss": figure([course], "nats per character"),
        "course.seconds": figure([best_at[1]], "s"),
        "course.epochs": figure([best_at[0]]),
        "fit.loss": figure([found], "nats per character"),
        "fit.loss_of_window": figure([alone], "nats per character"),
        "fit.seconds": figure([took], "s"),
    }


def by_the_recipe(
    text: str, vocabulary: Vocabulary, most_epochs: int, patience: int
) -> tuple[WindowParameters, tuple[int, float], float, int]:
    """Trains the course's network, and stops `patience` epochs after its lowest held-out loss.

    Returns the network at that loss; the epochs and seconds until then; the seconds and epochs in all. The time for
    measuring the held-out part does not count.
    """
    cut = len(text) * 19 // 20
    indices = {character: index for index, character in enumerate(vocabulary.characters)}
    x, y = vectorization(*build_data(text[:cut], WINDOW), len(indices), indices, WINDOW)
    held_out = sliding_window_view(vocabulary.encode(text[cut - WINDOW :]), WINDOW + 1)
    model = PoemModel(len(indices))
    stop = threading.Event()
    best = (np.inf, model.parameters, (0, 0.0))
    validating = 0.0
    learnt = (0, 0.0)

    def validate(epoch: Epoch) -> None:
        nonlocal best, validating, learnt
        started = time.perf_counter()
        learnt = (epoch.number, epoch.seconds - validating)
        seen = nats(WindowNetwork(epoch.parameters, np.float32), held_out)
        print(
            f"  epoch {epoch.number}, {learnt[1]:.0f} s: training loss {epoch.loss:.3f}, held out {seen:.3f}",
            flush=True,
        )
        if seen < best[0]:
            best = (seen, epoch.parameters, learnt)
        elif epoch.number >= best[2][0] + patience:
            stop.set()
        validating += time.perf_counter() - started

    model.fit(x, y, batch_size=128, epochs=most_epochs, on_epoch=validate, stop=stop)
    return best[1], best[2], learnt[1], learnt[0]


def nats(network: WindowNetwork, windows: IntArray) -> float:
    """Mean -log p of the last symbol of each row of `windows`, (m, WINDOW + 1), given those before it."""
    with threadpool_limits(1, user_api="blas"):  # two threads would wait for each other
        log_probs: FloatArray = network.log_probs(windows[:, :-1])
    return -float(log_probs[np.arange(len(windows)), windows[:, -1]].mean())


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--epochs", type=int, default=200, help="the most epochs of the course's recipe")
    parser.add_argument("--patience", type=int, default=5, help="epochs without a lower held-out loss that stop it")
    options = parser.parse_args()
    print(machine())
    record_if(options.record, "poem", quality(data_folder(), options.epochs, options.patience))


if __name__ == "__main__":
    main()

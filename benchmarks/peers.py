"""What peers are timed by: a training whose clock stands still while the held-out part is measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.parts import Result


def watched(
    name: str, step: Callable[[], object], measure: Callable[[], float], marks: Sequence[float]
) -> Iterator[Result]:
    """Takes steps until the last of `marks`, seconds of training, and measures at each of them.

    Then the best of these, chosen by the held-out part itself, which is in the peer's favour. A first step that takes
    longer than a mark, as where it compiles, is measured when it has ended.
    """
    spent, found, left = 0.0, [], sorted(marks)
    while left:
        started = time.perf_counter()
        step()
        spent += time.perf_counter() - started
        if spent < left[0]:
            continue
        loss = measure()
        found.append((loss, spent))
        while left and left[0] <= spent:
            mark = f"{name}.{left.pop(0):g}"
            yield Result(f"{mark}.nats", loss, "nats per symbol")
            yield Result(f"{mark}.seconds", spent, "s")
    loss, spent = min(found)
    yield Result(f"{name}.best.nats", loss, "nats per symbol")
    yield Result(f"{name}.best.seconds", spent, "s")

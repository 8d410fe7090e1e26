"""How many threads NumPy's matrix products take."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np  # noqa: F401  # loads the library whose threads are limited
from threadpoolctl import ThreadpoolController


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()  # looking for them takes a millisecond


def threads_of_products(count: int | None) -> AbstractContextManager[Any]:
    """A context in which each product takes at most `count` threads; None changes nothing."""
    limited: AbstractContextManager[Any] = _libraries().limit(limits=count, user_api="blas")
    return limited

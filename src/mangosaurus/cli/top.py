"""`mangosaurus top`: the most probable names of a model."""

from __future__ import annotations

import math
from typing import Annotated

from mangosaurus.cli.options import Label, ModelArgument, Training, with_options
from mangosaurus.cli.output import Output
from mangosaurus.cli.streams import say
from mangosaurus.core.typed import option
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Steering


@with_options
def top(
    model: ModelArgument = None,
    n: Annotated[int, option("-n", "--n", help="Number of names.")] = 20,
    *,
    constraints: Constraints,
    label: Label = None,
    steering: Steering,
    training: Training = None,
    new: Annotated[bool, option("--new", help="Leave out names of the training list.")] = False,
    memory: Annotated[
        int,
        option(
            metavar="MB",
            help="Memory limit of the search. At the limit, or after 1,000,000 + 1,000 n prefixes, only the names "
            "proved so far are printed.",
        ),
    ] = 1000,
    output: Output,
) -> None:
    """Print the most probable names of a model, with their probabilities. The list is exact, not sampled."""
    from mangosaurus.cli.steering import chosen

    output.check(model, training)
    loaded, own = chosen(model, label, steering, training=training)
    names = training if own is None or constraints.not_like is None else own
    found = loaded.most_probable(n, constraints, new, names, memory)
    output.show(
        lambda: (f"{name}\t{math.exp(p):.3g}" for name, p in zip(found, found.log_probs, strict=True)),
        found.table,
        found.as_dict,
    )
    for remark in (*loaded.remarks, found.summary()):
        say(remark)

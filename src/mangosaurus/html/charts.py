"""Charts as SVG inside a page: drawn by Matplotlib, coloured by the page's style, light or dark."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.errors import MissingExtraError
from mangosaurus.html.page import escape, showable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAMPLES, DATA, INK, FAINT, LINE = "#010101", "#020202", "#030303", "#040404", "#050505"
"""Placeholders for the colours of the page's style."""
VARIABLES = {SAMPLES: "--samples", DATA: "--data", INK: "--ink", FAINT: "--faint", LINE: "--line"}
CHARTS = """
.mangosaurus figure { margin: 1rem 0 0; }
.mangosaurus figure svg { width: 100%; height: auto; display: block; }
.mangosaurus figure .scroll svg { min-width: 34rem; }
.mangosaurus figcaption { max-width: 42rem; font-size: .95rem; }
"""
INCHES = (9.0, 3.6)
MOST_CHARACTERS = 40
SHOWN = {" ": "␣", "\n": "↵", "\t": "⇥"}


def check_matplotlib() -> None:
    """Raises MissingExtraError if Matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise MissingExtraError(
            'the charts of a report need matplotlib, which is not installed: run pip install "mangosaurus[report]"'
        )


def curves_chart(curves: Mapping[str, Sequence[tuple[int, float, float]]], name: str = "curves") -> str:
    """Learning curves by the network's name: points (step, training loss, held-out loss), in nats per symbol.

    `name` makes the chart's ids unique on its page.
    """
    alts = []
    for network, curve in curves.items():
        best = min(curve, key=lambda point: point[2])
        alts.append(
            f"{network}: held-out loss from {curve[0][2]:.2f} at step {curve[0][0]:,} to its lowest, {best[2]:.2f}, at "
            f"step {best[0]:,}; training loss at the end {curve[-1][1]:.2f}."
        )

    def draw(axes: Axes) -> None:
        for number, curve in enumerate(curves.values()):
            steps, training, held_out = zip(*curve, strict=True)
            names = (None, None) if number else ("training loss", "held-out loss")
            axes.plot(steps, training, color=DATA, linestyle="--", linewidth=1.4, alpha=0.9, label=names[0])
            axes.plot(steps, held_out, color=SAMPLES, linewidth=1.8, marker="o", markersize=3, label=names[1])
        axes.set_xlabel("step")
        axes.set_ylabel("nats per symbol")

    return drawn(draw, name, " ".join(["Line chart of the training.", *alts]))


def lengths_chart(what: str, samples: Mapping[int, float], data: Mapping[int, float] | None) -> str:
    """The share of each length of `what`, such as "names", in characters, among the samples and in the data."""
    from matplotlib.ticker import MaxNLocator

    series = {"samples": samples} | ({} if data is None else {"data": data})
    alts = [f"Of the {name}, {_usual(shares)}" for name, shares in series.items()]
    longest = max(length for shares in series.values() for length in shares)

    def draw(axes: Axes) -> None:
        lengths = np.arange(longest + 1)
        for name, shares in reversed(series.items()):
            heights = [shares.get(int(length), 0.0) for length in lengths]
            if name == "data":
                axes.bar(lengths, heights, width=0.86, color=DATA, alpha=0.45, label="data")
            else:
                axes.plot(lengths, heights, color=SAMPLES, linewidth=2, marker="o", markersize=4, label="samples")
        axes.set_xlabel(f"characters of {what}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")

    return drawn(draw, "lengths", " ".join([f"Chart of the lengths of {what}.", *alts]))


def letters_chart(samples: Mapping[str, float], data: Mapping[str, float] | None) -> str:
    """The share of each character among the samples and in the data, the most frequent of the data first."""
    order = sorted(data or samples, key=lambda c: (-(data or samples)[c], c))[:MOST_CHARACTERS]
    series = ({} if data is None else {"data": data}) | {"samples": samples}
    most = [
        f"In the {name} the most frequent are "
        + ", ".join(f"{SHOWN.get(c, c)} {share:.1%}" for c, share in sorted(shares.items(), key=lambda x: -x[1])[:5])
        for name, shares in series.items()
    ]

    def draw(axes: Axes) -> None:
        places = np.arange(len(order))
        width = 0.8 / len(series)
        for number, (name, shares) in enumerate(series.items()):
            heights = [shares.get(c, 0.0) for c in order]
            colour, alpha = (DATA, 0.6) if name == "data" else (SAMPLES, 0.9)
            left = places + (number - (len(series) - 1) / 2) * width
            axes.bar(left, heights, width=width, color=colour, alpha=alpha, label=name)
        # A dollar sign would begin a formula.
        axes.set_xticks(places, [showable(SHOWN.get(c, c)).replace("$", r"\$") for c in order])
        axes.tick_params("x", length=0)
        axes.margins(x=0.01)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")

    return drawn(draw, "letters", f"Bar chart of the frequencies of characters. {'. '.join(most)}.")


def _usual(shares: Mapping[int, float]) -> str:
    """The mean and the most frequent length, for readers who do not see the chart."""
    mean = sum(length * share for length, share in shares.items())
    most = max(shares, key=lambda length: shares[length])
    return f"the mean is {mean:.1f} characters, and {most} the most frequent, {shares[most]:.0%}."


def drawn(draw: Callable[[Axes], None], name: str, alt: str) -> str:
    """What `draw` draws, as an SVG element that scales with the page; `name` makes its ids unique."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    settings: Any = {
        "svg.fonttype": "none",  # text stays text, in the reader's fonts
        "svg.hashsalt": name,  # the same ids each time
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 11,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": FAINT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": LINE,
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "figure.facecolor": "none",
    }
    with rc_context(settings), warnings.catch_warnings():
        # Matplotlib's font may lack characters that the reader's browser has.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=INCHES, layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        axes.legend(frameon=False, labelcolor=INK, loc="upper right")
        written = BytesIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    return _inline(written.getvalue().decode(), name, alt)


def _inline(svg: str, name: str, alt: str) -> str:
    """A file's SVG as an element of a page: no addresses, unique ids, the page's colours and fonts."""
    head, rest = svg[svg.index("<svg") :].split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    # The style would hold for the whole page.
    for pattern in ("<metadata>.*?</metadata>", "<style.*?</style>"):
        rest = re.sub(pattern, "", rest, flags=re.DOTALL)
    rest = rest.replace("xlink:href", "href")
    rest = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", rest)
    rest = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", rest)
    for colour, variable in VARIABLES.items():
        rest = rest.replace(colour, f"var({variable})")
    return f'<svg {box[0] if box else ""} role="img" aria-label="{escape(alt)}">{rest.strip()}'

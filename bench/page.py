"""Tables and plots of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from bench.answering import Reply
from bench.endpointing import Outcome
from bench.understanding import Grown
from evaluation.tables import table

SIZE: Final = (6.4, 3.8)
"""Inches."""
SHORT: Final = 0.01
"""Seconds; what is shorter is told more exactly."""
OURS: Final = "#1b6ca8"
OTHERS: Final = ("#c0392b", "#b8860b", "#2e7d32")


def milliseconds(seconds: float) -> str:
    """Return seconds as whole milliseconds, small ones with two decimals."""
    return f"{1000 * seconds:,.0f}" if seconds >= SHORT else f"{1000 * seconds:.2f}"


def late(taken: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(taken, n=20, method="inclusive")[-1] if len(taken) > 1 else taken[0]


def beside(rows: Mapping[str, Sequence[float]], extra: Mapping[str, str] | None = None) -> str:
    """Return a table of times: runs, median, 95th percentile, and how many times the first row's median."""
    taken = {name: times for name, times in rows.items() if times}
    ours = median(next(iter(taken.values())))
    lines = [
        (name, str(len(each)), milliseconds(median(each)), milliseconds(late(each)), f"{median(each) / ours:.1f}")
        + ((extra.get(name, ""),) if extra is not None else ())
        for name, each in taken.items()
    ]
    head = ("", "runs", "median ms", "95th ms", "times ours")
    return table((*head, "missed") if extra is not None else head, lines)


def spent(rows: Mapping[str, Sequence[Reply]]) -> str:
    """Return a table of what is done between the last sample of a question and the first of its answer."""
    steps = {
        "end noticed, last words recognised and understood: the answer is shown": lambda reply: reply.shown,
        "its sound is found": lambda reply: reply.begun - reply.shown,
        "it comes out of the loudspeaker": lambda reply: reply.heard - reply.begun,
    }
    lines = [
        (step, *(milliseconds(median(map(seconds, replies))) for replies in rows.values()))
        for step, seconds in steps.items()
    ]
    return table(("median ms", *rows), lines)


def curve(rules: Mapping[str, Sequence[Outcome]], path: Path) -> None:
    """Draw the share of questions cut at a pause over the delay after a question: one line a kind of rule."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    for (name, outcomes), colour in zip(rules.items(), (OURS, *OTHERS), strict=False):
        axes.plot(
            [each.delay for each in outcomes], [100 * each.cut for each in outcomes], "o-", color=colour, label=name
        )
    axes.axhline(5, color="grey", linestyle=":")
    axes.set(xlabel="median delay after the question, s", ylabel="questions cut at a pause of 1.2 s, %", ylim=(-2, 102))
    _save(plt, figure, axes, path)


def growth(lines: Mapping[str, Sequence[Grown]], path: Path) -> None:
    """Draw the milliseconds a question takes over how much there is to know."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    for (name, points), colour in zip(lines.items(), (OURS, *OTHERS), strict=False):
        axes.plot(
            [each.size for each in points],
            [1000 * median(each.taken) for each in points],
            "o-",
            color=colour,
            label=name,
        )
    axes.set(xlabel="how many", ylabel="understanding a question, ms", xscale="log", yscale="log")
    _save(plt, figure, axes, path)


def times(rows: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw the times of each row as a bar at the median, with a line up to the 95th percentile."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    taken = {name: each for name, each in rows.items() if each}
    middles = [median(each) for each in taken.values()]
    above = [late(each) - middle for each, middle in zip(taken.values(), middles, strict=True)]
    colours = [OURS if name.startswith("kiosk") else OTHERS[0] for name in taken]
    axes.barh(list(taken), middles, xerr=[[0.0] * len(above), above], color=colours)
    axes.invert_yaxis()
    axes.set(xlabel="seconds from the end of the question to the first sound of the answer")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _pyplot() -> Any:  # noqa: ANN401 - matplotlib is not typed for mypy here
    import matplotlib as mpl  # noqa: PLC0415 - it takes a second

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "kiosk"
    import matplotlib.pyplot as plt  # noqa: PLC0415

    return plt


def _save(plt: Any, figure: Any, axes: Any, path: Path) -> None:  # noqa: ANN401
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)

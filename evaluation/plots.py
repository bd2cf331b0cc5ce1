"""Plots for docs/evaluation.md, as SVG that is the same for the same figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from evaluation.asking import Result
from evaluation.curve import Growth, Point
from evaluation.judge import figures
from evaluation.tables import reliability

COLOURS: Final = {"right": "#1b6ca8", "urgent_recall": "#c0392b", "refused": "#2e7d32", "false_urgent": "#b8860b"}
SIZE: Final = (6.4, 3.8)
"""Inches."""


def calibration(groups: Mapping[str, Sequence[Result]], path: Path) -> None:
    """Draw the share of right answers over the score; on the dotted line a score tells the truth."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    axes.plot([0, 100], [0, 1], ":", color="grey")
    for (name, results), colour in zip(groups.items(), COLOURS.values(), strict=False):
        bands = reliability(results)
        axes.plot(
            [100 * mean for _, mean, _, _ in bands], [share for _, _, share, _ in bands], "o-", color=colour, label=name
        )
        for _, mean, share, count in bands:
            axes.annotate(str(count), (100 * mean, share), textcoords="offset points", xytext=(3, -11), fontsize=7)
    axes.set(xlabel="score of the answer", ylabel="share right", xlim=(0, 102), ylim=(0, 1.03))
    _save(plt, figure, axes, path)


def learning(points: Sequence[Point], path: Path) -> None:
    """Draw the figures over the number of sample questions: the mean of the seeds, and their range."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    sizes = sorted({point.size for point in points})
    for name in ("right", "urgent_recall", "refused"):
        columns = [[point.figures[name] for point in points if point.size == size] for size in sizes]
        axes.plot(sizes, [sum(each) / len(each) for each in columns], "o-", color=COLOURS[name], label=name)
        axes.fill_between(sizes, [*map(min, columns)], [*map(max, columns)], color=COLOURS[name], alpha=0.15)
    axes.set(xlabel="sample questions", xscale="log", ylabel="share")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], minor=False)
    axes.minorticks_off()
    _save(plt, figure, axes, path)


def noise(groups: Mapping[str, Mapping[str, Sequence[Result]]], path: Path) -> None:
    """Draw the figures over the noise, a panel a kind of noise; `groups` are results by noise and by decibels."""
    plt = _pyplot()
    figure, panels = plt.subplots(
        1, len(groups), figsize=(SIZE[0] * 1.3, SIZE[1]), sharey=True, squeeze=False, layout="constrained"
    )
    for axes, (kind, levels) in zip(panels[0], groups.items(), strict=True):
        shares = [figures(result.verdict for result in results) for results in levels.values()]
        for name in ("right", "urgent_recall", "refused"):
            axes.plot(
                list(levels), [each.get(name, float("nan")) for each in shares], "o-", color=COLOURS[name], label=name
            )
        axes.set(title=kind, ylim=(0, 1.03))
        axes.grid(alpha=0.3)
    panels[0][0].set_ylabel("share")
    _save(plt, figure, panels[0][-1], path)


def rivals(results: Mapping[str, Sequence[Result]], path: Path) -> None:
    """Draw the figures of each answerer as bars."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=(SIZE[0] * 1.2, SIZE[1]), layout="constrained")
    names = list(results)
    shares = [figures(result.verdict for result in each) for each in results.values()]
    for number, (name, colour) in enumerate(COLOURS.items()):
        places = [place + 0.2 * number for place in range(len(names))]
        axes.barh(places, [each.get(name, 0.0) for each in shares], height=0.2, color=colour, label=name)
    axes.set_yticks([place + 0.3 for place in range(len(names))], names)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="share")
    _save(plt, figure, axes, path)


def growth(points: Sequence[Growth], path: Path) -> None:
    """Draw the time to learn, to load and to answer over the number of sample questions."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    sizes = [point.size for point in points]
    axes.plot(sizes, [point.learn for point in points], "o-", color=COLOURS["right"], label="learning")
    axes.plot(sizes, [point.load for point in points], "o-", color=COLOURS["refused"], label="loading")
    axes.plot(
        sizes, [point.late / 1000 for point in points], "o-", color=COLOURS["urgent_recall"], label="a question (95th)"
    )
    axes.set(xscale="log", yscale="log", xlabel="sample questions", ylabel="seconds")
    _save(plt, figure, axes, path)


def _pyplot() -> Any:  # noqa: ANN401 - a module
    import matplotlib as mpl  # noqa: PLC0415 - a run without plots does without it

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "kiosk"
    import matplotlib.pyplot as plt  # noqa: PLC0415

    return plt


def _save(plt: Any, figure: Any, axes: Any, path: Path) -> None:  # noqa: ANN401 - matplotlib is not there for all
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=4, fontsize=8, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None}, facecolor="white")
    plt.close(figure)

"""Results as Markdown tables, for the terminal and for docs/evaluation.md alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import median, quantiles
from typing import Final

from rapidfuzz.distance import Levenshtein

from evaluation.asking import Result
from evaluation.judge import FIGURES, figures
from evaluation.questions import Question

BANDS: Final = ((0, 50), (50, 60), (60, 70), (70, 80), (80, 90), (90, 100), (100, 101))
"""Scores from the first up to, not including, the second."""
CONFUSIONS: Final = 20
"""Pairs that are listed."""
WITH_INTERVAL: Final = ("right", "urgent_recall", "refused")
MISSING: Final = "-"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose columns line up, numbers to the right."""
    first, *others = zip(head, *rows, strict=True)
    columns = [
        _to_the_left(first),
        *(_to_the_right(cells) if _is_numbers(cells) else _to_the_left(cells) for cells in others),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in zip(*columns, strict=True))


def _is_numbers(cells: Sequence[str]) -> bool:
    return all(cell == MISSING or cell[:1].isdigit() for cell in cells[1:])


def _to_the_left(cells: Sequence[str]) -> list[str]:
    width = max(map(len, cells))
    return [cells[0].ljust(width), "-" * width, *(cell.ljust(width) for cell in cells[1:])]


def _to_the_right(cells: Sequence[str]) -> list[str]:
    width = max(map(len, cells))
    return [cells[0].rjust(width), "-" * (width - 1) + ":", *(cell.rjust(width) for cell in cells[1:])]


def figures_by(kind: str, groups: Mapping[str, Sequence[Result]], *, intervals: bool = False) -> str:
    """Return the figures of each group; with `intervals`, the main ones with their 95 % interval."""

    def cell(figure: str, results: Sequence[Result]) -> str:
        values = [value for each in results if (value := getattr(each.verdict, figure)) is not None]
        if not values:
            return MISSING
        share = f"{sum(values) / len(values):.3f}"
        return (
            f"{share} ({interval(values)})" if intervals and figure in {"right", "urgent_recall", "refused"} else share
        )

    rows = [(name, str(len(each)), *(cell(figure, each) for figure in FIGURES)) for name, each in groups.items()]
    return table((kind, "questions", *FIGURES), rows)


def interval(values: Sequence[bool]) -> str:
    """Return Wilson's 95 % interval of a share."""
    count, share, z = len(values), sum(values) / len(values), 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return f"{max(middle - half, 0):.2f}-{min(middle + half, 1):.2f}"


def served_by_topic(groups: Mapping[str, Sequence[Result]]) -> str:
    """Return of each topic how many were served (answered right, or rightly refused), and what came instead."""
    rows = []
    for topic, results in groups.items():
        misses = Counter(outcome(each) for each in results if not each.verdict.good)
        instead = ", ".join(f"{name} {count}" for name, count in misses.most_common(4))
        share = sum(each.verdict.good for each in results) / len(results)
        rows.append((topic, str(len(results)), f"{share:.2f}", instead))
    return table(("topic", "questions", "served", "instead, most often"), rows)


def confusions(results: Iterable[Result]) -> str:
    """Return the pairs of what was wanted and what came instead, most frequent first, each with an example."""
    pairs = defaultdict(list)
    for result in results:
        if not result.verdict.good:
            pairs[wanted(result.question), outcome(result)].append(result)
    listed = sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:CONFUSIONS]
    rows = [(want, got, str(len(each)), f"“{each[0].said.text}”") for (want, got), each in listed]
    return table(("wanted", "got", "times", "such as"), rows)


def wanted(question: Question) -> str:
    """Return the topics of a question in one name."""
    return " + ".join(sorted(question.topics))


def outcome(result: Result) -> str:
    """Return what came of a question in one name."""
    match result.reply.outcome:
        case "answer":
            half = "only " if set(result.reply.intents) < result.question.topics else ""
            return half + " + ".join(result.reply.intents)
        case "clarify":
            return "asked back"
        case "unknown":
            return "refused"


def reliability(results: Iterable[Result]) -> list[tuple[str, float, float, int]]:
    """Return (band, mean score, share right, answers) of each band of scores that has answers; both 0 to 1."""
    answered = [result for result in results if result.reply.outcome == "answer"]
    bands = []
    for low, high in BANDS:
        within = [each for each in answered if low <= each.reply.score < high]
        if within:
            mean = sum(each.reply.score for each in within) / len(within) / 100
            share = sum(each.verdict.good for each in within) / len(within)
            bands.append((f"{low}-{high}" if high <= 100 else "100", mean, share, len(within)))  # noqa: PLR2004
    return bands


def calibration(results: Sequence[Result]) -> str:
    """Return the reliability table, and the mean distance between score and share right."""
    bands = reliability(results)
    rows = [(name, str(count), f"{mean:.2f}", f"{share:.2f}") for name, mean, share, count in bands]
    refusals = [each for each in results if each.reply.outcome == "unknown"]
    rightly = f"{sum(each.verdict.good for each in refusals) / len(refusals):.2f}" if refusals else MISSING
    rows.append(("refused", str(len(refusals)), MISSING, rightly))
    total = sum(count for *_, count in bands) or 1
    error = sum(abs(mean - share) * count for _, mean, share, count in bands) / total
    text = table(("score", "questions", "mean score / 100", "share right"), rows)
    return f"{text}\n\nExpected calibration error of the answers: {error:.3f}."


def rivals(results: Mapping[str, Sequence[Result]]) -> str:
    """Return the figures of each answerer and the time it takes."""
    rows = []
    for name, each in results.items():
        shares = figures(result.verdict for result in each)
        cells = (f"{shares[figure]:.3f}" if figure in shares else MISSING for figure in FIGURES[:-1])
        middle, late = times(each)
        rows.append((name, *cells, f"{middle:.2f}", f"{late:.2f}"))
    return table(("answerer", *FIGURES[:-1], "median ms", "95th ms"), rows)


def times(results: Iterable[Result]) -> tuple[float, float]:
    """Return the median and the 95th percentile of the milliseconds a question takes."""
    taken = [result.milliseconds for result in results]
    return median(taken), quantiles(taken, n=20)[-1]


def word_error(results: Iterable[Result]) -> float:
    """Return the share of words that were heard wrongly, left out or put in."""
    pairs = [(result.question.text.split(), result.said.text.split()) for result in results]
    wrong = sum(Levenshtein.distance(asked, heard) for asked, heard in pairs)
    return wrong / sum(len(asked) for asked, _ in pairs)


def heard_by(kind: str, groups: Mapping[str, Sequence[Result]]) -> str:
    """Return the figures of each group of questions asked aloud, and how well their words were heard."""
    chosen = ("right", "urgent_recall", "false_urgent", "refused")
    rows = []
    for name, each in groups.items():
        shares = figures(result.verdict for result in each)
        cells = (f"{shares[figure]:.3f}" if figure in shares else MISSING for figure in chosen)
        rows.append((name, str(len(each)), f"{word_error(each):.2f}", *cells))
    return table((kind, "questions", "word errors", *chosen), rows)

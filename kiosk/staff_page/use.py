"""Use at a glance: how many questions a day, and what came of them. Counts only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.responses import Response

    from kiosk.staff.asked import Day
    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.paper import Paper

SPANS: Final = {"7": "a week", "30": "30 days", "90": "90 days"}
USUAL: Final = "30"
WIDTH: Final = 900
HEIGHT: Final = 220
"""Of the plot, in its own units; the page scales it."""
FOOT: Final = 24
"""Below the bars, for the days."""
LEFT: Final = 40
"""Before the bars, for the scale."""
LABELS: Final = 8
"""Days that are named below the bars."""
PARTS: Final = (
    ("urgent", "Warning signs"),
    ("answered", "Other answers"),
    ("back", "Asked back"),
    ("not", "Not answered"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the plot."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars a day, one part upon the other, with a scale."""

    bars: tuple[Bar, ...]
    days: tuple[tuple[float, str], ...]
    scale: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


@dataclass(frozen=True, slots=True)
class Use:
    """The page about use."""

    _desk: Desk
    _paper: Paper

    def page(self, call: Call) -> Response:
        """Show the counts of some days, as plots and as tables."""
        span = call.query.get("days", USUAL)
        span = span if span in SPANS else USUAL
        days = self._desk.asked.use(int(span))
        titles = self._desk.live.understander.phrasebook.intents
        by_intent = Counter[str]()
        for day in days:
            by_intent.update(day.by_intent)
        named = [(titles[name].title if name in titles else name, count) for name, count in by_intent.most_common()]
        return self._paper.page(
            "use.html",
            call=call,
            here="/staff/use",
            spans=SPANS,
            span=span,
            days=[day for day in reversed(days) if day.questions],
            total={name: sum(getattr(day, name) for day in days) for name in
                   ("questions", "answered", "asked_back", "unanswered", "urgent")},
            plot=plot(days),
            parts=PARTS,
            by_intent=named,
            most=max((count for _, count in named), default=1),
            told=told,
        )  # fmt: skip


def plot(days: Sequence[Day]) -> Plot:
    """Return the bars of the days, scaled to the busiest."""
    top = _round_up(max((day.questions for day in days), default=0))
    ground = HEIGHT - FOOT
    room = (WIDTH - LEFT) / max(len(days), 1)
    bars = []
    for number, day in enumerate(days):
        y = float(ground)
        for (kind, _), count in zip(PARTS, _parts(day), strict=True):
            height = count / top * (ground - 10)
            y -= height
            if count:
                bars.append(Bar(kind, round(LEFT + (number + 0.15) * room, 1), round(y, 1), round(room * 0.7, 1),
                                round(height, 1)))  # fmt: skip
    every = max(1, -(-len(days) // LABELS))
    named = [
        (round(LEFT + (number + 0.5) * room, 1), short(day.day))
        for number, day in enumerate(days)
        if number % every == 0
    ]
    scale = [(round(ground - part / 2 * (ground - 10), 1), round(top * part / 2)) for part in (0, 1, 2)]
    return Plot(tuple(bars), tuple(named), tuple(scale))


def told(day: str) -> str:
    """Return a day for people: Sun 22 Nov."""
    return f"{date.fromisoformat(day):%a} {short(day)}"


def short(day: str) -> str:
    """Return a day in few letters: 22 Nov."""
    return f"{date.fromisoformat(day):%d %b}".lstrip("0")


def _parts(day: Day) -> tuple[int, int, int, int]:
    return day.urgent, max(0, day.answered - day.urgent), day.asked_back, day.unanswered


def _round_up(most: int) -> int:
    """Return an even number that is easy to read and not less than `most`."""
    size = 1
    while True:
        for step in (2, 4, 6, 10):
            if most <= step * size:
                return step * size
        size *= 10

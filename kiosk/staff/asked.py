"""What patients asked: counts by the day, and, if staff wish, the words of questions asked in vain.

A local SQLite file. Words are kept only while staff have it switched on, for some days, and without any
time finer than the day; sound never is. What is deleted is overwritten (`secure_delete`) and the file made
anew (`VACUUM`); SQLite's own journal stays in memory, so that no copy lies beside it. A crash may cost the
record, which is then begun anew: it is worth less than the privacy.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Literal

from rapidfuzz import fuzz, process

from kiosk.converse.turn import Phase
from kiosk.terms import KioskError
from kiosk.understand.normalise import words

if TYPE_CHECKING:
    from kiosk.converse.turn import State
    from kiosk.terms import Answer, Phrasebook

ALIKE: Final = 80.0
"""Of 100, by rapidfuzz's `token_sort_ratio` of normalised words: above it two wordings are one question."""
MOST: Final = 5_000
"""Wordings that are kept; the oldest go first."""
PATIENCE: Final = 5.0
"""Seconds to wait for another process that writes; it takes some milliseconds."""
TABLES: Final = """
create table if not exists keeping (is_on integer not null);
create table if not exists in_vain (
    id integer primary key, day text not null, question text not null, outcome text not null, count integer not null,
    unique (day, question, outcome));
create table if not exists counts (day text not null, what text not null, count integer not null,
    primary key (day, what));
"""
OUTCOMES: Final = {"answer": "answered", "clarify": "asked_back", "unknown": "unanswered"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InVain:
    """Questions asked in vain that are much alike."""

    id: int
    """Of the first of them; stays the same while there are any."""
    question: str
    """The commonest wording."""
    wordings: tuple[str, ...]
    """Every wording, the commonest first."""
    count: int
    outcome: Literal["unknown", "clarify"]
    """Refused, or asked back about: what the commonest wording got."""
    first: str
    """The day it was first asked: 2026-11-22."""
    last: str


@dataclass(frozen=True, slots=True)
class Day:
    """How a day went, in counts."""

    day: str
    """2026-11-22."""
    questions: int
    answered: int
    asked_back: int
    unanswered: int
    urgent: int
    """Of those answered."""
    by_intent: Mapping[str, int]


class Asked:
    """The local record. Only what staff call to change it raises for a disk that is full or read-only."""

    def __init__(self, file: Path, days: int = 30, today: Callable[[], date] = date.today) -> None:
        """Take the SQLite file (made when needed) and how many days words are kept."""
        self._file = file
        self.days = days
        """How many days words are kept."""
        self._today = today
        self._turn = 0
        self._last: Answer | None = None
        self._refused: frozenset[str] = frozenset()
        self._notes: SimpleQueue[tuple[str, Answer] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_broken = False

    # --- what staff call ---
    @property
    def keeping(self) -> bool:
        """Whether the words of questions asked in vain are kept; off until staff switch it on."""
        return bool(self._rows("select 1 from keeping where is_on"))

    def keep(self, *, on: bool) -> None:
        """Switch it on or off; switching off leaves what was kept until it is deleted or too old."""
        with self._changing() as base:
            base.execute("delete from keeping")
            base.execute("insert into keeping values (?)", (on,))

    def in_vain(self) -> tuple[InVain, ...]:
        """Return what was asked in vain, alike ones together, the most asked first."""
        rows = self._rows(
            "select id, question, outcome, count, day from in_vain where day >= ? order by id", self._oldest()
        )
        found = [_group(members) for members in _alike(_Wording(*row) for row in rows)]
        return tuple(sorted(found, key=lambda each: (-each.count, each.id)))

    def forget(self, ids: Iterable[int]) -> None:
        """Delete groups of `in_vain` by their id, with all their wordings, beyond recovery."""
        wanted = set(ids)
        gone = [text for each in self.in_vain() if each.id in wanted for text in each.wordings]
        with self._changing() as base:
            base.executemany("delete from in_vain where question = ?", [(text,) for text in gone])

    def forget_all(self) -> None:
        """Delete everything, the counts too, beyond recovery."""
        with self._changing() as base:
            base.execute("delete from in_vain")
            base.execute("delete from counts")

    def use(self, days: int = 30) -> tuple[Day, ...]:
        """Return the counts of the last days, the oldest first; days without a question are zero."""
        last = self._today()
        every = [(last - timedelta(days=ago)).isoformat() for ago in reversed(range(days))]
        counts: dict[str, Counter[str]] = {day: Counter() for day in every}
        for day, what, count in self._rows("select day, what, count from counts where day >= ?", every[0]):
            if day in counts:
                counts[day][what] = count
        return tuple(_day(day, counts[day]) for day in every)

    # --- what the session calls ---
    def adopt(self, phrasebook: Phrasebook) -> None:
        """Know what must be refused: such a question is not asked in vain. For `Session.adopted`."""
        refused = (each.text for each in phrasebook.examples if not each.intents)
        self._refused = frozenset(" ".join(words(text)) for text in refused)

    def show(self, state: State) -> None:
        """Note the reply of a state that has a new one; for `Session.show`. Returns at once, never raises."""
        if state.turn == self._turn or state.phase is not Phase.SPEAKING or state.answer is None:
            return
        before, self._turn, self._last = self._last, state.turn, state.answer
        if state.answer is before:
            return  # the same is said again
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="asked", daemon=True)
            self._thread.start()
        self._notes.put((state.words, state.answer))

    def close(self) -> None:
        """Write what is not yet written, and end."""
        if self._thread is not None:
            self._notes.put(None)
            self._thread.join()
            self._thread = None

    # --- parts ---
    def _write(self) -> None:
        while (note := self._notes.get()) is not None:
            try:
                self._note(*note)
            except (sqlite3.Error, OSError, KioskError) as error:
                if not self._is_broken:  # told once, not at every question
                    _log.warning("What was asked cannot be counted: %s.", type(error).__name__)
                self._is_broken = True
            else:
                self._is_broken = False

    def _note(self, question: str, said: Answer) -> None:
        day = self._today().isoformat()
        plain = " ".join(words(question))
        with self._base() as base, base:
            for what in ("questions", OUTCOMES[said.outcome], *(["urgent"] if said.urgent else [])):
                _count(base, day, what)
            for name in said.intents if said.outcome == "answer" else ():
                _count(base, day, f"intent {name}")
            base.execute("delete from in_vain where day < ?", (self._oldest(),))
            is_on = base.execute("select 1 from keeping where is_on").fetchone()
            if is_on and said.outcome != "answer" and plain and plain not in self._refused:
                base.execute(
                    "insert into in_vain (day, question, outcome, count) values (?, ?, ?, 1) "
                    "on conflict do update set count = count + 1",
                    (day, plain, said.outcome),
                )
                base.execute(
                    "delete from in_vain where id <= (select id from in_vain order by id desc limit 1 offset ?)",
                    (MOST,),
                )

    def _oldest(self) -> str:
        return (self._today() - timedelta(days=self.days)).isoformat()

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        if not self._file.exists():
            return []
        try:
            with self._base() as base:
                return base.execute(query, values).fetchall()
        except (sqlite3.Error, OSError):
            return []

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Change what is kept, and leave nothing of what was deleted; raises `KioskError`."""
        try:
            with self._base() as base:
                with base:
                    yield base
                base.execute("vacuum")
        except (sqlite3.Error, OSError) as error:
            raise KioskError(
                f"What patients asked cannot be changed in {self._file}: {error}.",
                "Make room on the disk, or see to it that the kiosk may write there.",
            ) from error

    @contextmanager
    def _base(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            base = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._file.unlink()  # damaged: begun anew
            base = self._open()
        with closing(base):
            yield base

    def _open(self) -> sqlite3.Connection:
        if not self._file.exists():
            self._file.touch(mode=0o600)
        base = sqlite3.connect(self._file, timeout=PATIENCE)
        try:
            for setting in ("secure_delete = on", "journal_mode = memory", "temp_store = memory"):
                base.execute(f"pragma {setting}")
            base.executescript(TABLES)
        except sqlite3.Error:
            base.close()
            raise
        return base


@dataclass(slots=True)
class _Wording:
    """A question asked in vain on one day, as it stands in the file."""

    id: int
    question: str
    outcome: Literal["unknown", "clarify"]
    count: int
    day: str


def _alike(wordings: Iterable[_Wording]) -> Iterable[list[_Wording]]:
    """Return the wordings in groups: each joins the first whose first wording is like it."""
    groups: dict[str, list[_Wording]] = {}
    for wording in wordings:
        best = process.extractOne(wording.question, groups.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        groups.setdefault(best[0] if best else wording.question, []).append(wording)
    return groups.values()


def _group(members: list[_Wording]) -> InVain:
    counts: Counter[str] = Counter()
    for wording in members:
        counts[wording.question] += wording.count
    ranked = [text for text, _ in counts.most_common()]
    outcome = next(wording.outcome for wording in members if wording.question == ranked[0])
    days = [wording.day for wording in members]
    return InVain(members[0].id, ranked[0], tuple(ranked), counts.total(), outcome, min(days), max(days))


def _day(day: str, counts: Mapping[str, int]) -> Day:
    by_intent = {what.removeprefix("intent "): count for what, count in counts.items() if what.startswith("intent ")}
    plain = {what: counts.get(what, 0) for what in ("questions", "answered", "asked_back", "unanswered", "urgent")}
    return Day(day, by_intent=by_intent, **plain)


def _count(base: sqlite3.Connection, day: str, what: str) -> None:
    base.execute("insert into counts values (?, ?, 1) on conflict do update set count = count + 1", (day, what))

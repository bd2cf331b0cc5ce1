"""Reads labelled questions: what was asked, and which answers the asker needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.terms import KioskError

NONE: Final = "none"
"""The topic of a question that must be refused."""
OWN: Final = Path(__file__).resolve().parent.parent / "tests" / "questions"
"""The project's own questions, which nothing was learned from."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the topics (ids of intents) whose answers the asker needs to hear."""

    id: str
    text: str
    topics: frozenset[str]
    also_ok: frozenset[str] = frozenset()
    """Topics whose answer would satisfy as well."""
    style: str = ""
    """The kind of speaker or of question, such as "indian" or "negated"."""

    @property
    def in_scope(self) -> bool:
        """Whether the kiosk should answer it at all."""
        return self.topics != {NONE}


def read(paths: Iterable[Path] = (OWN,)) -> list[Question]:
    """Return the questions of JSONL files, or of all such files in folders; raises `KioskError`."""
    questions = [question for path in paths for file in _files(path) for question in _questions(file)]
    if not questions:
        raise KioskError("There are no questions to ask.", "Name JSONL files, or folders with such files.")
    return questions


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def _questions(file: Path) -> Iterator[Question]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise KioskError(f"The questions in {file} cannot be read: {error.strerror}.") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _question(line, f"{file.name}, line {number}")


def _question(line: str, where: str) -> Question:
    try:
        entry = json.loads(line)
        return Question(
            id=entry["id"],
            text=entry["text"],
            topics=frozenset(entry["topics"]),
            also_ok=frozenset(entry.get("also_ok", ())),
            style=entry.get("style", ""),
        )
    except (ValueError, KeyError, TypeError) as error:
        mend = "Write such as: " + json.dumps({"id": "tingling-100", "text": "...", "topics": ["tingling"]})
        raise KioskError(f"{where} is not a question with id, text and topics.", mend) from error

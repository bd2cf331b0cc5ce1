"""docs/evaluation.md: parts that are measured on their own, each replaced when it is measured again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

HEAD: Final = """\
# How well the kiosk understands

Written by `make evaluate`; do not edit. Measured on the questions in `tests/questions/`, by authors who knew
neither the intents nor their sample questions; no weight was learned from them, but margins were chosen with a look at
their figures ([0008](decisions/0008-an-alarm-of-its-own.md)), so that these flatter a little.

Nothing here was measured with human voices: the speech is synthetic, some voices on purpose hard to understand. And
what the kiosk learned of mishearing (`intents/misheard.txt`), it learned from sample questions spoken by the same
voices in the same noises, so that these figures are kinder to it than a waiting room will be.

| figure | meaning |
|---|---|
| right | in-scope questions whose every wanted topic was answered, at most one beside it, and warnings as warnings |
| touched | in-scope questions with at least one wanted topic answered |
| urgent_recall | questions with a warning sign that were answered as urgent |
| false_urgent | questions without a warning sign that were answered as urgent |
| refused | out-of-scope questions that were told "I can't answer that" |
| clarified | questions answered by asking back (never counts as right) |

In brackets: 95 % interval (Wilson). Times are processor time, so that other work on the computer does not count.
"""
PARTS: Final = ("text", "rivals", "curve", "speech", "growth")
"""In the order of the page."""
_PART: Final = re.compile(r"<!-- part: (\w+) -->\n(.*?)\n<!-- end -->", re.DOTALL)


def write(page: Path, measured: Mapping[str, str]) -> None:
    """Put the measured parts into docs/evaluation.md, and leave its others as they are."""
    pieces(page, HEAD, PARTS, measured)


def pieces(page: Path, head: str, order: Sequence[str], measured: Mapping[str, str]) -> None:
    """Put the measured parts into a page after its `head`, in their `order`, and leave its others as they are."""
    old = dict(_PART.findall(page.read_text(encoding="utf-8"))) if page.is_file() else {}
    parts = old | dict(measured)
    texts = [f"<!-- part: {name} -->\n{parts[name]}\n<!-- end -->" for name in order if name in parts]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n\n".join((head.rstrip(), *texts)) + "\n", encoding="utf-8")

"""Two texts beside each other, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

AROUND: Final = 2
"""Lines shown before and after a difference."""

Row = tuple[str, str, str]
"""(kind, before, after): kind is `same`, `gone`, `come`, `changed` or `skip`."""


def rows(before: str, after: str) -> list[Row]:
    """Return what differs, with some lines around it."""
    old, new = before.splitlines(), after.splitlines()
    told: list[Row] = []
    # The "junk" of difflib is for texts of programs; questions repeat words, never lines.
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        if told:
            told.append(("skip", "", ""))
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                told += [("same", line, line) for line in old[old_from:old_to]]
                continue
            gone, come = old[old_from:old_to], new[new_from:new_to]
            both = min(len(gone), len(come))
            told += [("changed", *pair) for pair in zip(gone[:both], come[:both], strict=True)]
            told += [("gone", line, "") for line in gone[both:]]
            told += [("come", "", line) for line in come[both:]]
    return told

"""YAML as staff wrote it: changed in place, with its comments, order and style (ruamel.yaml).

Every scalar is the text it is, as in `kiosk.intents.content`: no numbers, dates or truth values.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import FoldedScalarString, ScalarString
from ruamel.yaml.tag import Tag

from kiosk.terms import KioskError

WIDTH: Final = 100
"""Characters of a line of a folded answer."""
INDENT: Final = 2
ENDLESS: Final = 100_000
"""No text that was written on one line is broken over several."""
_TEXT: Final = Tag(suffix="tag:yaml.org,2002:str")


class _AsWritten(VersionedResolver):
    """Takes every scalar for text."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:  # noqa: ANN401 - as the library has it
        return _TEXT if kind is ScalarNode else super().resolve(kind, value, implicit)


def parse(text: str) -> Any:  # noqa: ANN401 - a mapping or a list of the library, which knows its comments
    """Return a file's content to be changed in place; raises `KioskError` for faults of form."""
    try:
        return _yaml(text).load(text.removeprefix("\ufeff"))
    except YAMLError as error:
        raise KioskError("This file has faults and cannot be changed here.", "Mend it by hand first.") from error


def dumped(root: Any, like: str) -> str:  # noqa: ANN401
    """Return `root` as a file, with the manners of the file `like` that it was read from: lists, ends of lines."""
    stream = io.StringIO()
    _yaml(like).dump(root, stream)
    text = stream.getvalue()
    text = text.replace("\n", "\r\n") if "\r\n" in like else text
    return f"\ufeff{text}" if like.startswith("\ufeff") else text


def put(holder: CommentedMap, key: str, text: str, *, after: str = "") -> None:
    """Set a text in the style of the one it replaces; a new key comes behind `after`, or last."""
    text = " ".join(text.split())
    old = holder.get(key)
    if old is not None and " ".join(str(old).split()) == text:
        return
    long = len(key) + 2 + len(text) > WIDTH + len(key)
    new: str = _folded(text) if isinstance(old, FoldedScalarString) or long else text
    if isinstance(old, ScalarString) and not isinstance(old, FoldedScalarString) and not long:
        new = type(old)(text)
    if key in holder or after not in holder:
        holder[key] = new
    else:
        holder.insert(list(holder).index(after) + 1, key, new)


def put_list(holder: CommentedMap, key: str, lines: Sequence[str], *, flow: bool = False, after: str = "") -> None:
    """Set a list, leaving lines that stay where they are, with their comments; an empty one removes the key."""
    if not lines:
        holder.pop(key, None)
        return
    if not isinstance(holder.get(key), CommentedSeq):
        fresh = CommentedSeq()
        if flow:
            fresh.fa.set_flow_style()
        if key in holder or after not in holder:
            holder[key] = fresh
        else:
            holder.insert(list(holder).index(after) + 1, key, fresh)
    _become(holder[key], [" ".join(line.split()) for line in lines])


def rename(holder: CommentedMap, old: str, new: str) -> None:
    """Rename a key, which keeps its place and its comments."""
    at = list(holder).index(old)
    comments = holder.ca.items.pop(old, None)
    holder.insert(at, new, holder.pop(old))
    if comments is not None:
        holder.ca.items[new] = comments


def _become(there: CommentedSeq, wanted: Sequence[str]) -> None:
    """Change a list into `wanted` by removals and insertions, so that comments stay with their lines."""
    keep = set(wanted)
    for at in range(len(there) - 1, -1, -1):
        if " ".join(str(there[at]).split()) not in keep:
            del there[at]
    for at, line in enumerate(wanted):
        if at < len(there) and " ".join(str(there[at]).split()) == line:
            continue
        there.insert(at, line)
    del there[len(wanted) :]


def _folded(text: str) -> FoldedScalarString:
    """Return a text that is written with `>-` over lines of `WIDTH` characters."""
    folded: FoldedScalarString = FoldedScalarString(text)
    places, at = [], -1
    for line in textwrap.wrap(text, WIDTH - INDENT, break_on_hyphens=False, break_long_words=False)[:-1]:
        at += len(line) + 1
        places.append(at)
    folded.fold_pos = places  # type: ignore[attr-defined]  # the library reads it without declaring it
    return folded


def _yaml(text: str) -> YAML:
    yaml = YAML()
    yaml.Resolver = _AsWritten
    yaml.preserve_quotes = True
    yaml.width = ENDLESS
    if not any(line.startswith("- ") for line in text.splitlines()):
        yaml.indent(mapping=INDENT, sequence=2 * INDENT, offset=INDENT)
    return yaml

"""Reads what a form sends: fields of text, no files, and not without end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from kiosk.terms import KioskError

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST: Final = 4_000_000
"""Bytes of a form; the largest file of questions has 250 kB."""
MOST: Final = 500
"""Fields of a form."""

LONGEST_NAME: Final = 60
"""Characters of a name in the files; far below what any disk takes."""

Form = Mapping[str, str]


async def read(request: Request) -> Form | None:
    """Return the fields by name (the last one of a name that comes twice), None if it is no form of ours."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return None
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError:
        return None
    return {name: _clean(value) for name, value in fields}


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a field that hold something."""
    return tuple(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


def name(form: Form, field: str) -> str:
    """Return the name that a field holds; raises `KioskError` for one that no disk takes."""
    text = form.get(field, "").strip()
    if len(text) > LONGEST_NAME:
        raise KioskError(f"This name has {len(text)} characters; {LONGEST_NAME} are the most.", "Choose a shorter one.")
    return text


def _clean(value: str) -> str:
    """Return a value without the control signs that no key types, and with plain spaces."""
    kept = (
        sign if sign.isprintable() or sign == "\n" else " " * sign.isspace() for sign in value.replace("\r\n", "\n")
    )
    return "".join(kept)

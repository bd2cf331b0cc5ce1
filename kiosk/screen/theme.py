"""The clinic's own colour, in which both pages are dressed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COLOUR: Final = "#0b5563"
"""Of the buttons, where the clinic's file names none."""


def theme(clinic: Mapping[str, str]) -> str:
    """Return the style sheet that names the colour, for `static/look.css` and what builds on it."""
    return f":root{{--brand:{clinic.get('colour', COLOUR)}}}"

"""What the page may wish for, and the event of the conversation that each wish is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from kiosk.converse import turn
from kiosk.terms import Phrasebook, Transcript

LONGEST: Final = 300
"""Characters of a typed question; the page's field takes no more."""
PLAIN: Final[Mapping[str, turn.Event]] = {
    "ask": turn.Asking(),
    "released": turn.Released(),
    "again": turn.Again(),
    "stop": turn.Stopped(),
    "finish": turn.Finished(),
    "stirred": turn.Stirred(),
    "louder": turn.Louder(1),
    "quieter": turn.Louder(-1),
}


def event(body: bytes, phrasebook: Phrasebook) -> turn.Event | None:
    """Return the event that a wish in JSON is, None for anything the page would not send."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match said:
        case {"wish": "type", "text": str(text)} if text.strip() and len(text) <= LONGEST:
            # Control signs have no place in a question; a terminal that shows them would obey them.
            return turn.Asked(Transcript(" ".join("".join(c if c.isprintable() else " " for c in text).split())))
        case {"wish": "choose", "intent": str(intent)} if intent in phrasebook.intents:
            return turn.Chosen(intent)
        case {"wish": str(wish)}:
            return PLAIN.get(wish)
    return None

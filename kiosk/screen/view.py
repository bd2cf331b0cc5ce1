"""What the page shows for a state of the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kiosk.converse.turn import Phase

if TYPE_CHECKING:
    from kiosk.converse.turn import State
    from kiosk.terms import Phrasebook

QUIETEST: Final = -60.0
"""dBFS at which the level ring rests: a quiet room."""
LOUDEST: Final = -12.0
"""dBFS at which it is widest: somebody speaking up, close by."""
CONTROL: Final = "kiosk"
"""The group of the intents about the kiosk itself, which has buttons of its own."""
EMERGENCY: Final = "emergency"
"""The intent that has a button of its own on every view."""

Choice = Mapping[str, str]


def view(state: State, phrasebook: Phrasebook) -> dict[str, Any]:
    """Return what there is to show, in the words of the page."""
    answer = state.answer
    choices = answer.intents if answer and answer.outcome == "clarify" else ()
    return {
        "view": view_name(state),
        "turn": state.turn,
        "words": state.words,
        "level": round(min(max((state.level - QUIETEST) / (LOUDEST - QUIETEST), 0), 1), 2),
        "sentences": state.sentences,
        "sentence": state.sentence,
        "speaking": state.phase is Phase.SPEAKING,
        "choices": _titled(choices, phrasebook),
        "related": _titled(answer.related if answer else (), phrasebook),
        "notice": state.notice,
        "can_hear": state.can_hear,
        "can_speak": state.can_speak,
        "volume": state.volume,
        "leaving": state.leaving,
        "blank": state.blank,
    }


def view_name(state: State) -> str:
    """Return which of the page's views is shown."""
    if state.answer is None or state.phase in (Phase.LISTENING, Phase.THINKING):
        return {Phase.LISTENING: "listening", Phase.THINKING: "thinking"}.get(state.phase, "welcome")
    return "urgent" if state.answer.urgent else state.answer.outcome


def topics(phrasebook: Phrasebook) -> list[dict[str, Any]]:
    """Return the groups with their intents, as tiles; the emergency has a button of its own instead."""
    shelves = []
    for group in phrasebook.groups:
        ids = [each.id for each in phrasebook.intents.values() if each.group == group.id and each.id != EMERGENCY]
        if ids and group.id != CONTROL:
            shelves.append({"id": group.id, "title": group.title, "intents": _titled(ids, phrasebook)})
    return shelves


def _titled(ids: Sequence[str], phrasebook: Phrasebook) -> list[Choice]:
    intents = [phrasebook.intents[name] for name in ids if name in phrasebook.intents]
    return [{"id": each.id, "title": each.title} for each in intents if each.group != CONTROL]

"""A patient's conversation: what a reply owes to what was said before.

Pure: a transcript and what is remembered go in, an answer and what to remember come out. The memory
ends with the patient's session; nothing else keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from kiosk.converse.answer import answer, told
from kiosk.terms import Answer, Intent, Match, Phrasebook, Transcript, Unclear, Understanding, Unknown
from kiosk.understand.normalise import stem, words

REPEAT: Final = "repeat"
GOODBYE: Final = "goodbye"
CONTROL: Final = "kiosk"
"""The group of the intents that are about the kiosk itself."""

ORDINALS: Final = {
    "first": 0, "one": 0, "former": 0, "yes": 0, "yeah": 0, "yep": 0, "haan": 0, "correct": 0, "right": 0,
    "second": 1, "two": 1, "latter": 1, "last": -1, "third": 2, "three": 2,
}  # fmt: skip
LONGEST_CHOICE: Final = 6
"""Words; a longer reply to "did you mean" is a new question."""
LONGEST_FOLLOW_UP: Final = 9
"""Words; a longer question says by itself what it is about."""
SURE: Final = 80.0
"""Of 100: a question understood so well by itself is taken as it is."""
FOLLOW_UP: Final = frozenset(
    (
        "i me my we you he she it its that this they them these those one everyone people is are am be been was were "
        "will would do does did can could should shall must have has had get gets need how long what why when which "
        "who a an the and but or of to for in on at about with by from then there so if not no any more much many "
        "very too all still again ever always often usually normally last lasts lasting stay stays go goes going away "
        "stop stops end ends start come comes back happen happens mean means matter bad good okay fine normal usual "
        "common rare serious problem thing worry worried scared afraid concerned help done tell say explain wait take "
        "takes against"
    ).split()
)
"""An utterance of nothing but these words is about whatever was spoken of before."""
TURN: Final = re.compile(r"(?:and|but|what about|how about)\b")
"""So begins a turn to something else: "and ice?"."""


class Understands(Protocol):
    """What the conversation needs of `kiosk.understand.Understander`."""

    phrasebook: Phrasebook

    def understand(self, transcript: Transcript) -> Understanding:
        """Return what was said."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one patient's session."""

    last: Answer | None = None
    """What was last told, to say it again and to relate "how long does it last" to."""
    choices: tuple[str, ...] = ()
    """The intents that were offered when the kiosk asked back."""

    def known_to(self, phrasebook: Phrasebook) -> Memory:
        """Return the memory as far as `phrasebook`, which may be newer, still has what it is about."""
        named = {*self.choices, *(self.last.intents if self.last else ())}
        return self if named <= phrasebook.intents.keys() else Memory()


def reply(transcript: Transcript, memory: Memory, understander: Understands) -> tuple[Answer, Memory]:
    """Return the answer to an utterance, and what to remember for the next one."""
    phrasebook = understander.phrasebook
    understanding = understander.understand(transcript)
    chosen = _choice(transcript.text, memory.choices, phrasebook)
    if chosen is not None and not _is_urgent(understanding, phrasebook):
        return _remembered(told(chosen), memory)
    if memory.last is not None and _is_follow_up(transcript.text, understanding, phrasebook):
        understanding = _in_context(transcript, memory.last, understander) or understanding
    said = answer(understanding, phrasebook)
    if said.intents == (REPEAT,) and memory.last is not None:
        return memory.last, memory
    if said.intents == (GOODBYE,):
        return said, Memory()
    return _remembered(said, memory)


def _remembered(said: Answer, memory: Memory) -> tuple[Answer, Memory]:
    if said.outcome == "unknown":
        return said, Memory(last=memory.last)
    return said, Memory(last=said, choices=said.intents if said.outcome == "clarify" else ())


def _choice(text: str, choices: Sequence[str], phrasebook: Phrasebook) -> Intent | None:
    """Return the intent that a short reply to "did you mean ..." picks."""
    said = words(text)
    if not choices or not said or len(said) > LONGEST_CHOICE:
        return None
    stems = {stem(word) for word in said}
    named = [name for name in choices if stems & {stem(word) for word in words(phrasebook.intents[name].title)}]
    if len(named) == 1:
        return phrasebook.intents[named[0]]
    for word in said:
        place = ORDINALS.get(word)
        if place is not None and place < len(choices):
            return phrasebook.intents[choices[place]]
    return None


def _is_urgent(understanding: Understanding, phrasebook: Phrasebook) -> bool:
    return isinstance(understanding, Match) and phrasebook.intents[understanding.candidates[0].intent].urgent


def _is_follow_up(text: str, understanding: Understanding, phrasebook: Phrasebook) -> bool:
    """Tell whether an utterance leans on the last answer: short, of general words, about nothing sure by itself."""
    said = words(text)
    if len(said) > LONGEST_FOLLOW_UP or not FOLLOW_UP.issuperset(said):
        return False
    if not isinstance(understanding, Match):
        return True
    if TURN.match(" ".join(said)):
        return False
    # A warning sign, or a word to the kiosk itself ("say that again"), needs no context.
    first = understanding.candidates[0]
    intent = phrasebook.intents[first.intent]
    return first.score < SURE and not intent.urgent and intent.group != CONTROL


def _in_context(transcript: Transcript, last: Answer, understander: Understands) -> Understanding | None:
    """Return what the utterance means said after the topic of the last answer, None if nothing."""
    topic = next((name for name in last.intents if understander.phrasebook.intents[name].group != CONTROL), None)
    if topic is None:
        return None
    title = understander.phrasebook.intents[topic].title
    readings = tuple(replace(reading, words=f"{title} {reading.words}") for reading in transcript.readings)
    understanding = understander.understand(Transcript(readings[0].words, readings, heard=transcript.heard))
    match understanding:
        case Unknown():
            return None
        case Unclear(candidates, reasons):
            # What may be about the last answer is about it: asking back would only tire.
            meant = [each for each in candidates if each.intent == topic]
            return Match(tuple(meant), reasons=reasons) if meant else understanding
    return understanding

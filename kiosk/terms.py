"""The words of the house: what passes between the stages, and what can go wrong.

A question goes `hear` (sound) → `transcribe` (words) → `understand` (which intents, how sure) →
`answer` (what the patient is told) → `speak` and `show`. Every stage may import this module; this
module imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol


# --- what was said ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an utterance: an entry of the recogniser's n-best list."""

    words: str
    chance: float = 1.0
    """How likely it is that these words were said: above 0, and together with all other readings 1 at most."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one utterance, as typed or as a recogniser heard them."""

    text: str
    """As written when it was typed; lower case when it was heard, without any expectation. May be empty."""
    readings: tuple[Reading, ...] = ()
    """Every reading, likeliest first; where none is given, `text` alone."""
    heard: bool = field(default=False, compare=False)
    """True where a recogniser wrote it, which may have misheard."""

    def __post_init__(self) -> None:
        if not self.readings:
            object.__setattr__(self, "readings", (Reading(self.text),))

    def shown(self, *, understood: bool) -> str:
        """Return the words to show: what was not understood is shown as it was heard without any expectation."""
        return self.readings[0].words if understood else self.text


# --- what the kiosk knows -----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Intent:
    """One thing a patient may want to know, and what the kiosk tells them."""

    id: str
    title: str
    """A few words for a button, such as "Tingling"."""
    group: str
    """The id of the group it is listed under."""
    answer: str
    """What is said and shown, the clinic's facts already put in."""
    questions: tuple[str, ...]
    """Sample questions, as patients say them."""
    urgent: bool = False
    """A warning sign or an emergency: answered first, never asked back about."""
    reassuring: bool = False
    """Its answer calms, so it is never told in the same breath as a warning sign. Of one in its `related` it is the
    calm version."""
    source: str = ""
    """The heading of the article's section that the answer rests on."""
    related: tuple[str, ...] = ()
    """Ids of the intents to offer next."""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading that intents are listed under."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One idea and the many ways patients put it: numb — "dead", "can't feel", "gone to sleep"."""

    id: str
    expressions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A sample question and the intents that answer it; no intents means out of scope."""

    text: str
    intents: tuple[str, ...]
    misheard: bool = False
    """What the recogniser made of a sample question: nobody says it, but it is what is heard."""


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """All that the kiosk can understand and say, as read from the folder `intents/`."""

    clinic: Mapping[str, str]
    """Facts about the clinic by name: name, city, desk, phone and so on."""
    groups: tuple[Group, ...]
    intents: Mapping[str, Intent]
    """Intents by id, in the order they are listed."""
    replies: Mapping[str, str]
    """What is said when no intent's answer fits, by occasion: unknown, clarify, not_heard and so on."""
    examples: tuple[Example, ...]
    """Every labelled sentence the weights are learned from: each intent's sample questions,
    compound questions, out-of-scope questions and known mishearings."""
    concepts: tuple[Concept, ...] = ()
    screen: Mapping[str, str] = field(default_factory=dict)
    """The page's own words by where they stand: ask, stop, finish and so on."""
    fingerprint: str = ""
    """A digest of what the weights are learned from (examples, concepts), so that they can be kept."""

    @property
    def questions(self) -> tuple[str, ...]:
        """The text of every example that somebody may say."""
        return tuple(example.text for example in self.examples if not example.misheard)


# --- what was understood ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Candidate:
    """An intent and how sure we are of it."""

    intent: str
    score: float
    """0 to 100."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why the kiosk understood what it did, in words that staff can follow."""

    heard: str
    """The utterance as it was matched: lower case, contractions opened, fillers gone."""
    concepts: tuple[tuple[str, str], ...] = ()
    """Pairs of a concept and the words it was found in."""
    nearest: tuple[str, ...] = ()
    """Sample questions most like the utterance."""
    tipped: tuple[str, ...] = ()
    """What decided it, one remark each."""


@dataclass(frozen=True, slots=True)
class Match:
    """Sure enough to answer. The most important intent comes first: a warning sign, then the likeliest."""

    candidates: tuple[Candidate, ...]
    others: tuple[Candidate, ...] = ()
    """The next best, not answered."""
    reasons: Reasons = field(default_factory=lambda: Reasons(heard=""))


@dataclass(frozen=True, slots=True)
class Unclear:
    """Two or three harmless intents are near: ask which one was meant."""

    candidates: tuple[Candidate, ...]
    reasons: Reasons = field(default_factory=lambda: Reasons(heard=""))


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing the kiosk may answer: out of scope, noise, or not understood."""

    others: tuple[Candidate, ...] = ()
    reasons: Reasons = field(default_factory=lambda: Reasons(heard=""))


Understanding = Match | Unclear | Unknown
Outcome = Literal["answer", "clarify", "unknown"]


# --- what is told -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Answer:
    """What the patient is told."""

    text: str
    """What is shown and spoken: plain sentences without symbols."""
    outcome: Outcome
    intents: tuple[str, ...] = ()
    """The intents it answers, most important first; the choices when it asks back."""
    urgent: bool = False
    score: float = 0.0
    """0 to 100: how sure the first intent is."""
    related: tuple[str, ...] = ()
    """Intents to offer next."""
    alternatives: tuple[Candidate, ...] = ()
    """The next best intents, not answered."""


# --- the stages as others see them --------------------------------------------------------------
class Utterance(Protocol):
    """A recogniser at work on one utterance; used once, then dropped."""

    def feed(self, pcm: bytes) -> Transcript:
        """Take 16-bit mono samples in the machine's byte order; return what was heard so far, the best of each kind."""

    def finish(self) -> Transcript:
        """Return what was said. To be called once, after the last `feed`."""


class Recogniser(Protocol):
    """Turns sound into words."""

    def utterance(self, rate: int) -> Utterance:
        """Begin an utterance whose samples come at `rate` per second."""


class Voice(Protocol):
    """Turns text into sound."""

    def synthesise(self, text: str) -> Path:
        """Return a WAV file in which `text` is spoken; raises `VoiceError`."""


# --- what can go wrong --------------------------------------------------------------------------
class KioskError(Exception):
    """Something a person must know about: what happened, and what to do next.

    Only the command line prints these; everything else raises them.
    """

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what}\n  {self.mend}" if self.mend else self.what


class SettingsError(KioskError):
    """The settings file or an option holds something that cannot be used."""


class ModelError(KioskError):
    """The speech model is missing, damaged or cannot be had."""


class DeviceError(KioskError):
    """A microphone or a loudspeaker is missing, busy or lost."""


class VoiceError(KioskError):
    """The voice cannot speak."""


class SoundFileError(KioskError):
    """A sound file cannot be read."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong in a file that staff wrote, told so that they can find and mend it."""

    file: str
    """The path below the folder `intents/`."""
    line: int
    """Counted from 1."""
    message: str
    warning: bool = field(default=False, compare=False)
    """True where the kiosk can go on with the file as it is."""

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.file}, line {self.line}: {kind}{self.message}"


class ContentError(KioskError):
    """The folder `intents/` has faults; the kiosk cannot answer from it."""

    def __init__(self, faults: list[Fault]) -> None:
        lines = "\n".join(f"  {fault}" for fault in faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"The intent files have {count}:\n{lines}", "Mend them, then run: kiosk intents check")
        self.faults = faults

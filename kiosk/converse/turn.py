"""The state machine of a conversation: whose turn it is, and what happens next.

Pure: a state and an event go in, a state and the effects to bring about come out. Sound, threads and
screens are `kiosk.converse.session`'s business; the terminal and the page show the same states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, assert_never

from kiosk.converse.answer import told
from kiosk.converse.conversation import Memory, Understands, reply

if TYPE_CHECKING:
    from kiosk.terms import Answer, Transcript

LOUDEST: Final = 4
"""The volume goes from 0, silent, to this."""
USUAL_VOLUME: Final = 3
"""What every patient begins with, so that nobody meets a kiosk that somebody else has silenced."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?:])\s+")


class Phase(Enum):
    """Whose turn it is."""

    IDLE = auto()
    """Nobody's: the welcome."""
    LISTENING = auto()
    """The patient's."""
    THINKING = auto()
    """The last words are being recognised."""
    SPEAKING = auto()
    """The kiosk's."""
    ANSWERED = auto()
    """The answer stands there, spoken or not."""


@dataclass(frozen=True, slots=True)
class State:
    """What there is to show."""

    phase: Phase = Phase.IDLE
    words: str = ""
    """While listening the words so far, later the question as it was heard or typed."""
    level: float = -120.0
    """While listening: loudness in dBFS."""
    answer: Answer | None = None
    sentence: int = -1
    """The sentence of the answer that is being spoken, counted from 0; -1 for none."""
    notice: str = ""
    """A friendly remark in place of an answer: nothing was heard, the microphone is gone."""
    turn: int = 0
    """Counts turns: what comes late from an earlier one is ignored."""
    memory: Memory = field(default_factory=Memory)
    can_hear: bool = True
    """False while there is no microphone or no speech model: then patients type and touch."""
    can_speak: bool = True
    """False while there is no voice or no loudspeaker: then patients read."""
    volume: int = USUAL_VOLUME
    leaving: bool = False
    """Nobody has done anything for a while: soon all will be forgotten, unless somebody stirs."""

    @property
    def urgent(self) -> bool:
        """True while a warning stands there that nobody has acknowledged."""
        return self.answer is not None and self.answer.urgent

    @property
    def blank(self) -> bool:
        """True when nothing of a patient is left."""
        return self == self.welcome

    @property
    def welcome(self) -> State:
        """The state that the next patient begins with."""
        return State(turn=self.turn, can_hear=self.can_hear, can_speak=self.can_speak)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer, sentence by sentence, as it is spoken."""
        return sentences(self.answer.text) if self.answer else ()


# --- what can happen ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Asking:
    """The patient wants to speak."""


@dataclass(frozen=True, slots=True)
class Released:
    """The patient has finished speaking: the key is up, or was pressed again."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """The words so far, and the loudness now."""

    turn: int
    words: str
    level: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: heard in a turn, or typed (then without one)."""

    transcript: Transcript
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """The turn brought no question; `notice` says so kindly."""

    turn: int
    notice: str
    deaf: bool = False
    """True when it is the kiosk that cannot hear."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The patient touched the button of an intent."""

    intent: str


@dataclass(frozen=True, slots=True)
class Saying:
    """The voice begins a sentence."""

    turn: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Said:
    """The voice has said all it had to say, or cannot go on."""

    turn: int
    mute: bool = False
    """True when it is the kiosk that cannot speak."""


@dataclass(frozen=True, slots=True)
class Again:
    """The patient wants the answer spoken again."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The patient wants silence: stop listening, or stop speaking."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The patient has gone, or says so, or acknowledges a warning: back to the welcome, everything forgotten."""


@dataclass(frozen=True, slots=True)
class Woken:
    """Somebody said the wake phrase."""


@dataclass(frozen=True, slots=True)
class Louder:
    """The patient wants the voice louder, or, below nought, quieter."""

    steps: int


@dataclass(frozen=True, slots=True)
class Stirred:
    """The patient is still there: touched or scrolled something that changes nothing else."""


@dataclass(frozen=True, slots=True)
class Waited:
    """By the clock, nobody has done anything for a while."""


@dataclass(frozen=True, slots=True)
class Left:
    """By the clock, nobody has done anything for so long that the patient must have gone."""


@dataclass(frozen=True, slots=True)
class Sensed:
    """A microphone or a loudspeaker is lost, or is back."""

    can_hear: bool
    can_speak: bool


Event = (
    Asking
    | Released
    | Hearing
    | Asked
    | NothingHeard
    | Chosen
    | Saying
    | Said
    | Again
    | Stopped
    | Finished
    | Woken
    | Louder
    | Stirred
    | Waited
    | Left
    | Sensed
)


# --- what to bring about ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Listen:
    """Begin to listen."""

    turn: int


@dataclass(frozen=True, slots=True)
class EndListening:
    """Take what was heard so far as the question."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Speak sentences one after the other."""

    turn: int
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop the voice, and forget what is being heard. Comes before `Listen`, so that it never hears itself."""


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Make the voice as loud as this, 0 to `LOUDEST`, in the middle of a word if need be."""

    volume: int


Effect = Listen | EndListening | Speak | Hush | SetVolume


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of an answer; a colon ends one too, for the pause."""
    return tuple(_SENTENCE_END.split(text.strip())) if text.strip() else ()


def step(state: State, event: Event, understander: Understands) -> tuple[State, Sequence[Effect]]:
    """Return the state after `event`, and what to bring about, in order."""
    match event:
        case Waited() | Left() | Stirred():
            return _by_the_clock(state, event)
        case Sensed(can_hear, can_speak):
            return replace(state, can_hear=can_hear, can_speak=can_speak), ()
        case Hearing() | NothingHeard() | Saying() | Said():
            return (_reported(state, event) if event.turn == state.turn else state), ()
        case Chosen(intent) if intent not in understander.phrasebook.intents:
            return state, ()  # staff retired it a moment ago
        case _:
            # Whoever does anything at all is still there.
            return _wished(replace(state, leaving=False), event, understander)


def _by_the_clock(state: State, event: Waited | Left | Stirred) -> tuple[State, Sequence[Effect]]:
    # A warning stays until a person has seen to it, and nobody is cut off in the middle of a turn.
    busy = state.urgent or state.phase not in (Phase.IDLE, Phase.ANSWERED) or state.blank
    if busy or isinstance(event, Stirred):
        return replace(state, leaving=False), ()
    return _forgotten(state) if isinstance(event, Left) else (replace(state, leaving=True), ())


def _reported(state: State, event: Hearing | NothingHeard | Saying | Said) -> State:
    """Return the state after news from the ears or the mouth, of this turn."""
    match event:
        case Hearing(_, words, level) if state.phase is Phase.LISTENING:
            return replace(state, words=words, level=level)
        case NothingHeard(_, notice, deaf):
            return replace(_fresh(state), notice=notice, can_hear=state.can_hear and not deaf)
        case Saying(_, sentence):
            return replace(state, sentence=sentence, can_speak=True)
        case Said(_, mute) if state.phase is Phase.SPEAKING:
            return replace(state, phase=Phase.ANSWERED, sentence=-1, can_speak=state.can_speak and not mute)
    return state


def _wished(  # noqa: C901, PLR0911 - one case an event
    state: State,
    event: Asking | Released | Asked | Chosen | Again | Stopped | Finished | Woken | Louder,
    understander: Understands,
) -> tuple[State, Sequence[Effect]]:
    match event:
        case Woken() if state.urgent or state.phase not in (Phase.IDLE, Phase.ANSWERED):
            return state, ()
        case Asking() | Woken():
            listening = replace(_fresh(state), phase=Phase.LISTENING, turn=state.turn + 1)
            return listening, (Hush(), Listen(listening.turn))
        case Released():
            if state.phase is not Phase.LISTENING:
                return state, ()
            return replace(state, phase=Phase.THINKING), (EndListening(),)
        case Asked(transcript, turn):
            if turn is not None and (turn != state.turn or state.phase not in (Phase.LISTENING, Phase.THINKING)):
                return state, ()
            said, memory = reply(transcript, state.memory, understander)
            return _answering(state, transcript.shown(understood=said.outcome != "unknown"), said, memory)
        case Chosen(intent):
            said = told(understander.phrasebook.intents[intent])
            return _answering(state, understander.phrasebook.intents[intent].title, said, Memory(last=said))
        case Again():
            if state.answer is None:
                return state, ()
            return _answering(state, state.words, state.answer, state.memory)
        case Stopped():
            silent = replace(state, phase=Phase.ANSWERED, sentence=-1) if state.answer else _fresh(state)
            return replace(silent, turn=state.turn + 1), (Hush(),)
        case Finished():
            return _forgotten(state)
        case Louder(steps):
            volume = min(max(state.volume + steps, 0), LOUDEST)
            return replace(state, volume=volume), (SetVolume(volume),)
    assert_never(event)


def _fresh(state: State) -> State:
    """Return the state between two turns of one patient."""
    return replace(state.welcome, memory=state.memory, volume=state.volume)


def _forgotten(state: State) -> tuple[State, Sequence[Effect]]:
    return replace(state.welcome, turn=state.turn + 1), (Hush(), SetVolume(USUAL_VOLUME))


def _answering(state: State, words: str, said: Answer, memory: Memory) -> tuple[State, Sequence[Effect]]:
    turn = state.turn + 1
    speaking = replace(_fresh(state), phase=Phase.SPEAKING, words=words, answer=said, turn=turn, memory=memory)
    return speaking, (Hush(), Speak(turn, sentences(said.text)))

"""The state machine of a conversation: whose turn it is, and what happens next.

Pure: a state and an event go in, a state and the effects to bring about come out. Sound, threads and
screens are `kiosk.session`'s business; the terminal and the page show the same states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final, assert_never

from kiosk.answer import told
from kiosk.conversation import Memory, Understands, reply
from kiosk.terms import Answer, Transcript

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


@dataclass(frozen=True, slots=True)
class Again:
    """The patient wants the answer spoken again."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The patient wants silence: stop listening, or stop speaking."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The patient has gone, or says so: back to the welcome, and everything forgotten."""


Event = Asking | Released | Hearing | Asked | NothingHeard | Chosen | Saying | Said | Again | Stopped | Finished


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


Effect = Listen | EndListening | Speak | Hush


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of an answer; a colon ends one too, for the pause."""
    return tuple(_SENTENCE_END.split(text.strip())) if text.strip() else ()


def step(state: State, event: Event, understander: Understands) -> tuple[State, Sequence[Effect]]:  # noqa: PLR0911 - one return an event
    """Return the state after `event`, and what to bring about, in order."""
    match event:
        case Asking():
            turn = state.turn + 1
            return State(Phase.LISTENING, turn=turn, memory=state.memory), (Hush(), Listen(turn))
        case Released():
            if state.phase is not Phase.LISTENING:
                return state, ()
            return replace(state, phase=Phase.THINKING), (EndListening(),)
        case Hearing(turn, words, level):
            if turn != state.turn or state.phase is not Phase.LISTENING:
                return state, ()
            return replace(state, words=words, level=level), ()
        case Asked(transcript, turn):
            if turn is not None and (turn != state.turn or state.phase not in (Phase.LISTENING, Phase.THINKING)):
                return state, ()
            said, memory = reply(transcript, state.memory, understander)
            return _answering(state, transcript.text, said, memory)
        case Chosen(intent):
            said = told(understander.phrasebook.intents[intent])
            return _answering(state, understander.phrasebook.intents[intent].title, said, Memory(last=said))
        case NothingHeard(turn, notice):
            if turn != state.turn:
                return state, ()
            return State(Phase.IDLE, notice=notice, turn=turn, memory=state.memory), ()
        case Saying(turn, sentence):
            return (replace(state, sentence=sentence) if turn == state.turn else state), ()
        case Said(turn):
            if turn != state.turn or state.phase is not Phase.SPEAKING:
                return state, ()
            return replace(state, phase=Phase.ANSWERED, sentence=-1), ()
        case Again():
            if state.answer is None:
                return state, ()
            return _answering(state, state.words, state.answer, state.memory)
        case Stopped():
            phase = Phase.ANSWERED if state.answer else Phase.IDLE
            return replace(state, phase=phase, sentence=-1, turn=state.turn + 1), (Hush(),)
        case Finished():
            return State(turn=state.turn + 1), (Hush(),)
    assert_never(event)


def _answering(state: State, words: str, said: Answer, memory: Memory) -> tuple[State, Sequence[Effect]]:
    turn = state.turn + 1
    speaking = State(Phase.SPEAKING, words=words, answer=said, turn=turn, memory=memory)
    return speaking, (Hush(), Speak(turn, sentences(said.text)))

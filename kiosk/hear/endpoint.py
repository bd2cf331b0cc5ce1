"""When an utterance begins and when it is over, judged from loudness and from the words so far.

Vosk's own rules cut a question in two at a pause of about one second; people who are old, in pain
or speak in a second language pause longer. So the kiosk decides for itself, here, and joins what
Vosk cut.

A block of sound counts as speech if it is clearly louder than the room. How loud the room is, is
learned all the time: the quietest moments of the last seconds, or a hum that does not change.
"""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import Final

SILENCE: Final = 1.35
"""Seconds of quiet that end an utterance: people pause for 1.2 s to think. What sounds finished ends
sooner; see `kiosk.understand.ending` and docs/decisions/0041."""
NO_SPEECH: Final = 5.0
"""Seconds without speech after which nobody is going to speak."""
CAP: Final = 15.0
"""Seconds after which an utterance is taken as it is; the longest sample question takes 8."""
LEAST_SPEECH: Final = 0.14
"""Seconds louder than the room, three blocks of 50 ms: a click lies across two at most. A word of 0.3 s
has soft edges; at 0.3 s here, one "help" of three was taken for noise (measured, 15 dB above the room)."""

APART: Final = 1.0
"""Seconds of quiet between clicks that do not belong together: they do not add up to a word."""

ROOM: Final = -50.0
"""dBFS taken for the room until it is known: between an office (-60) and a busy waiting room (-40)."""
QUIETEST_ROOM: Final = -75.0
"""dBFS: some microphones give digital silence, above which the least rustle would be speech."""
ABOVE: Final = 7.0
"""dB above the room that count as speech. At arm's length speech is 15 to 30 dB above. With 7 all of 15
synthesised questions ended rightly at 15 dB and 13 at 8 dB; with 9 it was 15 and 8 (measured)."""
WINDOW: Final = 3.0
"""Seconds whose quietest tenth is taken for the room; in 3 s every speaker takes a breath."""
QUIET_PART: Final = 0.1
HUM_WINDOW: Final = 0.8
"""Seconds without change after which a sound is a fan and not a voice."""
HUM_RANGE: Final = 6.0
"""dB that a steady sound varies from block to block; speech varies by 20 and more within 0.8 s."""
WORD_LAG: Final = 0.4
"""Seconds by which a recogniser's words come after their sound (measured: 0.2 to 0.4)."""


class State(Enum):
    """Where an utterance stands."""

    WAITING = auto()
    """Nobody has spoken yet."""
    SPEAKING = auto()
    ENDED = auto()
    """Someone spoke, and then fell silent."""
    NO_SPEECH = auto()
    """Nobody spoke for as long as the kiosk waits."""
    CAPPED = auto()
    """Someone spoke for as long as the kiosk listens."""

    @property
    def over(self) -> bool:
        """True when there is nothing more to hear."""
        return self not in (State.WAITING, State.SPEAKING)


class Endpoint:
    """The course of one utterance, followed block by block; used once, then dropped."""

    def __init__(
        self, *, silence: float = SILENCE, no_speech: float = NO_SPEECH, cap: float = CAP, room: float = ROOM
    ) -> None:
        """Take the limits in seconds, and the level of the room in dBFS if an earlier utterance told it."""
        self.state = State.WAITING
        self.room = room
        """dBFS: how loud the room is when nobody speaks, as far as is known."""
        self._silence = silence
        self._no_speech = no_speech
        self._cap = cap
        self._blocks: list[tuple[float, float]] = []
        """Level and duration of every block. All is judged anew from them whenever the room is known better."""
        self._passed = 0.0
        self._words = 0
        self._grew = -math.inf
        """When, in seconds from the beginning, the words last grew."""

    @property
    def spoken(self) -> float:
        """Seconds of speech so far. Clicks are not counted: too little sound with quiet around it."""
        return self._course()[0]

    @property
    def only_noise(self) -> bool:
        """True while too little was louder than the room to be a word."""
        return self.spoken < LEAST_SPEECH

    @property
    def noticed(self) -> bool:
        """True once anything was louder than the room."""
        return any(self._loud(level) for level, _ in self._blocks)

    @property
    def quiet(self) -> bool:
        """True while the last block was no louder than the room."""
        return not self._blocks or not self._loud(self._blocks[-1][0])

    def feed(self, level: float, seconds: float, words: str = "", *, silence: float | None = None) -> State:
        """Take a block's level in dBFS and its duration; return where the utterance stands now.

        `words` are those recognised so far: while they grow somebody speaks, however quietly.
        `silence` is how many seconds of quiet would end the utterance now, instead of the usual.
        """
        if self.state.over:
            return self.state
        self._blocks.append((level, seconds))
        self._passed += seconds
        if (count := len(words.split())) > self._words:
            self._words = count
            self._grew = self._passed
        self.room = self._learned_room()
        self.state = self._judged(self._silence if silence is None else silence)
        return self.state

    def _judged(self, silence: float) -> State:
        spoken, quiet = self._course()
        # Words tell of speech that was too soft to be seen, but late.
        quiet = min(quiet, self._passed - self._grew + WORD_LAG)
        if self._words or spoken >= LEAST_SPEECH:
            if quiet >= silence:
                return State.ENDED
            return State.CAPPED if self._passed >= self._cap else State.SPEAKING
        # Somebody who begins to speak in the last moment is not cut off.
        over = self._passed >= self._no_speech and quiet > 0
        return State.NO_SPEECH if over or self._passed >= self._cap else State.WAITING

    def _loud(self, level: float) -> bool:
        return level > self.room + ABOVE

    def _course(self) -> tuple[float, float]:
        """Return the seconds of speech, and of quiet since, as they look now that the room is known better."""
        spoken = group = quiet = 0.0
        for level, seconds in self._blocks:
            if self._loud(level):
                group += seconds
                quiet = 0.0
                continue
            quiet += seconds
            if quiet >= APART:
                spoken += group if group >= LEAST_SPEECH else 0.0
                group = 0.0
        return spoken + group, quiet

    def _learned_room(self) -> float:
        """Return what the last seconds tell of the room: at first only that it is quieter, or that it hums."""
        recent = self._last(WINDOW)
        quiet = sorted(recent)[int(len(recent) * QUIET_PART)]
        hum = self._last(HUM_WINDOW)
        steady = self._passed >= HUM_WINDOW and max(hum) - min(hum) < HUM_RANGE
        room = quiet if self._passed >= WINDOW or quiet < self.room else self.room
        return max(room, max(hum) if steady else QUIETEST_ROOM, QUIETEST_ROOM)

    def _last(self, wanted: float) -> list[float]:
        """Return the levels of the last `wanted` seconds."""
        levels: list[float] = []
        for level, seconds in reversed(self._blocks):
            if wanted <= 0:
                break
            wanted -= seconds
            levels.append(level)
        return levels

"""Runs the conversation: brings about what the state machine decides, and tells everyone who shows it.

One thread owns the state and takes events from a queue, so that the terminal, the page, the ears and
the mouth never get in each other's way; listening and speaking each have a thread of their own. A
failure in one question ends that question, not the kiosk.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, assert_never

from kiosk.converse.turn import (
    Asked,
    Effect,
    EndListening,
    Event,
    Hearing,
    Hush,
    Left,
    Listen,
    NothingHeard,
    Phase,
    Said,
    Saying,
    Sensed,
    SetVolume,
    Speak,
    State,
    Stirred,
    Waited,
    Woken,
    step,
)
from kiosk.hear.listen import Cancelled, Heard, Noise, Outcome, Silence
from kiosk.terms import DeviceError, VoiceError
from kiosk.upkeep.logbook import Logbook, Part, Witness

if TYPE_CHECKING:
    from kiosk.converse.conversation import Understands
    from kiosk.terms import Phrasebook

LONGEST_HUSH: Final = 2.0
"""Seconds to wait for the voice or the ears to stop; they take 0.1 s."""

IDLE: Final = 30.0
"""Seconds without use after which a patient's words are forgotten."""
WARNED: Final = 20.0
"""Of these, how long before the end they are warned: as long as WCAG 2.2.1 wants people to have."""
GAINS: Final = (0.0, 0.15, 0.3, 0.6, 1.0)
"""How loud each volume is, about 6 dB a step: ears count ratios."""
WAKE_AGAIN: Final = 1.0
"""Seconds until a microphone that failed while waiting for the wake phrase is tried again."""
WATCH: Final = 0.2
"""Seconds between looks at whether microphone and loudspeaker are there."""
STUCK: Final = 10.0
"""Seconds without news from the ears after which a question is given up: while a device works there are 20 a
second, and the last words take 0.1 s, on a slow computer some seconds."""
MOST_STUCK: Final = 3
"""Questions given up in a row after which the session ends, so that whoever supervises it starts the kiosk anew."""
BEAT: Final = 5.0
"""Seconds after which a session in which nothing happens shows that it is alive."""

DEAF: Final = "Nothing can be heard: the microphone is not there or switched off, or there is no speech model."
MUTE: Final = "Nothing can be said aloud: the loudspeaker is not there, or the voice fails."
PARTS: Final[tuple[Part, Part]] = ("microphone", "loudspeaker")

_log = logging.getLogger(__name__)

Show = Callable[[State], None]
Adopted = Callable[["Phrasebook"], None]


class Ears(Protocol):
    """What listens to one utterance: `kiosk.hear.listen.listen` with its microphone and recogniser."""

    @property
    def present(self) -> bool:
        """Whether it hears anything now; it may come and go."""

    @property
    def complaint(self) -> str:
        """What staff should see to although it hears, or nothing."""

    def listen(self, stop: threading.Event, cancel: threading.Event, on_block: Callable[[str, float], None]) -> Outcome:
        """Return what was heard; raises `KioskError`."""


class Waker(Protocol):
    """What waits for the wake phrase: `kiosk.hear.wake` with its microphone and recogniser."""

    def wait(self, cancel: threading.Event) -> bool:
        """Return True when the phrase was said, False when `cancel` was set; raises `KioskError`."""


class Mouth(Protocol):
    """What makes and plays sound: a voice and a loudspeaker."""

    volume: float
    """0 to 1; it may change while something is played."""

    @property
    def present(self) -> bool:
        """Whether it can sound now; it may come and go."""

    def synthesise(self, text: str) -> Path:
        """Return a WAV file; raises `VoiceError`."""

    def play(self, path: Path, stop: threading.Event) -> bool:
        """Play it to its end, or until `stop`; raises `DeviceError` or `VoiceError`."""


class Session:
    """A conversation that goes on until it is closed. Use it as a context manager."""

    def __init__(  # noqa: PLR0913 - the parts of a kiosk; all but the first three have a default that fits
        self,
        understander: Understands,
        ears: Ears | None,
        mouth: Mouth | None,
        waker: Waker | None = None,
        *,
        idle: float = IDLE,
        warned: float = WARNED,
        stuck: float = STUCK,
        witness: Witness | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """Take what understands, and what hears, speaks and waits for the wake phrase, as far as there is any.

        A patient is forgotten after `idle` seconds without use, and warned of it `warned` seconds before. A
        question is given up when its ears bring nothing for `stuck` seconds. `witness` is told what happens,
        in whatever thread it happens; `beat` is called by the working loop itself, at least every `BEAT` seconds.
        """
        self._understander = understander
        self._ears = ears
        self._mouth = mouth
        self._waker = waker
        self._patience = {False: max(idle - warned, 0.0), True: min(warned, idle)}
        """Seconds until the next event by the clock; True while the patient has been warned."""
        self._stuck_after = stuck
        self._stuck = 0
        self._witness = witness or Logbook()
        self._beat = beat
        self._state = State(can_hear=self._hears(), can_speak=self._speaks())
        self._set_volume(self._state.volume)
        self._events: SimpleQueue[Event | _Newer | _Aside | None] = SimpleQueue()
        self._newer: _Newer | None = None
        """What is to be understood with from the next question on."""
        self._shows: list[Show] = []
        self._adopted: list[Adopted] = []
        self._activities: list[_Activity] = []
        self._waking: _Activity | None = None
        self._aside: _Activity | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)

    @property
    def state(self) -> State:
        """What there is to show now."""
        return self._state

    @property
    def alive(self) -> bool:
        """Whether it goes on; where it does not and nobody ended it, the kiosk must be started anew."""
        return self._thread.is_alive() and self._watcher.is_alive()

    @property
    def troubles(self) -> tuple[str, ...]:
        """What staff should see to, a sentence each."""
        complaint = self._ears.complaint if self._ears else ""
        return (
            *(() if self._hears() else (DEAF,)),
            *((f"The microphone {complaint}.",) if complaint else ()),
            *(() if self._speaks() else (MUTE,)),
        )

    def show(self, show: Show) -> None:
        """Have `show` called with every new state, in the session's thread; it must return soon."""
        self._shows.append(show)

    def post(self, event: Event) -> None:
        """Let something happen; returns at once and may be called from any thread."""
        self._events.put(event)

    def adopt(self, understander: Understands) -> None:
        """Understand with this from the next question on; returns at once and may be called from any thread.

        A question that is being asked, and an answer that is being spoken, come to their end first.
        """
        self._events.put(_Newer(understander))

    def adopted(self, adopted: Adopted) -> None:
        """Have `adopted` called with the phrasebook of every newer understander, in the session's thread."""
        self._adopted.append(adopted)

    def hear_aside(self, stop: threading.Event) -> Outcome | None:
        """Return one utterance that is nobody's question to the kiosk: staff's, who try one. Waits for its end.

        Returns None where a patient is being served, and `Cancelled` when one comes meanwhile, who goes first.
        `stop` ends it, as a second touch would. Raises `DeviceError` where nothing can be heard.
        """
        aside = _Aside(stop)
        self._events.put(aside)
        while not self._ended.is_set():
            with suppress(TimeoutError):
                return aside.outcome.result(WATCH)
        return None

    def __enter__(self) -> Self:
        self._thread.start()
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._events.put(None)
        self._thread.join()
        self._watcher.join()

    def _run(self) -> None:
        self._await_wake_phrase()
        while (event := self._next()) is not None:
            try:
                match event:
                    case _Newer():
                        self._newer = event
                    case _Aside():
                        self._lend(event)
                    case _:
                        self._happen(event)
                self._renew()
                self._await_wake_phrase()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next patient must be served
                self._witness.failed(type(event).__name__, error)
                self._apologise()
        self._hush()

    def _renew(self) -> None:
        """Go over to what is newer, if there is anything and nobody is in the middle of a question or an answer."""
        if self._newer is None or self._state.phase not in (Phase.IDLE, Phase.ANSWERED):
            return
        self._understander, self._newer = self._newer.understander, None
        phrasebook = self._understander.phrasebook
        self._state = replace(self._state, memory=self._state.memory.known_to(phrasebook))
        for adopted in self._adopted:
            adopted(phrasebook)

    def _next(self) -> Event | _Newer | _Aside | None:
        """Return what happens next; where nothing happens for long, that is an event too."""
        until = time.monotonic() + self._patience_now()
        while True:
            self._beat()
            left = until - time.monotonic()
            try:
                return self._events.get(timeout=min(max(left, 0.0), BEAT))
            except Empty:
                if left <= BEAT:
                    return self._overdue()

    def _patience_now(self) -> float:
        """Return after how many seconds without an event something must be done about it."""
        if self._state.phase in (Phase.LISTENING, Phase.THINKING):
            return self._stuck_after
        return math.inf if self._state.blank else self._patience[self._state.leaving]

    def _overdue(self) -> Event | None:
        """Return the event that it is that nothing happened for so long."""
        if self._state.phase not in (Phase.LISTENING, Phase.THINKING):
            return Left() if self._state.leaving else Waited()
        self._stuck += 1
        self._witness.failed("Listening", TimeoutError())
        self._hush()
        if self._stuck >= MOST_STUCK:
            return None
        return NothingHeard(self._state.turn, self._understander.phrasebook.replies["failed"])

    def _apologise(self) -> None:
        """End the turn that failed, kindly; whatever is still at work for it is stopped."""
        self._hush()
        sorry = NothingHeard(self._state.turn, self._understander.phrasebook.replies["failed"])
        self._state, _ = step(self._state, sorry, self._understander)
        for show in self._shows:
            with suppress(Exception):  # it may be what failed
                show(self._state)

    def _hears(self) -> bool:
        return self._ears is not None and self._ears.present

    def _speaks(self) -> bool:
        return self._mouth is not None and self._mouth.present

    def _watch(self) -> None:
        """Notice when a device is lost or back, and have it shown."""
        known, complaint = (False, False), ""
        while not self._ended.wait(WATCH):
            now = (self._hears(), self._speaks())
            for part, before, present in zip(PARTS, known, now, strict=True):
                if before != present:
                    self._witness.device(part, present=present)
            known = now
            former, complaint = complaint, self._ears.complaint if self._ears else ""
            if complaint and complaint != former:
                self._witness.complained(complaint)
            if now != (self._state.can_hear, self._state.can_speak):
                self.post(Sensed(*now))

    def _happen(self, event: Event) -> None:
        begun = time.monotonic()
        state, effects = step(self._state, event, self._understander)
        if state == self._state and not effects:
            return
        if isinstance(event, Asked) and state.answer and state.turn != self._state.turn:
            self._stuck = 0
            self._witness.answered(state.answer, heard=event.transcript.heard, seconds=time.monotonic() - begun)
        elif isinstance(event, NothingHeard):
            self._witness.unheard()
        self._state = state
        # Shown before it is spoken: the text must not wait for the voice.
        for show in self._shows:
            show(state)
        for effect in effects:
            self._bring_about(effect)

    def _bring_about(self, effect: Effect) -> None:
        match effect:
            case Hush():
                self._hush()
            case EndListening():
                for activity in self._activities:
                    activity.stop.set()
            case Listen(turn):
                self._begin(lambda activity: self._listen(turn, activity))
            case Speak(turn, sentences):
                self._begin(lambda activity: self._speak(turn, sentences, activity))
            case SetVolume(volume):
                self._set_volume(volume)
            case _:
                assert_never(effect)

    def _set_volume(self, volume: int) -> None:
        if self._mouth:
            self._mouth.volume = GAINS[volume]

    def _begin(self, work: Callable[[_Activity], None]) -> _Activity:
        activity = _Activity(work)
        self._activities.append(activity)
        activity.thread.start()
        return activity

    def _hush(self) -> None:
        for activity in self._activities:
            activity.stop.set()
            activity.cancel.set()
        for activity in self._activities:
            activity.thread.join(LONGEST_HUSH)
            if activity.thread.is_alive():
                # Whatever it still brings belongs to an earlier turn, which nobody takes up.
                _log.warning("What does not stop is left to itself.")
        self._activities.clear()

    def _listen(self, turn: int, activity: _Activity) -> None:
        replies = self._understander.phrasebook.replies
        if self._ears is None:
            self.post(NothingHeard(turn, replies["cannot_hear"], deaf=True))
            return
        try:
            outcome = self._ears.listen(
                activity.stop, activity.cancel, lambda words, level: self.post(Hearing(turn, words, level))
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, it ends this question and not the kiosk
            self._witness.failed("Listening", error)
            self.post(NothingHeard(turn, replies["cannot_hear"], deaf=True))
            return
        match outcome:
            case Heard(transcript):
                self.post(Asked(transcript, turn))
            case Silence() | Noise():
                self.post(NothingHeard(turn, replies["not_heard"]))
            case Cancelled():
                pass
            case _:
                assert_never(outcome)

    def _lend(self, aside: _Aside) -> None:
        """Listen for somebody who is no patient, while there is none: whatever a patient does begins by hushing it."""
        if self._ears is None or not self._ears.present:
            aside.outcome.set_exception(DeviceError("There is no microphone that hears anything."))
            return
        if not self._state.blank:
            aside.outcome.set_result(None)
            return
        self._hush()
        ears = self._ears
        self._aside = self._begin(lambda activity: self._hear_aside(ears, aside, activity))

    def _hear_aside(self, ears: Ears, aside: _Aside, activity: _Activity) -> None:
        try:
            aside.outcome.set_result(ears.listen(aside.stop, activity.cancel, lambda _words, _level: None))
        except Exception as error:  # noqa: BLE001 - whoever listens is told
            aside.outcome.set_exception(error)
        self._aside = None
        self.post(Stirred())  # the wake phrase is waited for again

    def _speak(self, turn: int, sentences: Sequence[str], activity: _Activity) -> None:
        mute, begun = self._mouth is None, time.monotonic()
        try:
            for number, sentence in enumerate(sentences):
                if self._mouth is None or activity.stop.is_set():
                    break
                sound = self._mouth.synthesise(sentence)
                self.post(Saying(turn, number))
                if number == 0:
                    self._witness.spoke(time.monotonic() - begun)
                if not self._mouth.play(sound, activity.stop):
                    break
        except Exception as error:  # noqa: BLE001 - the answer stands on the screen; the patient can read it
            self._witness.failed("Speaking", error)
            mute = True
        self.post(Said(turn, mute))

    def _await_wake_phrase(self) -> None:
        """Wait for the wake phrase whenever it is nobody's turn; every turn begins by hushing this too."""
        waiting = self._state.phase in (Phase.IDLE, Phase.ANSWERED) and not self._state.urgent
        if self._waker and waiting and not any(each and each.thread.is_alive() for each in (self._waking, self._aside)):
            waker = self._waker
            self._waking = self._begin(lambda activity: self._wake(waker, activity))

    def _wake(self, waker: Waker, activity: _Activity) -> None:
        failed = False
        while not activity.cancel.is_set():
            try:
                if waker.wait(activity.cancel):
                    self.post(Woken())
                    return
            except Exception as error:  # noqa: BLE001 - without the phrase, the kiosk is still touched and typed to
                if not failed:  # not every second for as long as the microphone is gone
                    self._witness.failed("Waiting for the wake phrase", error)
                failed = True
                activity.cancel.wait(WAKE_AGAIN)


@dataclass(frozen=True, slots=True)
class _Newer:
    """What is to be understood with from now on."""

    understander: Understands


@dataclass(frozen=True, slots=True)
class _Aside:
    """Somebody wants to be heard who is no patient."""

    stop: threading.Event
    outcome: Future[Outcome | None] = field(default_factory=Future)


class _Activity:
    """Listening or speaking, in a thread of its own."""

    def __init__(self, work: Callable[[_Activity], None]) -> None:
        self.stop = threading.Event()
        self.cancel = threading.Event()
        self.thread = threading.Thread(target=lambda: work(self), name="activity", daemon=True)


def prepare(mouth: Mouth, texts: Sequence[str], enough: threading.Event) -> None:
    """Make the sound of `texts` before anybody asks, until `enough` is set; a failure is left to the moment itself."""
    for text in texts:
        if enough.is_set():
            return
        try:
            mouth.synthesise(text)
        except VoiceError:
            return

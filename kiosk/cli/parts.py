"""What several commands put together: their common options, and the stages made from them."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from kiosk import places
from kiosk.terms import KioskError, ModelError, VoiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiosk.converse.session import Session
    from kiosk.hear.listen import Outcome
    from kiosk.hear.microphone import Microphone
    from kiosk.hear.wake import Rest
    from kiosk.learning.reload import Reloader
    from kiosk.screen import Screen
    from kiosk.settings import ListeningSettings, Settings
    from kiosk.speak.loudspeaker import Loudspeaker
    from kiosk.speak.voice import Pyttsx3Voice
    from kiosk.staff.asked import Asked
    from kiosk.staff_page import Desk, StaffPage
    from kiosk.staff_page.desk import Live
    from kiosk.staff_page.network import Network
    from kiosk.terms import Phrasebook, Voice
    from kiosk.transcribe.recogniser import VoskRecogniser
    from kiosk.understand import Understander
    from kiosk.upkeep.logbook import Several

_log = logging.getLogger(__name__)

FIRST_WORD: Final = "Hello."
"""By which it is tried whether there is a voice."""
GLANCE: Final = 0.1
"""Seconds between looks at whether the model is loaded by now."""
GOES_ON: Final = 2.0
"""Seconds within which a question goes on after the wake phrase; the session listens within milliseconds."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name a kiosk's files."""
    parser.add_argument("--intents", type=Path, metavar="DIR", help="the folder of intents, if another than usual")
    parser.add_argument("--model", type=Path, metavar="DIR", help="another Vosk model; it is not verified")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="the settings, if not kiosk.toml")


def settings(args: argparse.Namespace) -> Settings:
    """Return the settings of this kiosk; raises `SettingsError`."""
    from kiosk import settings as reading

    return reading.load(reading.find((Path.cwd(), places.config_dir()), args.settings))


def understander(args: argparse.Namespace) -> Understander:
    """Return what understands questions, learned from the intent files; raises `ContentError`."""
    from kiosk.learning import ready

    return ready.understander(args.intents or places.intents_dir(), places.cache_dir(), _tell_of_learning)


def reloader(args: argparse.Namespace, now: Understander, *adopt: Callable[[Understander], None]) -> Reloader:
    """Return what has all of `adopt` take up every change of the intent files, in this order, as a context manager."""
    from kiosk.learning.reload import Reloader

    def take(newer: Understander) -> None:
        for each in adopt:
            each(newer)

    return Reloader(args.intents or places.intents_dir(), places.cache_dir(), now, take)


def asked(chosen: Settings) -> Asked:
    """Return the record of what patients asked."""
    from kiosk.staff.asked import Asked

    return Asked(places.asked_file(), chosen.staff.keep_days)


def _tell_of_learning() -> None:
    print("Learning the sample questions, once after each change of them ...", file=sys.stderr, flush=True)


def recogniser(args: argparse.Namespace, chosen: Settings) -> VoskRecogniser:
    """Return the recogniser with its model loaded; raises `ModelError`."""
    from kiosk.transcribe import models
    from kiosk.transcribe.recogniser import VoskRecogniser

    other = args.model or chosen.model.dir
    if other:
        print(f"The speech model in {other} is used as it is; it is not verified.", file=sys.stderr, flush=True)
    else:
        # Some damaged files end the process from C++: look before loading.
        models.require(models.read_manifest(places.model_manifest()), places.model_dir())
    return VoskRecogniser(other or places.model_dir())


def voice(chosen: Settings) -> Pyttsx3Voice:
    """Return the voice of this kiosk; raises `VoiceError`."""
    from kiosk.speak.voice import Pyttsx3Voice

    return Pyttsx3Voice(
        rate=chosen.voice.rate,
        volume=chosen.voice.volume,
        voice=chosen.voice.id,
        cache_dir=places.cache_dir() / "voice",
    )


def loading(args: argparse.Namespace, chosen: Settings, stack: ExitStack) -> Future[VoskRecogniser]:
    """Begin to load the recogniser in a thread of its own, which ends with `stack`."""
    return stack.enter_context(ThreadPoolExecutor(1, "model")).submit(recogniser, args, chosen)


def ears(
    args: argparse.Namespace,
    chosen: Settings,
    model: Future[VoskRecogniser],
    understander: Understander,
    stack: ExitStack,
) -> MicrophoneEars:
    """Return what hears with `model`, to be closed with `stack`; its model and its microphone may come later.

    `understander` tells which questions to expect, and which sound finished.
    """
    from kiosk.hear.microphone import Microphone

    microphone = Microphone(args.microphone or chosen.sound.microphone or None)
    stack.callback(microphone.close)
    microphone.start()
    return MicrophoneEars(microphone, model, chosen.listening, understander)


def mouth(args: argparse.Namespace, chosen: Settings, stack: ExitStack) -> LoudspeakerMouth:
    """Return what speaks, to be closed with `stack`; its loudspeaker may come later."""
    from kiosk.speak.loudspeaker import Loudspeaker

    loudspeaker = stack.enter_context(Loudspeaker(args.speaker or chosen.sound.speaker or None))
    loudspeaker.start()
    return LoudspeakerMouth(stack.enter_context(voice(chosen)), loudspeaker)


def witness(chosen: Settings, stack: ExitStack) -> Several:
    """Begin the log, and serve the figures if the settings want it, until `stack` is closed; raises `KioskError`."""
    from kiosk.upkeep import logbook

    wanted = chosen.log
    logbook.keep(wanted.dir or places.log_dir(), megabytes=wanted.megabytes, files=wanted.files)
    witnesses: list[logbook.Witness] = [logbook.Logbook()]
    if chosen.metrics.on:
        from kiosk.upkeep.metrics import Metrics

        witnesses.append(stack.enter_context(Metrics(chosen.metrics.port)))
    return logbook.Several(*witnesses)


def screen(
    args: argparse.Namespace, chosen: Settings, session: Session, phrasebook: Phrasebook, staff: StaffPage | None = None
) -> Screen:
    """Return the page, with the staff page if any, not yet served; raises `KioskError` if its port is taken."""
    from kiosk.screen import Look, Screen

    look = Look(
        port=chosen.screen.port if args.port is None else args.port,
        idle_seconds=chosen.screen.idle_seconds,
        cap_seconds=chosen.listening.cap_seconds,
        talk_key=chosen.screen.talk_key,
        wake_phrase=chosen.screen.wake_phrase if chosen.screen.hands_free else "",
    )
    return Screen(session, phrasebook, look, staff)


def staff_desk(args: argparse.Namespace, chosen: Settings, live: Live, asked: Asked, voice: Voice | None) -> Desk:
    """Return what the staff page works with."""
    from kiosk.staff import Editor
    from kiosk.staff_page import Desk

    return Desk(
        editor=Editor(args.intents or places.intents_dir(), places.history_dir()),
        live=live,
        asked=asked,
        cache=places.cache_dir(),
        tests=places.test_questions_dir(),
        voice=voice,
        rate=chosen.voice.rate,
    )


def pin_path() -> Path:
    """Return the file of the PIN: for root that of the installed service, if there is one."""
    from kiosk.staff_page.pin import PIN_FILE
    from kiosk.upkeep import service

    own = None if os.environ.get("KIOSK_DATA") else service.own_folder()
    return (own / "staff" if own else places.staff_dir()) / PIN_FILE


def staff_network(args: argparse.Namespace, page: StaffPage) -> Network:
    """Return the staff page for the clinic's network, not yet served; raises `KioskError`."""
    from kiosk.staff_page.certificate import Certificate, own
    from kiosk.staff_page.network import Network

    if bool(args.staff_cert) != bool(args.staff_key):
        raise KioskError("A certificate needs its key.", "Give both --staff-cert and --staff-key, or neither.")
    given = Certificate(args.staff_cert, args.staff_key) if args.staff_cert else own(places.staff_dir())
    return Network(page, args.staff_address, given)


class MicrophoneEars:
    """A microphone and a recogniser: what `kiosk.converse.session` listens with."""

    def __init__(
        self,
        microphone: Microphone,
        model: Future[VoskRecogniser],
        patience: ListeningSettings,
        understander: Understander,
    ) -> None:
        self._microphone = microphone
        self._model = model
        self._patience = patience
        self._understander = understander
        self._rest: tuple[Rest, float] | None = None
        """What goes on after the wake phrase, and when by the clock that began."""

    def adopt(self, understander: Understander) -> None:
        """Expect its sample questions from the next utterance on, and tell by them which sound finished."""
        self._understander = understander

    def open(self) -> None:
        """Wait until words can be heard; raises `ModelError`, which stays so, or `DeviceError`, which may pass."""
        try:
            wait([self._model])
            self._recogniser()
        except ModelError:
            self._microphone.close()  # nobody could make words of what it hears
            raise
        self._microphone.open()

    def warm(self) -> None:
        """Make ready now what the next utterance would wait for (0.3 s), if anything can be heard."""
        if self.present:
            self._recogniser().warm(self._microphone.rate)

    @property
    def present(self) -> bool:
        """Whether there is a model, sound comes from the microphone, and it is not switched off."""
        loaded = self._model.done() and self._model.exception() is None
        return loaded and self._microphone.present and not self._microphone.watch.muted

    def _recogniser(self) -> VoskRecogniser:
        """Return what recognises, expecting the questions of now; raises `ModelError` where there is none (yet)."""
        if not self._model.done():
            raise ModelError("The speech model is still being loaded.", "Wait a moment.")
        # A new error each time: one that is raised again and again keeps all the frames it has been through.
        match self._model.exception():
            case None:
                model = self._model.result()
                model.expect(self._understander.phrasebook.questions)
                return model
            case KioskError(what=what, mend=mend):
                raise ModelError(what, mend)
            case error:
                raise ModelError(f"The speech model cannot be loaded ({type(error).__name__}).", "Run: kiosk doctor")

    @property
    def complaint(self) -> str:
        """What staff should see to although the microphone works, or nothing."""
        return self._microphone.watch.complaint

    def check(self, phrase: str) -> None:
        """Raise `ModelError` if `phrase` can never be heard."""
        if not phrase or (unknown := self._recogniser().unknown_words(phrase.split())):
            words = ", ".join(sorted(unknown)) if phrase else "nothing at all"
            raise ModelError(f"The wake phrase has words that cannot be heard: {words}.", "Choose another in [screen].")

    def wait(self, phrase: str, cancel: Event) -> bool:
        """Return True when `phrase` was said, False when `cancel` was set; raises `DeviceError`."""
        from kiosk.hear import wake

        while not self._model.done() and not cancel.wait(GLANCE):
            pass
        try:
            self.check(phrase)
        except ModelError:
            cancel.wait()  # it can never be said, which was told when the kiosk started
            return False
        self._source()
        rest = wake.wait(self._microphone, self._recogniser(), phrase, cancel)
        self._rest = (rest, monotonic()) if rest else None
        return rest is not None

    def _source(self) -> Microphone | Rest:
        """Return where the next question comes from: who has just said the wake phrase may be in the middle of it."""
        kept, self._rest = self._rest, None
        if kept is None:
            return self._microphone
        rest, began = kept
        if monotonic() - began < GOES_ON:
            return rest
        rest.close()
        return self._microphone

    def listen(self, stop: Event, cancel: Event, on_block: Callable[[str, float], None]) -> Outcome:
        """Return what was heard; raises `ModelError`, or `DeviceError` if the microphone is gone."""
        from kiosk.hear.endpoint import Endpoint
        from kiosk.hear.listen import listen
        from kiosk.understand.ending import patience

        endpoint = Endpoint(
            silence=self._patience.silence_seconds,
            no_speech=self._patience.no_speech_seconds,
            cap=self._patience.cap_seconds,
        )
        return listen(
            self._source(),
            self._recogniser(),
            endpoint,
            stop=stop,
            cancel=cancel,
            on_block=on_block,
            patience=patience(
                self._understander.learned.endings, self._understander.knows, self._patience.finished_seconds
            ),
        )


class PhraseWaker:
    """What `kiosk.converse.session` waits for the wake phrase with."""

    def __init__(self, hears: MicrophoneEars, phrase: str) -> None:
        self._hears = hears
        self._phrase = " ".join(phrase.lower().split())

    def open(self) -> None:
        """Wait until the phrase could be heard; raises `ModelError` if it never can."""
        self._hears.check(self._phrase)

    def wait(self, cancel: Event) -> bool:
        """Return True when the phrase was said, False when `cancel` was set; raises `DeviceError`."""
        return self._hears.wait(self._phrase, cancel)


class LoudspeakerMouth:
    """A voice and a loudspeaker: what `kiosk.converse.session` speaks with."""

    def __init__(self, spoken: Pyttsx3Voice, loudspeaker: Loudspeaker) -> None:
        self._voice = spoken
        self._loudspeaker = loudspeaker
        self._speaks = True

    def open(self) -> None:
        """Wait until the voice makes sound and the loudspeaker takes it; raises `VoiceError` and `DeviceError`."""
        self.synthesise(FIRST_WORD)
        self._loudspeaker.open()

    @property
    def present(self) -> bool:
        """Whether the loudspeaker takes sound, and the voice made the last it was asked for."""
        return self._loudspeaker.present and self._speaks

    @property
    def volume(self) -> float:
        """How loud it is, 0 to 1."""
        return self._loudspeaker.volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._loudspeaker.volume = volume

    def synthesise(self, text: str) -> Path:
        """Return a WAV file of `text`; raises `VoiceError`."""
        try:
            sound = self._voice.synthesise(text)
        except VoiceError:
            self._speaks = False
            raise
        self._speaks = True
        return sound

    def play(self, path: Path, stop: Event) -> bool:
        """Play a WAV file to its end, or until `stop`; raises `DeviceError`."""
        return self._loudspeaker.play(path, stop)


def spoken(phrasebook: Phrasebook) -> tuple[str, ...]:
    """Return every sentence that may have to be said, each once; those that cannot wait come first."""
    from kiosk.converse.turn import sentences

    intents = sorted(phrasebook.intents.values(), key=lambda intent: not intent.urgent)
    # The first sentence of every answer before any second one: meanwhile the first is spoken.
    answers = [sentences(intent.answer) for intent in intents]
    replies = [sentences(reply) for reply in phrasebook.replies.values()]
    urgent = [sentence for intent in intents if intent.urgent for sentence in sentences(intent.answer)]
    first = [said[0] for said in (*replies, *answers) if said]
    rest = [sentence for said in (*replies, *answers) for sentence in said[1:]]
    return tuple(dict.fromkeys((*urgent, *first, *rest)))


@contextmanager
def prepared(hears: MicrophoneEars, made: LoudspeakerMouth, phrasebook: Phrasebook) -> Iterator[None]:
    """Make ready in the background what patients would wait for, until the context ends.

    That is the recogniser, and the sound of every answer, the urgent ones first.
    """
    from kiosk.converse.session import prepare

    enough = Event()

    def work() -> None:
        try:
            hears.warm()
        except Exception as error:  # noqa: BLE001 - whatever it was, it shows when somebody speaks
            _log.warning("The recogniser cannot be made ready beforehand: %s", type(error).__name__)
        prepare(made, spoken(phrasebook), enough)

    thread = Thread(target=work, name="prepare", daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()

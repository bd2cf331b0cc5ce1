"""`kiosk ask`: questions in, answers out; for people who try it, for tests and for other programs.

Questions come as arguments, as lines of standard input, or as sound files. Each is answered at once,
in order, and a bad one does not harm the others. README.md documents the JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from kiosk.cli import parts
from kiosk.terms import KioskError, Transcript

if TYPE_CHECKING:
    from kiosk.settings import Settings
    from kiosk.terms import Answer, Understanding
    from kiosk.understand import Understander

LONGEST: Final = 2_000
"""Bytes of a line that are read as a question; nobody says more in one breath."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it came in."""

    transcript: Transcript
    file: str = ""
    """The sound file it was heard in, if any."""
    error: str = ""
    """What was wrong with it, if anything."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("ask", help="answer questions given as arguments, lines or sound files")
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help="by default, the lines of standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON object a question")
    parser.add_argument("--wav", nargs="+", metavar="FILE", help="sound files to hear instead (WAV, FLAC, OGG)")
    parser.add_argument("--speak", action="store_true", help="say the answers aloud too")
    parser.add_argument("--speaker", metavar="NAME", help="the loudspeaker: a number or a part of its name")
    parser.add_argument("--explain", action="store_true", help="tell why each was understood as it was")
    parser.add_argument("--conversation", action="store_true", help="all questions are one patient's")
    parts.add_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Answer every question; 1 if anything was wrong with one of them."""
    failed = False
    with ExitStack() as stack:
        desk = _Desk(args, stack)
        for question in desk.questions():
            failed |= not desk.serve(question)
    return int(failed)


class _Desk:
    """Serves questions one after the other; voice and loudspeaker, if they are needed, end with `stack`."""

    def __init__(self, args: argparse.Namespace, stack: ExitStack) -> None:
        from kiosk.converse.conversation import Memory

        self.args = args
        self._stack = stack
        self.understander: Understander = parts.understander(args)
        self.memory = Memory()

    def questions(self) -> Iterator[Question]:
        if self.args.wav:
            yield from (self._heard(Path(name)) for name in self.args.wav)
        elif self.args.questions:
            yield from (Question(Transcript(text)) for text in self.args.questions)
        else:
            yield from _lines(sys.stdin.buffer)

    def serve(self, question: Question) -> bool:
        """Answer a question; False if anything was wrong with it."""
        from kiosk.converse.conversation import Memory, reply

        if not self.args.conversation:
            self.memory = Memory()
        said, self.memory = reply(question.transcript, self.memory, self.understander)
        if question.error:
            print(f"kiosk: {question.error}", file=sys.stderr, flush=True)
        if self.args.json:
            print(json.dumps(self._object(question, said), ensure_ascii=False), flush=True)
        elif not question.error or question.transcript.text:
            print(said.text, flush=True)
        if self.args.explain:
            self._explain(question.transcript)
        if self.args.speak:
            self._speak(said.text)
        return not question.error

    def _object(self, question: Question, said: Answer) -> dict[str, Any]:
        result: dict[str, Any] = {"file": question.file} if question.file else {}
        result |= {
            "question": question.transcript.shown(understood=said.outcome != "unknown"),
            "outcome": said.outcome,
            "intents": said.intents,
            "urgent": said.urgent,
            "answer": said.text,
            "score": said.score,
            "alternatives": [{"intent": found.intent, "score": found.score} for found in said.alternatives],
        }
        return result | ({"error": question.error} if question.error else {})

    def _heard(self, path: Path) -> Question:
        from kiosk.hear.sound_file import read_sound
        from kiosk.transcribe.recogniser import transcribe, without_noise

        try:
            pcm, rate = read_sound(path)
        except KioskError as error:
            return Question(Transcript(""), str(path), error.what)
        return Question(without_noise(transcribe(self._recogniser, pcm, rate)), str(path))

    def _explain(self, transcript: Transcript) -> None:
        from kiosk.understand.explain import explain

        understanding: Understanding = self.understander.understand(transcript)
        stream = sys.stderr if self.args.json else sys.stdout
        print("\n".join(explain(understanding, transcript, self.understander)), file=stream, flush=True)

    def _speak(self, text: str) -> None:
        from threading import Event

        self._loudspeaker.play(self._voice.synthesise(text), Event())

    @cached_property
    def settings(self) -> Settings:
        return parts.settings(self.args)  # written questions need none

    @cached_property
    def _recogniser(self) -> Any:  # noqa: ANN401 - a VoskRecogniser, imported when used
        recogniser = parts.recogniser(self.args, self.settings)
        recogniser.expect(self.understander.phrasebook.questions)
        return recogniser

    @cached_property
    def _voice(self) -> Any:  # noqa: ANN401 - a Pyttsx3Voice, imported when used
        return self._stack.enter_context(parts.voice(self.settings))

    @cached_property
    def _loudspeaker(self) -> Any:  # noqa: ANN401 - a Loudspeaker, imported when used
        from kiosk.speak.loudspeaker import Loudspeaker

        return self._stack.enter_context(Loudspeaker(self.args.speaker or self.settings.sound.speaker or None))


def _lines(stream: IO[bytes]) -> Iterator[Question]:
    """Yield a question a line, however long or broken the line is."""
    number = 0
    while line := stream.readline(LONGEST):
        number += 1
        error = ""
        if len(line) == LONGEST and not line.endswith(b"\n"):
            error = f"line {number} is longer than {LONGEST} bytes; only its beginning was read."
            _skip_line(stream)
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("utf-8", "replace").replace("\ufffd", " ")
            error = error or f"line {number} is not UTF-8; what could not be read was left out."
        yield Question(Transcript(text.strip("\r\n")), error=error)


def _skip_line(stream: IO[bytes]) -> None:
    while (rest := stream.readline(1 << 16)) and not rest.endswith(b"\n"):
        pass

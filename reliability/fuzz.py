"""What is no question, no sound, no wish and no file: given to every door of the kiosk, as much as one likes.

Each kind has a property that must hold whatever comes; hypothesis makes the cases, and where one
breaks the property it looks for the smallest that does.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import places
from kiosk import settings as kiosk_settings
from kiosk.cli import UNFORESEEN, main
from kiosk.converse.conversation import Memory, reply
from kiosk.converse.session import Session
from kiosk.converse.turn import State, step
from kiosk.hear.sound_file import read_sound
from kiosk.intents import content
from kiosk.learning import learn
from kiosk.screen import Look, Screen, wishes
from kiosk.terms import SettingsError, SoundFileError, Transcript
from kiosk.transcribe.recogniser import VoskRecogniser
from kiosk.understand import Understander
from reliability.fuzz_staff import staff_requests

OUTCOMES: Final = {"answer", "clarify", "unknown"}
ODD: Final = "\x00\x1b\u200b\u202e\ufeff\ud7ff\U0001f489İßﬁ٣"
WORDS: Final = (
    "numb tingling needle nerve fever blood not no sore since days 24 hours i my leg what when can the ' - . , ? {desk}"
).split()
HTTP_LIMIT: Final = 5.0
"""Seconds the page's server may take to answer or to hang up."""
PAGE_LIMIT: Final = 60.0
"""Seconds it may take to serve the page: a busy computer is no fault."""
KNOWN: Final = ("--json", "--explain", "--conversation", "--wav", "--speak", "--model", "--intents", "--settings", "--")

Property = Callable[[Any], None]


def every(cases: int) -> Iterator[tuple[str, int, str]]:
    """Yield, for each kind, its name, how many cases were run, and the fault that was found, if any."""
    for name in KINDS:
        yield name, *one(name, cases)


def one(name: str, cases: int) -> tuple[int, str]:
    """Run so many cases of one kind; return how many were run, and the fault that was found, if any."""
    run = 0
    with ExitStack() as stack:
        strategy, holds = KINDS[name](stack)

        @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(strategy)
        def each(case: Any) -> None:  # noqa: ANN401 - each kind has its own
            nonlocal run
            run += 1
            holds(case)

        try:
            each()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the fault that was looked for
            return run, f"{type(error).__name__}: {error}"
    return run, ""


def _texts() -> st.SearchStrategy[str]:
    said = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)
    return st.one_of(st.text(max_size=300), said, st.text(alphabet=ODD + "ab ", max_size=60), st.just("a" * 20_000))


def _understander() -> Understander:
    phrasebook = content.load(places.intents_dir())
    return Understander(phrasebook, learn.learned_for(phrasebook, places.cache_dir()))


def _questions(_stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    understander = _understander()

    def holds(case: tuple[list[str], bool]) -> None:
        memory, (texts, heard) = Memory(), case
        for text in texts:
            said, memory = reply(Transcript(text, heard=heard), memory, understander)
            assert said.outcome in OUTCOMES
            assert said.text.strip()
            assert 0 <= said.score <= 100  # noqa: PLR2004 - what `terms` promises
            assert "{" not in said.text

    return st.tuples(st.lists(_texts(), min_size=1, max_size=3), st.booleans()), holds


def _events(_stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    """Wishes and news in any order: the conversation always has something to show, and forgets when it is told to."""
    understander = _understander()
    bodies = st.sampled_from([json.dumps({"wish": name}).encode() for name in wishes.PLAIN])
    typed = _texts().map(lambda text: json.dumps({"wish": "type", "text": text}).encode())

    def holds(case: list[bytes]) -> None:
        state = State()
        for body in case:
            if event := wishes.event(body, understander.phrasebook):
                state, _ = step(state, event, understander)
                assert 0 <= state.volume <= 4  # noqa: PLR2004 - what `turn` promises
        finish = wishes.event(b'{"wish": "finish"}', understander.phrasebook)
        assert finish
        state, _ = step(state, finish, understander)
        assert state.blank

    return st.lists(st.one_of(bodies, typed), max_size=15), holds


def _wishes(_stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    phrasebook = content.load(places.intents_dir())
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
    values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner))
    keys = st.sampled_from(("wish", "text", "intent", "turn"))
    named = st.dictionaries(keys, st.one_of(values, st.sampled_from(("type", "choose", "ask"))))
    bodies = st.one_of(values, named).map(lambda value: json.dumps(value).encode())
    return st.one_of(bodies, st.binary(max_size=200), st.just(b"[" * 4000)), lambda body: _none_or_event(
        wishes.event(body, phrasebook)
    )


def _none_or_event(event: object) -> None:
    assert event is None or type(event).__module__ == "kiosk.converse.turn"


def _sounds(stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sound.wav"
    whole = (Path(__file__).parents[1] / "kiosk/screen/static/begin.wav").read_bytes()

    def holds(data: bytes) -> None:
        path.write_bytes(data)
        with contextlib.suppress(SoundFileError):
            pcm, rate = read_sound(path)
            assert len(pcm) % 2 == 0
            assert rate > 0

    return st.one_of(st.binary(max_size=500), _damaged(whole)), holds


def _samples(_stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    """Any samples in pieces of any length, at any rate: the recogniser returns a transcript and does not end us."""
    recogniser = VoskRecogniser(places.model_dir())

    def holds(case: tuple[list[bytes], int]) -> None:
        pieces, rate = case
        utterance = recogniser.utterance(rate)
        for piece in pieces:
            assert isinstance(utterance.feed(piece[: len(piece) // 2 * 2] * 40).text, str)
        assert isinstance(utterance.finish().text, str)

    rates = st.sampled_from((8000, 11_025, 16_000, 22_050, 44_100, 48_000))
    return st.tuples(st.lists(st.binary(max_size=400), max_size=6), rates), holds


def _intents(stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    """One damaged file among good ones: faults are told with their place, or it is read; nothing else."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "intents"
    shutil.copytree(places.intents_dir(), folder)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.yaml"))

    def holds(case: tuple[Path, bytes]) -> None:
        name, data = case
        path, good = folder / name, (folder / name).read_bytes()
        path.write_bytes(data)
        try:
            phrasebook, faults = content.check(folder)
            assert phrasebook or any(not fault.warning for fault in faults)
            assert all(fault.line >= 1 for fault in faults)
        finally:
            path.write_bytes(good)

    damaged = st.sampled_from(files).flatmap(
        lambda name: st.tuples(
            st.just(name), st.one_of(_damaged((folder / name).read_bytes()), st.binary(max_size=200))
        )
    )
    return damaged, holds


def _settings(stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "kiosk.toml"
    example = (Path(__file__).parents[1] / "docs/kiosk.example.toml").read_bytes()

    def holds(data: bytes) -> None:
        path.write_bytes(data)
        with contextlib.suppress(SettingsError):
            kiosk_settings.load(path)

    values = st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=10)).map(json.dumps)
    pairs = [(section, key) for section, keys in kiosk_settings.RULES.items() for key in keys]
    lines = st.tuples(st.sampled_from(pairs), values).map(lambda it: f"[{it[0][0]}]\n{it[0][1]} = {it[1]}\n".encode())
    return st.one_of(lines, _damaged(example), st.binary(max_size=200)), holds


def _arguments(stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    """Only commands that change nothing; `--` keeps them from waiting for a question on standard input."""
    empty = stack.enter_context(tempfile.TemporaryDirectory())
    stack.enter_context(contextlib.chdir(empty))
    stack.enter_context(mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO())))

    def holds(arguments: list[str]) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                status = main(arguments)
            except SystemExit as end:
                status = int(end.code or 0)
        assert status in (0, 1, 2)
        assert UNFORESEEN not in out.getvalue()
        assert "Traceback" not in out.getvalue()

    words = st.one_of(st.sampled_from(KNOWN), st.text(max_size=12).filter(lambda text: "\0" not in text))
    commands = st.sampled_from((["ask"], ["ask", "--json"], ["intents", "check"], ["model"], ["nosuch"], []))
    return st.tuples(commands, st.lists(words, max_size=5)).map(lambda it: [*it[0], *it[1]]), holds


def _requests(stack: ExitStack) -> tuple[st.SearchStrategy[Any], Property]:
    """Anything that comes to the page's port: an answer below 500, or a hang-up; then a page is still served."""
    understander = _understander()
    session = stack.enter_context(Session(understander, None, None))
    screen = stack.enter_context(Screen(session, understander.phrasebook, Look()))
    send = partial(_sent, screen.port)
    host = f"127.0.0.1:{screen.port}".encode()
    methods = st.sampled_from(
        [b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"HEAD", b"TRACE", b"CONNECT", b"\x16\x03"]
    )
    paths = st.one_of(
        st.sampled_from([b"/", b"/wishes", b"/static/../server.py", b"/static/%2e%2e/", b"/theme.css", b"*", b"//"]),
        st.binary(max_size=40).map(lambda tail: b"/" + tail.replace(b"\n", b"").replace(b" ", b"")),
    )
    names = st.sampled_from(
        [b"Host", b"Origin", b"Content-Length", b"Transfer-Encoding", b"Range", b"Expect", b"Upgrade", b"X"]
    )
    values = st.one_of(
        st.sampled_from([host, b"http://" + host, b"chunked", b"-1", b"5", b"99999999999", b"websocket", b"bytes=9-1"]),
        st.binary(max_size=30),
    )
    headers = st.lists(st.tuples(names, values), max_size=5)

    def holds(case: tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes]) -> None:
        method, path, fields, body = case
        lines = [method + b" " + path + b" HTTP/1.1", *(name + b": " + value for name, value in fields)]
        answer = send(b"\r\n".join([*lines, b"Connection: close", b"", body]))
        assert not answer.startswith(b"HTTP/1.1 5"), answer[:200]
        asking = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
        page = send(asking, hang_up=False, limit=PAGE_LIMIT)
        assert page.startswith(b"HTTP/1.1 200"), page[:200]
        assert session.alive

    return st.tuples(methods, paths, headers, st.binary(max_size=100)), holds


def _sent(port: int, request: bytes, *, hang_up: bool = True, limit: float = HTTP_LIMIT) -> bytes:
    """Send bytes and return the beginning of what comes back; `hang_up`: tell that no more will be sent."""
    with socket.create_connection(("127.0.0.1", port), limit) as link, contextlib.suppress(OSError):
        link.sendall(request)
        if hang_up:
            link.shutdown(socket.SHUT_WR)
        return link.recv(65536)
    return b""


def _damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return `whole` with pieces overwritten, doubled, cut out or cut off."""
    places_in = st.integers(0, max(len(whole) - 1, 0))
    cuts = st.tuples(places_in, st.integers(0, 40), st.binary(max_size=12))

    def damage(changes: list[tuple[int, int, bytes]]) -> bytes:
        data = whole
        for at, length, new in changes:
            data = data[:at] + new + data[at + length :]
        return data

    return st.one_of(st.lists(cuts, min_size=1, max_size=4).map(damage), places_in.map(lambda at: whole[:at]))


KINDS: Final[dict[str, Callable[[ExitStack], tuple[st.SearchStrategy[Any], Property]]]] = {
    "questions": _questions,
    "conversations": _events,
    "wishes": _wishes,
    "sound files": _sounds,
    "samples": _samples,
    "intent files": _intents,
    "settings": _settings,
    "arguments": _arguments,
    "requests": _requests,
    "staff's page": staff_requests,
}

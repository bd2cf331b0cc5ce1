"""`kiosk run`: the kiosk itself, on a page and in a terminal.

Where there is a display the page is opened full-screen. A terminal shows the same conversation: with
a microphone, a key to talk, and again, or silence, to end; without, by keyboard. `--text`: line by
line, from a terminal or a pipe, without any sound or page.
"""

from __future__ import annotations

import argparse
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from kiosk import places
from kiosk.cli import parts
from kiosk.terms import DeviceError, KioskError, Transcript

if TYPE_CHECKING:
    from kiosk.cli.parts import LoudspeakerMouth, MicrophoneEars, PhraseWaker
    from kiosk.converse.conversation import Memory
    from kiosk.converse.session import Session
    from kiosk.converse.turn import State
    from kiosk.learning.reload import Reloader
    from kiosk.screen import Screen
    from kiosk.staff.asked import Asked
    from kiosk.staff_page import Desk, StaffPage
    from kiosk.staff_page.network import Address
    from kiosk.terms import Answer
    from kiosk.understand import Understander

WIDTH: Final = 80
GLANCE: Final = 0.2
"""Seconds between looks at whether the kiosk was told to stop."""
WAIT: Final = 5.0
"""Seconds an answer may take to appear; it takes some milliseconds."""
METER: Final = 13
"""Characters of the level meter."""
QUIETEST: Final = -60.0
"""dBFS at the left end of the meter."""
KEYS: Final = {" ": "Asking", "\n": "Asking", "a": "Again", "A": "Again", "f": "Finished", "F": "Finished"}
"""Which key lets which event of `kiosk.converse.turn` happen."""
AT_ANY_TIME: Final = "aAfF"
"""Keys that mean the same while the voice speaks; all others stop it."""
PORTS: Final = range(65536)
ENDS: Final = ("SIGTERM", "SIGHUP")
"""The signals by which a service, and a terminal that is closed, end the kiosk."""
HELP: Final = (
    "Press the space bar and ask your question.\n"
    "Press it again when you have finished, or just fall silent. Any key stops the voice.\n"
    "a: say it again   t: type a question   f: finish   q: end the kiosk"
)
STILL_THERE: Final = "Are you still there? Press any key, or all this is cleared in a moment."
HEED: Final = "Press f when you have told them."
CLEARED: Final = "\033[H\033[2J\033[3J"
"""Clears the terminal, and what has been scrolled off it: the next patient must not read the last one's words."""
TYPE: Final = "Type your question and press Enter (an empty line ends)."


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("run", help="start the kiosk")
    parser.add_argument("--text", action="store_true", help="by keyboard or pipe, without any sound")
    parser.add_argument("--microphone", metavar="NAME", help="a number or a part of a name, as `kiosk devices` lists")
    parser.add_argument("--port", type=_port, help="where the page is served on this computer; 0 for any free port")
    parser.add_argument("--no-browser", action="store_true", help="tell the page's address instead of opening it")
    parser.add_argument(
        "--staff-address",
        type=_address,
        metavar="HOST[:PORT]",
        help="open the staff page to the clinic's network, by TLS",
    )
    parser.add_argument(
        "--staff-cert", type=Path, metavar="FILE", help="its certificate, if not one of the kiosk's own"
    )
    parser.add_argument("--staff-key", type=Path, metavar="FILE", help="the key of that certificate")
    parser.add_argument("--speaker", metavar="NAME", help="the loudspeaker, likewise")
    parts.add_options(parser)
    parser.set_defaults(run=run)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: it is a whole number from 0 to {PORTS[-1]}")
    return int(text)


def _address(text: str) -> Address:
    from kiosk.staff_page.network import parsed

    return parsed(text)


def run(args: argparse.Namespace) -> int:
    """Run the kiosk until it is told to end."""
    from kiosk.upkeep import memory, undumped

    undumped.keep_memory_off_the_disk()
    memory.keep_together()
    if args.text:
        return in_text(parts.understander(args), lambda now: parts.reloader(args, now))
    return _voice(args)


# --- text ---------------------------------------------------------------------------------------
def in_text(understander: Understander, reloading: Callable[[Understander], AbstractContextManager[Reloader]]) -> int:
    """Take questions from a terminal or a pipe until it ends, and write the answers."""
    from kiosk.converse.conversation import Memory

    asked_by_hand = sys.stdin.isatty()
    memory = Memory()
    if asked_by_hand:
        print(understander.phrasebook.intents["help"].answer)
        print(TYPE)
    with ExitStack() as stack:
        reloader = None
        for text in _lines(asked_by_hand=asked_by_hand):
            if reloader:
                understander = reloader.understander
                memory = memory.known_to(understander.phrasebook)
            told, memory = _told(text, memory, understander)
            print(told, flush=True)
            # Not before the first answer, which need not wait until the YAML library is loaded.
            reloader = reloader or stack.enter_context(reloading(understander))
    return 0


def _lines(*, asked_by_hand: bool) -> Iterator[str]:
    """Yield what is asked, until the end of the input; by hand an empty line ends it, too."""
    while True:
        if asked_by_hand:
            print("> ", end="", flush=True)
        line = sys.stdin.buffer.readline()
        text = line.decode("utf-8", "replace").strip()
        if not line or (asked_by_hand and not text):
            return
        yield text


def _told(text: str, memory: Memory, understander: Understander) -> tuple[str, Memory]:
    """Return the answer as it is written, or an apology, and what to remember."""
    from kiosk.converse.conversation import reply
    from kiosk.upkeep import logbook

    try:
        said, memory = reply(Transcript(text), memory, understander)
        return _written(said), memory
    except Exception as error:  # noqa: BLE001 - whatever it was, it ends this question and not the kiosk
        print(f"kiosk: this question failed: {logbook.told(error)}", file=sys.stderr, flush=True)
        return textwrap.fill(understander.phrasebook.replies["failed"], WIDTH), memory


def _written(said: Answer) -> str:
    mark = "!! " if said.urgent else ""
    return textwrap.fill(mark + said.text, WIDTH, break_on_hyphens=False)


# --- voice --------------------------------------------------------------------------------------
def _voice(args: argparse.Namespace) -> int:
    from kiosk.converse.session import Session
    from kiosk.upkeep import logbook, watchdog

    logbook.tell_unforeseen()
    settings = parts.settings(args)
    for name in ENDS:
        if hasattr(signal, name):  # Windows has no SIGHUP
            # As an exception, so that whatever was opened is closed: the browser, the devices, the voice.
            signal.signal(getattr(signal, name), lambda *_: sys.exit(0))
    with ExitStack() as stack:
        witness = parts.witness(settings, stack)
        # The page comes first: model, microphone and voice take a second longer, and it shows when they are there.
        model = parts.loading(args, settings, stack)
        understander = parts.understander(args)
        ears = parts.ears(args, settings, model, understander, stack)
        mouth = parts.mouth(args, settings, stack)
        waker = parts.PhraseWaker(ears, settings.screen.wake_phrase) if settings.screen.hands_free else None
        asked = stack.enter_context(closing(parts.asked(settings)))
        heart = Heart()
        session = stack.enter_context(
            Session(
                understander, ears, mouth, waker, idle=settings.screen.idle_seconds, witness=witness, beat=heart.beat
            )
        )
        _count(session, understander, asked)
        reloader = parts.reloader(args, understander, ears.adopt, session.adopt)
        desk = replace(parts.staff_desk(args, settings, reloader, asked, mouth), ears=session)
        staff = _staff(args, desk, stack)
        # A taken port ends it: two kiosks would hear and answer the same patient.
        screen = stack.enter_context(parts.screen(args, settings, session, understander.phrasebook, staff))
        session.adopted(screen.adopt)
        _open(screen, args, stack)
        stack.enter_context(reloader)
        heart.begin(session, screen)
        hears, _ = _comes(ears), _comes(mouth)
        stack.enter_context(parts.prepared(ears, mouth, understander.phrasebook))
        if waker and hears:
            _comes(waker)
        watchdog.notify(watchdog.READY)
        if not sys.stdin.isatty():
            return _until_stopped(heart)
        return Terminal(session, heart).run() if hears else by_line(session, heart)


def _count(session: Session, understander: Understander, asked: Asked) -> None:
    """Have every reply counted."""
    asked.adopt(understander.phrasebook)
    session.adopted(asked.adopt)
    session.show(asked.show)


def _staff(args: argparse.Namespace, desk: Desk, stack: ExitStack) -> StaffPage:
    """Return the staff page for this computer; serve it on the clinic's network too, if that is wanted."""
    from kiosk.staff_page import Entrance, staff_page

    entrance = Entrance.in_folder(places.staff_dir())
    if args.staff_address:
        network = stack.enter_context(parts.staff_network(args, staff_page(desk, entrance, home="")))
        print(network.warning, file=sys.stderr, flush=True)
        if not entrance.open:
            print("There is no PIN, so nothing is shown there yet: kiosk staff set-pin", file=sys.stderr, flush=True)
    return staff_page(desk, entrance, home="/")


class Heart:
    """Shows systemd that the kiosk is alive: it beats only while the session and the page work."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._screen: Screen | None = None

    def begin(self, session: Session, screen: Screen) -> None:
        """Beat from now on."""
        self._session, self._screen = session, screen

    def beat(self) -> None:
        """Beat once; called by the session's own loop, so that a session that hangs does not."""
        from kiosk.upkeep import watchdog

        if self._screen is None or self._screen.alive():
            watchdog.notify(watchdog.ALIVE)

    @property
    def stopped(self) -> bool:
        """Whether the session has ended though nobody ended it."""
        return self._session is not None and not self._session.alive


def _comes(part: MicrophoneEars | LoudspeakerMouth | PhraseWaker) -> bool:
    """Wait until a part is ready, or tell what is missing; return False where it will stay so."""
    try:
        part.open()
    except KioskError as error:
        passes = isinstance(error, DeviceError)
        print(f"{error}\nThe kiosk goes on without it{', until it is there' * passes}.", file=sys.stderr, flush=True)
        return passes
    return True


def _open(screen: Screen, args: argparse.Namespace, stack: ExitStack) -> None:
    """Open the page full-screen, or tell where it is."""
    from kiosk.screen import browser

    if args.no_browser or not browser.has_display() or not stack.enter_context(browser.opened(screen.address)):
        print(f"The page is at {screen.address}", file=sys.stderr, flush=True)


def _until_stopped(heart: Heart) -> int:
    """Wait for the end: a service has no keyboard. Returns 1 where the kiosk must be started anew."""
    print("No terminal: the kiosk runs until it is stopped.", file=sys.stderr, flush=True)
    while not heart.stopped:
        time.sleep(GLANCE)
    return _failed()


def _failed() -> int:
    print("\nkiosk: The conversation has ended by a failure; the log tells which.", file=sys.stderr)
    print("  Start the kiosk again.", file=sys.stderr, flush=True)
    return 1


def by_line(session: Session, heart: Heart) -> int:
    """Take questions by keyboard and answer them aloud as far as there is a voice."""
    from kiosk.converse.turn import Asked, Phase

    answered = threading.Event()
    typed, blank = "", True

    def show(state: State) -> None:
        nonlocal blank
        if state.blank and not blank:
            print(f"{CLEARED}{TYPE}\n> ", end="", flush=True)
        blank = state.blank
        if state.phase is Phase.SPEAKING and state.answer and state.sentence < 0:
            # What was asked on the page has not been seen here.
            elsewhere = f"\n\033[2m{state.words}\033[0m\n" if state.words != typed else ""
            print(elsewhere + _written(state.answer), flush=True)
            answered.set()

    session.show(show)
    print(TYPE)
    while typed := _line(heart):
        answered.clear()
        session.post(Asked(Transcript(typed)))
        answered.wait(WAIT)
    return _failed() if heart.stopped else 0


def _line(heart: Heart) -> str:
    """Return the next line that is typed, empty at the end of the terminal or of the conversation."""
    came: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        line = ""
        with suppress(OSError, ValueError):  # the terminal was closed
            print("> ", end="", flush=True)
            # Unbuffered: Python cannot end while a thread waits inside the buffered reader.
            with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as keyboard:
                line = keyboard.readline().decode("utf-8", "replace").strip()
        came.put(line)

    # In a thread of its own, for nothing can call back who waits for a line.
    threading.Thread(target=read, name="keyboard", daemon=True).start()
    while not heart.stopped:
        with suppress(Empty):
            return came.get(timeout=GLANCE)
    return ""


class Terminal:
    """The conversation in a terminal with a keyboard."""

    def __init__(self, session: Session, heart: Heart) -> None:
        self._session = session
        self._heart = heart
        self._shown = session.state
        self._typed = ""
        self._writing = threading.Lock()
        session.show(self._show)

    def run(self) -> int:
        """Take keys until somebody ends the kiosk; returns 1 where the conversation ends by a failure."""
        from kiosk.cli.keys import Keys

        with Keys() as keys, suppress(EOFError):  # the terminal was closed
            self.write(HELP)  # once it takes keys: one that is pressed at once would be lost
            while not self._heart.stopped:
                key = keys.read(GLANCE)
                if key in ("q", "Q", "\x04"):
                    return 0
                if key:
                    self._pressed(key)
        return _failed() if self._heart.stopped else 0

    def write(self, text: str, end: str = "\n") -> None:
        """Write `text` whole: what the conversation tells comes from another thread than prompts."""
        with self._writing:
            print(text, end=end, flush=True)

    def _pressed(self, key: str) -> None:
        from kiosk.converse import turn

        state = self._session.state
        self._session.post(turn.Stirred())
        if state.phase is turn.Phase.LISTENING:
            self._session.post(turn.Released())
        elif key in AT_ANY_TIME:
            self._session.post(getattr(turn, KEYS[key])())
        elif state.phase is turn.Phase.SPEAKING:
            self._session.post(turn.Stopped())
        elif state.urgent:
            self.write(HEED)  # as on the page: past a warning leads only that it was heeded
        elif key in ("t", "T"):
            self._type()
        elif key in KEYS:
            self._session.post(getattr(turn, KEYS[key])())

    def _type(self) -> None:
        from kiosk.cli.keys import line
        from kiosk.converse.turn import Asked

        self._typed = line(lambda: self.write("Your question: ", end=""))
        if self._typed:
            self._session.post(Asked(Transcript(self._typed)))

    def _show(self, state: State) -> None:
        from kiosk.converse.turn import Phase

        before, self._shown = self._shown, state
        if state.phase is Phase.LISTENING:
            self.write(f"\r\033[K{_meter(state.level)} {state.words[-WIDTH + METER :]}", end="")
        elif state.notice and state.notice != before.notice:
            self.write(f"\r\033[K{state.notice}")
        elif state.answer and state.phase is Phase.SPEAKING and state.turn != before.turn:
            # What was typed here stands here already.
            words = f"\033[2m{state.words}\033[0m\n" if state.words != self._typed else ""
            self.write(f"\r\033[K{words}{_coloured(state.answer)}\n")
        elif state.leaving and not before.leaving:
            self.write(STILL_THERE)
        elif state.blank and not before.blank:
            self._typed = ""
            self.write(f"{CLEARED}{HELP}")


def _meter(level: float) -> str:
    filled = round(min(max((level - QUIETEST) / -QUIETEST, 0), 1) * (METER - 3))
    return f"[{'#' * filled:<{METER - 3}}]"


def _coloured(said: Answer) -> str:
    text = _written(said)
    return f"\033[1;31m{text}\033[0m" if said.urgent else text

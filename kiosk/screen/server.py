"""The server of the page: Starlette and uvicorn, on the loopback, in a thread of its own."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self

import uvicorn
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kiosk.screen import wishes
from kiosk.screen.guard import Guard
from kiosk.screen.live import Live
from kiosk.screen.theme import theme
from kiosk.screen.view import EMERGENCY, topics
from kiosk.terms import KioskError, Phrasebook

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from kiosk.converse.turn import Event, State

LOOPBACK: Final = "127.0.0.1"
RETRY: Final = 500
"""Milliseconds until a page that has lost the kiosk tries again."""
LARGEST: Final = 4096
"""Bytes of a wish."""
FAREWELL: Final = 2
"""Seconds that pages get to hang up when the kiosk ends."""


class Conversation(Protocol):
    """What the page shows and speaks to: `kiosk.converse.session.Session`."""

    @property
    def state(self) -> State:
        """What there is to show now."""

    def show(self, show: Callable[[State], None]) -> None:
        """Have `show` called with every new state."""

    def post(self, event: Event) -> None:
        """Let something happen; returns at once."""


class Staff(Protocol):
    """The staff page, served under /staff: `kiosk.staff_page`."""

    @property
    def open(self) -> bool:
        """Whether there is one now."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the page behaves, as far as settings and parts decide."""

    port: int = 0
    """0 for any that is free."""
    idle_seconds: float = 30.0
    cap_seconds: float = 15.0
    """How long one question may be: the ring around the circle runs down in this time."""
    talk_key: str = ""
    """The name of a key that asks, beside the space bar, as browsers call it: F13, PageDown and so on."""
    wake_phrase: str = ""
    """Shown while the kiosk waits for it; empty where it does not."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """The page with the words of one phrasebook: printed once, and sent often."""

    number: str
    """What tells it from the pages of other runs, words, topics or colours."""
    theme: str
    html: Mapping[bool, str]
    """Without and with the mark of the staff page, which comes and goes with its PIN."""


class Screen:
    """The page, from the beginning to the end of the context; `address` tells where."""

    def __init__(
        self, conversation: Conversation, phrasebook: Phrasebook, look: Look, staff: Staff | None = None
    ) -> None:
        """Take the conversation to show, and the staff page if any; raises `KioskError` if the port is taken."""
        self._conversation = conversation
        self._look = look
        self._staff = staff
        self._run = secrets.token_hex(8)  # a page of an earlier run sees by it that it is to load anew
        self._template = Environment(
            loader=PackageLoader("kiosk.screen"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        ).get_template("page.html")
        self._take(phrasebook)
        self._live = Live(phrasebook)
        self._socket = _bound(look.port)
        self.port: int = self._socket.getsockname()[1]
        self.address = f"http://{LOOPBACK}:{self.port}/"
        config = uvicorn.Config(
            self._app(),
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="screen", daemon=True)

    def adopt(self, phrasebook: Phrasebook) -> None:
        """Show this phrasebook's words from now on; open pages load anew once nothing of a patient is on them."""
        self._take(phrasebook)
        self._live.adopt(phrasebook)

    def __enter__(self) -> Self:
        self._conversation.show(self._live.show)
        self._live.show(self._conversation.state)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.end()
        self._server.should_exit = True
        self._thread.join(2 * FAREWELL)
        self._socket.close()

    def alive(self) -> bool:
        """Tell whether the page is served: the server had time to stir since this was called last, and did."""
        return self._thread.is_alive() and self._live.pulse()

    def _app(self) -> Starlette:
        """Return the application: the page, its files, what is shown, and what is wished."""

        @contextlib.asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            self._live.begin()
            yield

        async def show(_request: Request) -> Response:
            return StreamingResponse(self._events(), media_type="text/event-stream")

        async def wish(request: Request) -> Response:
            return Response(status_code=204 if self._wished(await _body(request)) else 400)

        return Starlette(
            routes=[
                Route("/", lambda _request: HTMLResponse(self._printed.html[self._has_staff_page()])),
                Route("/theme.css", lambda _request: Response(self._printed.theme, media_type="text/css")),
                Route("/events", show),
                Route("/wishes", wish, methods=["POST"]),
                Mount("/static", StaticFiles(directory=str(resources.files(__package__) / "static"))),
                *([Mount("/staff", self._staff)] if self._staff else []),
            ],
            middleware=[Middleware(Guard, port=self.port)],
            lifespan=lifespan,
        )

    def _has_staff_page(self) -> bool:
        return self._staff is not None and self._staff.open

    def _take(self, phrasebook: Phrasebook) -> None:
        """Print the pages with these words."""
        colours = theme(phrasebook.clinic)
        words = hashlib.sha256((self._html(phrasebook, "", staff=False) + colours).encode()).hexdigest()
        number = f"{self._run}-{words[:16]}"
        html = {staff: self._html(phrasebook, number, staff=staff) for staff in (False, True)}
        self._phrasebook, self._printed = phrasebook, _Printed(number, colours, html)

    def _html(self, phrasebook: Phrasebook, number: str, *, staff: bool) -> str:
        say = phrasebook.screen["say"].replace("{phrase}", self._look.wake_phrase)
        return self._template.render(
            clinic=phrasebook.clinic,
            text=phrasebook.screen,
            say=say if self._look.wake_phrase else "",
            topics=topics(phrasebook),
            emergency=EMERGENCY if EMERGENCY in phrasebook.intents else "",
            longest=wishes.LONGEST,
            look=self._look,
            kiosk=number,
            staff=staff,
        )

    async def _events(self) -> AsyncIterator[str]:
        told = self._printed.number
        yield f"retry: {RETRY}\nevent: kiosk\ndata: {told}\n\n"
        async for view in self._live.views():
            if told != self._printed.number and self._live.blank:
                told = self._printed.number
                yield f"event: kiosk\ndata: {told}\n\n"
            yield f"data: {view}\n\n"

    def _wished(self, body: bytes) -> bool:
        event = wishes.event(body, self._phrasebook)
        if event is not None:
            self._conversation.post(event)
        return event is not None


async def _body(request: Request) -> bytes:
    """Return the body of a wish, or as much of it as shows that it is none."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return b""
    return body


def _bound(port: int) -> socket.socket:
    """Return a socket on the loopback, and nowhere else; raises `KioskError`."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except OSError as error:
        bound.close()
        raise KioskError(
            f"The page cannot be served on port {port}: {error.strerror}.",
            "Another kiosk may be running. Name another port with --port, or in [screen] of the settings.",
        ) from error
    return bound

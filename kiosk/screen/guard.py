"""Who may speak to the page's server: only the page itself, on this computer.

Sockets on the loopback keep other computers out, but not other pages in this computer's browsers: a
foreign page may send requests here, and may rename itself to this address (DNS rebinding). So the
name it was called by, and the page it was called from, must both be ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES: Final = ("127.0.0.1", "localhost")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
"""Sent with everything: nothing from elsewhere, no inline script, no text that becomes markup, nothing kept."""


class Guard:
    """Refuses what does not come from our own page, and sends `HEADERS` with everything that has none of its own."""

    scheme = "http"

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self.port = port

    def is_ours(self, host: str) -> bool:
        """Tell whether `host`, as a browser sends it, is this server."""
        return host in {f"{name}:{self.port}" for name in NAMES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        allowed = self._allows(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else False
        app = self._app if allowed else PlainTextResponse("This is not for you.", 403)
        await app(scope, receive, sealed)

    def _allows(self, method: str, headers: Headers) -> bool:
        host = headers.get("host", "")
        if not self.is_ours(host):
            return False
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        # Browsers name the page with every wish; what does not is no page.
        return self._is_our_page(origin) if origin or method != "GET" else True

    def _is_our_page(self, origin: str | None) -> bool:
        scheme, _, host = (origin or "").partition("://")
        return scheme == self.scheme and self.is_ours(host)

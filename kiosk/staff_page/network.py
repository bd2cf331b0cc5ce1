"""The staff page, and nothing else, for the clinic's own network: by TLS, with a guard of its own."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from kiosk.screen.guard import Guard
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from kiosk.staff_page.certificate import Certificate

PORT: Final = 8759
"""Where --staff-address names none."""
FAREWELL: Final = 2
"""Seconds that browsers get to hang up when the kiosk ends."""
WARNING: Final = (
    "Warning: the staff page is open to everybody on the network of {host}, port {port}, who knows the PIN.\n"
    "Only connect the kiosk to the clinic's own network, never to one that patients or guests use.\n"
    "Its certificate has the SHA-256 fingerprint\n  {fingerprint}\n"
    "Compare it in the browser the first time, before you enter the PIN."
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the staff page is served."""

    host: str
    port: int


class NetworkGuard(Guard):
    """Takes this computer's own names, and its addresses in numbers, which no foreign page can rename itself to."""

    scheme = "https"

    def is_ours(self, host: str) -> bool:
        """Tell whether `host`, as a browser sends it, is this computer."""
        name, _, port = host.rpartition(":")
        if port != str(self.port):
            return False
        own = socket.gethostname().lower()
        if name.lower() in (own, f"{own}.local", "localhost"):
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


class Network:
    """The staff page by TLS, from the beginning to the end of the context."""

    def __init__(self, application: ASGIApp, address: Address, certificate: Certificate) -> None:
        """Take what `kiosk.staff_page.staff_page` made; raises `KioskError` for a bad address or certificate."""
        self.fingerprint = certificate.fingerprint
        self._socket = _bound(address)
        self.address = Address(address.host, self._socket.getsockname()[1])
        served = Starlette(
            routes=[Route("/", lambda _request: RedirectResponse("/staff/")), Mount("/staff", application)],
            middleware=[Middleware(NetworkGuard, port=self.address.port)],
        )
        config = uvicorn.Config(
            served,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL,
            ssl_certfile=str(certificate.certificate),
            ssl_keyfile=str(certificate.key),
        )
        try:
            config.load()
        except (OSError, ssl.SSLError) as error:
            self._socket.close()
            raise KioskError(
                f"The certificate {certificate.certificate} with the key {certificate.key} cannot be used: {error}.",
                "Name a PEM certificate and its key without a password, or neither for one of the kiosk's own.",
            ) from error
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="staff", daemon=True)

    @property
    def warning(self) -> str:
        """What whoever starts the kiosk must know."""
        return WARNING.format(host=self.address.host, port=self.address.port, fingerprint=self.fingerprint)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join(2 * FAREWELL)
        self._socket.close()


def parsed(text: str) -> Address:
    """Return the address that `HOST[:PORT]` names; raises `ValueError`."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(PORT)
    number = int(port)
    if not host or number not in range(65536):
        raise ValueError(f"no address: {text!r}")
    return Address(host.strip("[]"), number)


def _bound(address: Address) -> socket.socket:
    """Return a socket at the address; raises `KioskError`."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address.host, address.port))
    except OSError as error:
        bound.close()
        raise KioskError(
            f"The staff page cannot be served at {address.host}, port {address.port}: {error.strerror}.",
            "Name an address of this computer with --staff-address, such as 192.168.1.20:8759.",
        ) from error
    return bound

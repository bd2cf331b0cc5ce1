"""Tells systemd that the kiosk is ready and alive, where systemd started it; elsewhere does nothing.

The protocol is one datagram to the socket that NOTIFY_SOCKET names; see sd_notify(3).
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Final

READY: Final = b"READY=1"
ALIVE: Final = b"WATCHDOG=1"


def notify(message: bytes) -> None:
    """Send `message` to systemd, if it listens; never fails and never waits."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.settimeout(0)
        link.sendto(message, "\0" + address[1:] if address.startswith("@") else address)

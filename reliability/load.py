"""Many pages, and clients that send garbage as fast as they can, while a patient asks: how long the answer takes.

The kiosk is the real one, in a process of its own; patients and pages are here.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

QUESTION: Final = json.dumps({"wish": "type", "text": "is tingling normal"}).encode()
FINISH: Final = b'{"wish": "finish"}'
SHOWN: Final = b"electric shock"
"""Words of the answer."""
BLANK: Final = b'"blank": true'
PATIENCE: Final = 60.0
WISH: Final = (
    b"POST /wishes HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n%s"
)
GARBAGE: Final = (
    b'{"wish": "type", "text": 7}',
    b"[" * 4000,
    b"\xff\x00" * 2000,
    b'{"wish": "choose", "intent": "../../etc/passwd"}',
)


class Page:
    """A page's stream of views."""

    def __init__(self, port: int) -> None:
        self._link = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._link.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())

    def wait_for(self, words: bytes) -> None:
        """Read until these words have come."""
        read = b""
        while words not in read:
            piece = self._link.recv(65536)
            if not piece:
                raise ConnectionError(read[-200:])
            read = read[-1000:] + piece

    def close(self) -> None:
        """Leave."""
        self._link.close()


@contextmanager
def kiosk() -> Iterator[int]:
    """Run a kiosk without sound; yields the port of its page."""
    with tempfile.TemporaryDirectory(prefix="kiosk-load-") as folder:
        told = Path(folder) / "told"
        own = {name: str(Path(folder) / name) for name in ("KIOSK_DATA", "KIOSK_LOG")}
        command = [sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", "0"]
        with told.open("w") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, **own, "PULSE_SERVER": "unix:/nowhere"},
            )
        try:
            yield _port(told, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def _port(told: Path, process: subprocess.Popen[bytes]) -> int:
    """Return the port of the page, once all that comes after it is there too."""
    deadline = time.monotonic() + PATIENCE
    while not (
        found := re.search(r"http://127\.0\.0\.1:(\d+)/.*until it is stopped", told.read_text("utf-8"), re.DOTALL)
    ):
        if process.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError(told.read_text(encoding="utf-8"))
        time.sleep(0.05)
    return int(found[1])


def answered(port: int, pages: int = 1) -> float:
    """Ask; return the seconds until the answer stands on every one of so many pages."""
    with ExitStack() as stack:
        open_pages = [Page(port) for _ in range(pages)]
        for page in open_pages:
            stack.callback(page.close)
            page.wait_for(BLANK)
        begun = time.monotonic()
        _wish(port, QUESTION)
        for page in open_pages:
            page.wait_for(SHOWN)
        seconds = time.monotonic() - begun
        _wish(port, FINISH)
        open_pages[0].wait_for(BLANK)
    return seconds


def _wish(port: int, body: bytes) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    link.request("POST", "/wishes", body, {"Origin": f"http://127.0.0.1:{port}"})
    status = link.getresponse().status
    link.close()
    return status


@contextmanager
def garbage(port: int, clients: int) -> Iterator[Callable[[], int]]:
    """Have so many clients send garbage without pause; yields how much was sent up to now."""
    over = threading.Event()
    sent = [0] * clients

    def send(number: int) -> None:
        while not over.is_set():
            body = GARBAGE[sent[number] % len(GARBAGE)]
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE) as link:
                link.sendall(WISH % (port, port, len(body), body))
                link.recv(4096)
            sent[number] += 1

    threads = [threading.Thread(target=send, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: sum(sent)
    finally:
        over.set()
        for thread in threads:
            thread.join()

"""Runs the whole kiosk in a network namespace without any way out, asks it, and reports what happened as JSON.

    unshare -n python -m tests.sound.alone FOLDER SOUND TYPED

It is the only program in that namespace, so every Internet socket there is its own.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

from reliability.processes import children

PATIENCE = 60.0
DUMPING = ("sh", "-c", 'ulimit -c "$(ulimit -Hc)"; exec "$@"', "sh")
"""Starts a program that may write a memory dump, as on systems that are set up for it."""
SET_FLAGS = 0x8914
UP = 0x1
AUDITED = """
import json, sys
told = open(sys.argv.pop(1), "a", buffering=1)
def note(event, args):
    if event in ("socket.bind", "socket.connect", "socket.sendto", "socket.getaddrinfo"):
        print(json.dumps([event, repr(args[1:] if event != "socket.getaddrinfo" else args)]), file=told)
    elif event == "open" and isinstance(args[0], str) and (args[2] or 0) & 3:
        print(json.dumps([event, args[0]]), file=told)
    elif event == "subprocess.Popen":
        print(json.dumps([event, " ".join(map(str, args[1]))]), file=told)
sys.addaudithook(note)
from kiosk.cli import main
sys.exit(main())
"""
"""The kiosk's own command, with every socket it opens, file it writes and program it starts written down."""


class Page:
    """What a page would see."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._view: dict[str, Any] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._follow, daemon=True).start()

    def wish(self, **wish: str) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        own = {"Origin": f"http://127.0.0.1:{self._port}"}
        link.request("POST", "/wishes", json.dumps(wish), own)
        status = link.getresponse().status
        link.close()
        return status

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        with self._changed:
            if not self._changed.wait_for(lambda: self._view and wanted(self._view), PATIENCE):
                raise TimeoutError(self._view)
            return self._view

    def _follow(self) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self._port)
        link.request("GET", "/events")
        # Until the kiosk ends, by itself or not.
        with closing(link), link.getresponse() as views, suppress(OSError, http.client.HTTPException):
            for line in views:
                if line.startswith(b"data: {"):
                    with self._changed:
                        self._view = json.loads(line[6:])
                        self._changed.notify_all()


def main() -> None:
    folder, sound, typed = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    _loopback_up()
    link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    link.bind(str(folder / "notify"))
    link.settimeout(PATIENCE)
    environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}
    audit = folder / "audit.jsonl"
    command = [*DUMPING, sys.executable, "-c", AUDITED, str(audit), "run", "--no-browser", "--port", "0"]
    with (folder / "stderr").open("w") as errors:
        kiosk = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors, cwd=folder, env=environment)
    try:
        page = Page(port(folder / "stderr", kiosk))
        report = _asked(page, sound, typed)
        report["crashed"] = _parts_crashed(page, kiosk.pid)
        signs = {link.recv(64).decode()}
        while "WATCHDOG=1" not in signs or "READY=1" not in signs:
            signs.add(link.recv(64).decode())
        kiosk.send_signal(signal.SIGTERM)
        status = kiosk.wait(PATIENCE)
    finally:
        kiosk.kill()
    report |= {
        "signs": sorted(signs),
        "status": status,
        "audit": [json.loads(line) for line in audit.read_text().splitlines()],
        "stderr": (folder / "stderr").read_text(),
    }
    json.dump(report, sys.stdout)


def _asked(page: Page, sound: str, typed: str) -> dict[str, Any]:
    """Ask by hand and aloud; return what was shown, and the sockets meanwhile."""
    page.wait(lambda view: view["can_hear"] and view["can_speak"])
    page.wish(wish="type", text=typed)
    by_hand = page.wait(_is_answer)
    page.wish(wish="finish")
    page.wait(lambda view: view["blank"])
    page.wish(wish="ask")
    page.wait(lambda view: view["view"] == "listening")
    subprocess.run(["paplay", "--latency-msec=20", "--device=kiosk_mic_in", sound], check=True, timeout=PATIENCE)
    aloud = page.wait(_is_answer)
    page.wait(lambda view: view["sentence"] >= 0 or not view["speaking"])
    return {"typed": by_hand, "aloud": aloud, "sockets": _sockets()}


def _parts_crashed(page: Page, kiosk: int) -> int:
    """Have every part that is a process of its own crash, just after it was used; return how many there were."""
    parts = children(kiosk)
    for part, number in zip(parts, cycle((signal.SIGSEGV, signal.SIGABRT))):
        os.kill(part, number)
    page.wait(lambda view: not (view["can_hear"] or view["can_speak"]))
    page.wait(lambda view: view["can_hear"] and view["can_speak"])
    return len(parts)


def _is_answer(view: dict[str, Any]) -> bool:
    return view["view"] not in ("welcome", "listening", "thinking")


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        fcntl.ioctl(link, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))


def port(errors: Path, kiosk: subprocess.Popen) -> int:
    deadline = time.monotonic() + 2 * PATIENCE
    while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/", errors.read_text())):
        if kiosk.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError(errors.read_text())
        time.sleep(0.05)
    return int(found[1])


def _sockets() -> list[str]:
    """Return kind, local address and state of every Internet socket of this namespace, in the kernel's hexadecimal."""
    found = []
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        path = Path("/proc/net") / kind
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            _, local, _, state, *_ = line.split()
            found.append(f"{kind} {local.split(':')[0]} {state}")
    return sorted(set(found))


if __name__ == "__main__":
    main()

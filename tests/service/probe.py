"""Started by the service's own unit, inside its fences: tries what it must not be able to do, prints what it could."""

import errno
import fcntl
import json
import os
import resource
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SET_ADDRESS = 0x8916
HERE = "10.99.99.99"
"""An address of this machine that is not the loopback's."""


def add_address() -> None:
    """Give the machine that address; outside the fences."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(HERE))
        fcntl.ioctl(link, SET_ADDRESS, address)


def send(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.sendto(b"hello", (address, 9))


def change(path: str) -> None:
    with Path(path, ".probe").open("w"):
        Path(path, ".probe").unlink()


def make_namespace() -> None:
    if subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode:
        raise PermissionError(errno.EPERM, "refused")


def dump(most: int) -> None:
    if most == 0:
        raise PermissionError(errno.EPERM, "a dump may have no byte")


TRIED: dict[str, Callable[[], object]] = {
    "write to /etc": lambda: change("/etc"),
    "write to the program": lambda: change(os.fspath(Path(__file__).parent)),
    "speak to another address": lambda: send(HERE),
    "speak IPv6": lambda: socket.socket(socket.AF_INET6),
    "listen to the network card": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "become root": lambda: os.setuid(0),
    "make a namespace": make_namespace,
    "see the first process": lambda: Path("/proc/1/status").read_text(),
    "dump its memory": lambda: dump(resource.getrlimit(resource.RLIMIT_CORE)[1]),
    "write to its intents": lambda: change("intents"),
    "write to its cache": lambda: change("/var/cache/clinic-kiosk"),
    "speak to the loopback": lambda: send("127.0.0.1"),
}


def main() -> None:
    could = []
    for what, do in TRIED.items():
        try:
            do()
        except OSError:
            continue
        could.append(what)
    told = {"user": os.getuid(), "could": could}
    Path("/var/cache/clinic-kiosk/probe.json").write_text(json.dumps(told))


if __name__ == "__main__":
    add_address() if sys.argv[1:] else main()

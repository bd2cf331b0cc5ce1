"""`kiosk service`: starts the kiosk with the computer, and its browser with the desktop."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kiosk.upkeep.service import Service

STEPS: Final = (
    ("systemd-sysusers",),
    ("systemctl", "daemon-reload"),
    ("systemctl", "restart", "clinic-kiosk.service"),
)
"""What a running systemd is to be told after the files have changed."""
GLANCE: Final = 1.0
PORT: Final = 8757


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("service", help="start the kiosk with the computer, or no longer")
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    install = actions.add_parser("install", help="write the service's files, and start it with the computer")
    show = actions.add_parser("show", help="print what `install` would write, and whether it is there")
    remove = actions.add_parser("remove", help="stop the service, and delete its files")
    browser = actions.add_parser("browser", help="show the page of the running service full-screen")
    for each in (install, show, remove):
        each.add_argument("--root", type=Path, default=Path("/"), metavar="DIR", help="below DIR")
    for each in (install, show):
        each.add_argument("--intents", type=Path, metavar="DIR", help="answer from DIR as it is, not from a copy")
        each.add_argument("--settings", type=Path, metavar="FILE", help="the settings, if not those in /etc")
    for each in (install, show, browser):
        each.add_argument("--port", type=int, default=PORT, help=f"where the page is served, {PORT} if not named")
    install.set_defaults(run=_install)
    show.set_defaults(run=_show)
    remove.set_defaults(run=_remove)
    browser.set_defaults(run=_browser)


def _install(args: argparse.Namespace) -> int:
    from kiosk.upkeep import service

    for path in service.install(_service(args), args.root):
        print(f"written: {path}")
    return _tell_systemd(args.root, STEPS)


def _show(args: argparse.Namespace) -> int:
    from kiosk.upkeep import service

    for path, text in service.files(_service(args)).items():
        there = args.root / path
        state = "not there"
        if there.is_file():
            state = "there" if there.read_text(encoding="utf-8") == text else "there, but different"
        print(f"# {there} ({state})\n{text}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    from kiosk.upkeep import service

    if args.root == Path("/"):
        _tell_systemd(args.root, (("systemctl", "stop", f"{service.NAME}.service"),))
    for path in service.remove(args.root):
        print(f"deleted: {path}")
    return _tell_systemd(args.root, (("systemctl", "daemon-reload"),))


def _browser(args: argparse.Namespace) -> int:
    from kiosk.screen import browser
    from kiosk.terms import KioskError

    # A page that is not served yet loads itself as soon as it is.
    with browser.opened(f"http://127.0.0.1:{args.port}/") as found:
        if not found:
            raise KioskError("There is no browser.", "On Debian and Ubuntu: sudo apt-get install chromium")
        while True:
            time.sleep(GLANCE)


def _service(args: argparse.Namespace) -> Service:
    import kiosk
    from kiosk import places
    from kiosk.upkeep import service

    return service.Service(
        python=Path(sys.executable),
        home=Path(kiosk.__file__).resolve().parent.parent,
        shipped=places.intents_dir().resolve(),
        intents=args.intents and args.intents.resolve(),
        settings=(args.settings or service.SETTINGS).absolute(),
        port=args.port,
    )


def _tell_systemd(root: Path, steps: tuple[tuple[str, ...], ...]) -> int:
    """Have systemd take the files up; returns 1 where it could not."""
    if root != Path("/") or not Path("/run/systemd/system").is_dir():
        print("No systemd runs on this system: it takes the files up when it starts.", file=sys.stderr)
        return 0
    for step in steps:
        if subprocess.run(step, check=False).returncode:  # noqa: S603 - systemd's own tools
            print(f"This failed: {' '.join(step)}", file=sys.stderr)
            return 1
    return 0

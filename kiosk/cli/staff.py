"""`kiosk staff`: the PIN that opens the staff page, and closes it."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass
from typing import TYPE_CHECKING

from kiosk.cli import parts
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from kiosk.staff_page.pin import PinFile


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("staff", help="open or close the staff page")
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    setting = actions.add_parser(
        "set-pin", help="set the PIN of the staff page; from a pipe, one line of standard input"
    )
    setting.set_defaults(run=_set_pin)
    removing = actions.add_parser("remove-pin", help="forget the PIN: then there is no staff page")
    removing.set_defaults(run=_remove_pin)


def _set_pin(_args: argparse.Namespace) -> int:
    from kiosk.staff_page.pin import refuse_trivial
    from kiosk.upkeep import service

    file = _file()
    pin = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    refuse_trivial(pin)
    file.set(pin)
    if service.STATE in file.path.parents:
        service.hand_over(file.path)
    print(f"The PIN is set, and its hash kept in {file.path}.")
    print("The staff page is at the kiosk's address with /staff/ behind it, from now on. The three dots that open")
    print("it from the kiosk's screen are there as soon as that page is loaded anew, or the kiosk is started again.")
    return 0


def _asked() -> str:
    pin = getpass("New PIN, at least 6 characters: ")
    if getpass("The same again: ") != pin:
        raise KioskError("The two PINs are not the same.", "Try again: kiosk staff set-pin")
    return pin


def _remove_pin(_args: argparse.Namespace) -> int:
    print("The PIN is removed: there is no staff page now." if _file().remove() else "There was no PIN.")
    return 0


def _file() -> PinFile:
    from kiosk.staff_page.pin import PinFile

    return PinFile(parts.pin_path())

"""`kiosk doctor`: is all well? One line a part, green or red, and what to do about it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Final

from kiosk.cli import parts

if TYPE_CHECKING:
    from kiosk.doctor import Finding

MARKS: Final = {"good": "ok  ", "odd": "look", "bad": "FAIL"}
COLOURS: Final = {"good": "32", "odd": "33", "bad": "31"}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help="check everything the kiosk needs, and tell what to do")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--no-sound", action="store_true", help="play nothing and record nothing")
    parser.add_argument("--microphone", metavar="NAME", help="a number or a part of a name, as `kiosk devices` lists")
    parser.add_argument("--speaker", metavar="NAME", help="the loudspeaker, likewise")
    parts.add_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check everything; returns 1 if anything is bad."""
    from kiosk import doctor
    from kiosk.settings import Settings
    from kiosk.terms import SettingsError

    told: list[Finding] = []
    try:
        chosen = parts.settings(args)
    except SettingsError as error:
        chosen = Settings()
        told.append(doctor.Finding("settings", "bad", error.what, error.mend))
    looked = doctor.Looking(
        chosen,
        intents=args.intents,
        model=args.model,
        microphone=args.microphone,
        speaker=args.speaker,
        sound=not args.no_sound,
        pin=parts.pin_path(),
    )
    for each in doctor.examine(looked):
        told.append(each)
        if not args.json:
            print(_line(each), flush=True)
    bad = sum(each.state == "bad" for each in told)
    if args.json:
        found = [{"part": e.part, "state": e.state, "told": e.told, "mend": e.mend} for e in told]
        print(json.dumps({"well": not bad, "found": found}))
    else:
        print("All is well." if not bad else f"{bad} of {len(told)} need mending.")
    return 1 if bad else 0


def _line(each: Finding) -> str:
    mark = MARKS[each.state]
    if sys.stdout.isatty():
        mark = f"\033[{COLOURS[each.state]}m{mark}\033[0m"
    line = f"{mark}  {each.part:<12} {each.told}"
    return f"{line}\n{'':19}{each.mend}" if each.mend and each.state != "good" else line

"""`kiosk devices`: the microphones and loudspeakers there are, and a meter to try a microphone."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import Final

TRIAL: Final = 10.0
"""Seconds the meter runs."""
QUIETEST: Final = -60.0
"""dBFS at the left end of the meter; rooms are louder."""
SPEECH: Final = -40.0
"""dBFS that somebody who speaks to a well set microphone exceeds."""
WIDTH: Final = 40
"""Characters of the meter."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("devices", help="list microphones and loudspeakers, or try a microphone")
    parser.add_argument(
        "--try",
        dest="wanted",
        nargs="?",
        const="",
        metavar="NAME",
        help=f"show how loud this microphone hears for {TRIAL:.0f} seconds: a number, a part of a name, "
        "or nothing for the default",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the devices, or try the microphone that was named."""
    if args.wanted is not None:
        return _try(args.wanted)
    from kiosk.sound import devices

    for title, there in (("Microphones", devices.microphones()), ("Loudspeakers", devices.loudspeakers())):
        print(f"{title}:")
        for device in there:
            print(f"  {'*' if device.default else ' '} {device}")
        if not there:
            print("    none, or another program is using it")
    print("A * marks the one that is used when none is named.")
    return 0


def _try(wanted: str) -> int:
    from kiosk.hear.microphone import BLOCK, LOWEST, Microphone, level

    microphone = Microphone(wanted or None)
    with microphone:
        print("Speak now.", flush=True)
        loudest = LOWEST
        for number, block in enumerate(islice(microphone.blocks(), round(TRIAL / BLOCK))):
            now = level(block)
            loudest = max(loudest, now)
            _show(now, last_of_second=number % round(1 / BLOCK) == 0)
    print()
    verdict = "That is loud enough." if loudest > SPEECH else "That is too quiet: turn it up, or come closer."
    print(f"The loudest was {loudest:.0f} dB. {verdict}")
    return 0


def _show(level: float, *, last_of_second: bool) -> None:
    """Draw the meter anew in its line of the terminal; elsewhere write a line once a second."""
    filled = round(WIDTH * max(0.0, 1 - level / QUIETEST))
    meter = f"{'#' * filled:<{WIDTH}} {level:4.0f} dB"
    if sys.stdout.isatty():
        print(f"\r{meter}", end="", flush=True)
    elif last_of_second:
        print(meter, flush=True)

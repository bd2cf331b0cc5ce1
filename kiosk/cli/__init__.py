"""The door: the command `kiosk`. Only here does the program print, and only here does it end.

Each command is a module of this package with `add`, which declares it, and `run`, which does it and
returns the exit status. Whatever takes time to import is imported in `run`, so that no command pays
for another, and text mode needs neither Vosk nor a sound card.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import Final

from kiosk import __version__
from kiosk.cli import ask, devices, doctor, intents, model, run, service, staff, unanswered
from kiosk.terms import KioskError

COMMANDS: Final = (run, ask, devices, intents, staff, unanswered, model, doctor, service)
FAILED: Final = 1
UNFORESEEN: Final = "Something failed that nobody foresaw"
INTERRUPTED: Final = 130
"""What a shell reports of a program that Ctrl-C ended."""
PIPE_CLOSED: Final = 141
"""What a shell reports of a program whose output nobody reads any more."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what `argv` (by default the process's arguments) says and return the exit status.

    0: done; 1: a `KioskError`, told on standard error; 2: wrong usage (raised as `SystemExit` by
    argparse); 130: Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names and questions may hold what the terminal cannot show.
            stream.reconfigure(errors="backslashreplace")
    args = _parser().parse_args(argv)
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except KioskError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - a traceback tells patients and staff nothing, and may hold their words
        from kiosk.upkeep import logbook

        print(f"kiosk: {UNFORESEEN} ({logbook.told(error)}).\n  Try again; if it stays, report it.", file=sys.stderr)
        return FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description="Answers patients' questions about dry needling.")
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for command in COMMANDS:
        command.add(commands)
    return parser

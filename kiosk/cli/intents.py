"""`kiosk intents check`: every fault in the folder of intents, each with its file and line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import places

if TYPE_CHECKING:
    from kiosk.terms import Fault, Phrasebook


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("intents", help="check the files that staff wrote")
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    check = actions.add_parser("check", help="tell every fault, with its file and line")
    check.add_argument("--intents", type=Path, metavar="DIR", help="the folder, if another than usual")
    check.add_argument("--json", action="store_true", help="print one JSON object: errors and warnings")
    check.set_defaults(run=_check)


def _check(args: argparse.Namespace) -> int:
    from kiosk import content

    folder = args.intents or places.intents_dir()
    phrasebook, faults = content.check(folder)
    errors = [fault for fault in faults if not fault.warning]
    warnings = [fault for fault in faults if fault.warning]
    if args.json:
        print(json.dumps({"errors": _objects(errors), "warnings": _objects(warnings)}, ensure_ascii=False))
    else:
        _tell(folder, errors, warnings, phrasebook)
    return 1 if errors else 0


def _objects(faults: Sequence[Fault]) -> list[dict[str, str | int]]:
    return [{"file": fault.file, "line": fault.line, "message": fault.message} for fault in faults]


def _tell(folder: Path, errors: Sequence[Fault], warnings: Sequence[Fault], phrasebook: Phrasebook | None) -> None:
    for fault in (*errors, *warnings):
        print(fault)
    if errors or warnings:
        print(f"{_count(errors, 'fault')} and {_count(warnings, 'warning')} in {folder}")
    if phrasebook:
        questions = _count(phrasebook.examples, "sample question")
        print(f"{_count(phrasebook.intents, 'intent')} with {questions} can be used.")


def _count(things: Sized, noun: str) -> str:
    number = len(things)
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

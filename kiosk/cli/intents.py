"""`kiosk intents check`: every fault in the folder of intents, each with its file and line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence, Sized
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk import places

if TYPE_CHECKING:
    from kiosk.intents.content import Survey
    from kiosk.intents.sense import UnknownWord
    from kiosk.terms import Fault, Phrasebook


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("intents", help="check the files that staff wrote")
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    check = actions.add_parser("check", help="tell every fault of form and sense, with its file and line")
    check.add_argument("--intents", type=Path, metavar="DIR", help="the folder, if another than usual")
    check.add_argument("--json", action="store_true", help="print one JSON object: errors, warnings, left_out, words")
    check.add_argument("--words", action="store_true", help="list the words that the speech model does not know")
    check.add_argument("--quick", action="store_true", help="only what is told at once: no learning, no speech model")
    check.set_defaults(run=_check)


@dataclass(slots=True)
class _Found:
    """What a check brought."""

    folder: Path
    phrasebook: Phrasebook | None
    faults: list[Fault]
    left_out: list[str] = field(default_factory=list)
    """What could not be checked, and why."""
    words: Sequence[UnknownWord] = ()

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if not fault.warning]

    @property
    def warnings(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.warning]


def _check(args: argparse.Namespace) -> int:
    from kiosk.intents import content, sense

    folder = args.intents or places.intents_dir()
    survey = content.survey(folder)
    found = _Found(folder, survey.phrasebook, [*survey.faults, *sense.of_form(folder, survey)])
    if survey.phrasebook is None:
        found.left_out.append("What the questions mean was not checked; mend the faults first.")
    elif not args.quick:
        _judge(found, survey, survey.phrasebook)
    found.faults = sorted(set(found.faults))
    if args.json:
        print(json.dumps(_object(found), ensure_ascii=False))
    else:
        _tell(found, words=args.words)
    return 1 if found.errors else 0


def _judge(found: _Found, survey: Survey, phrasebook: Phrasebook) -> None:
    """Add what takes some seconds."""
    from kiosk.intents import sense
    from kiosk.learning import learn
    from kiosk.terms import ModelError
    from kiosk.understand import Understander

    _say("Looking for questions that get another's answer ...")
    learned = learn.learned_for(phrasebook, places.cache_dir(), lambda: _say("Learning the sample questions ..."))
    found.faults += sense.over_matches(survey, Understander(phrasebook, learned))
    try:
        _say("Looking for words that nobody can be heard saying ...")
        from kiosk.transcribe.lexicon import lexicon
        from kiosk.transcribe.recogniser import VoskRecogniser

        model = places.model_dir()
        found.words = sense.unknown_words(phrasebook, VoskRecogniser(model).unknown_words, lexicon(model))
        found.faults += sense.unsayable(survey, phrasebook, found.words)
    except ModelError:
        found.left_out.append("Words that cannot be heard were not looked for; there is no speech model.")
    tests = places.test_questions_dir()
    if tests and found.folder.resolve() == places.intents_dir().resolve():
        found.faults += sense.untested(found.folder, phrasebook, (path.stem for path in tests.glob("*.jsonl")))
    else:
        found.left_out.append("Intents without test questions were not looked for; there are no test questions.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _object(found: _Found) -> dict[str, Any]:
    return {
        "errors": _objects(found.errors),
        "warnings": _objects(found.warnings),
        "left_out": found.left_out,
        "words": [asdict(each) for each in found.words],
    }


def _objects(faults: Sequence[Fault]) -> list[dict[str, str | int]]:
    return [{"file": fault.file, "line": fault.line, "message": fault.message} for fault in faults]


def _tell(found: _Found, *, words: bool) -> None:
    for fault in (*found.errors, *found.warnings):
        print(fault)
    if words:
        for each in found.words:
            perhaps = f", perhaps {each.respelling}" if each.respelling else ""
            print(f"{each.word} (in {_count(range(each.count), 'question')}{perhaps})")
    elif found.words:
        print(f"{_count(found.words, 'word')} can be typed but not heard; `kiosk intents check --words` lists them.")
    for remark in found.left_out:
        print(remark)
    if found.faults:
        print(f"{_count(found.errors, 'fault')} and {_count(found.warnings, 'warning')} in {found.folder}")
    if found.phrasebook:
        questions = _count(found.phrasebook.examples, "sample question")
        print(f"{_count(found.phrasebook.intents, 'intent')} with {questions} can be used.")


def _count(things: Sized, noun: str) -> str:
    number = len(things)
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""`kiosk unanswered`: what patients asked in vain, and what staff do about it, as on the staff page."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

from kiosk import places
from kiosk.cli import parts
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from kiosk.staff import Draft, Editor
    from kiosk.staff.asked import Asked, InVain

OUT_OF_SCOPE: Final = "patients_ask"
"""The list of out-of-scope questions that refused ones are added to."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("unanswered", help="see what patients asked in vain, and add it to an intent")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    parser.set_defaults(run=_list)
    parser.add_argument("--json", action="store_true", help="print one JSON object: keeping, questions")
    parts.add_options(parser)
    for name, told, run in (
        ("on", "keep the words of such questions from now on", _switch),
        ("off", "keep them no longer", _switch),
        ("delete-all", "delete everything that was kept, the counts too", _delete_all),
    ):
        actions.add_parser(name, help=told).set_defaults(run=run, action=name)
    for name, told, run in (
        ("add", "make it a sample question of an intent", _add),
        ("refuse", "make it a question that must be refused", _add),
        ("delete", "delete it", _delete),
    ):
        action = actions.add_parser(name, help=told)
        action.add_argument("number", type=int, metavar="N", help="its number in the list")
        if name == "add":
            action.add_argument("intent", metavar="INTENT", help="the id of the intent")
        action.set_defaults(run=run, action=name)


def _list(args: argparse.Namespace) -> int:
    asked = _asked(args)
    found = asked.in_vain()
    if args.json:
        print(json.dumps({"keeping": asked.keeping, "questions": [asdict(each) for each in found]}, ensure_ascii=False))
        return 0
    for each in found:
        print(f"{each.id:>5}  {each.count:>3} times, last {each.last}  {each.question}")
        for wording in each.wordings[1:]:
            print(f"{'':>29}{wording}")
    state = "are kept" if asked.keeping else "are not kept; switch it on with: kiosk unanswered on"
    print(f"The words of questions asked in vain {state}.")
    return 0


def _switch(args: argparse.Namespace) -> int:
    asked = _asked(args)
    asked.keep(on=args.action == "on")
    return _list(args)


def _delete_all(args: argparse.Namespace) -> int:
    _asked(args).forget_all()
    print("Everything that patients asked is deleted.")
    return 0


def _delete(args: argparse.Namespace) -> int:
    asked = _asked(args)
    asked.forget([_chosen(asked, args.number).id])
    print("It is deleted.")
    return 0


def _add(args: argparse.Namespace) -> int:
    """Add the commonest wording to an intent, or to what must be refused, unless a warning sign would be missed."""
    from kiosk.staff import Editor, Weighing

    asked = _asked(args)
    chosen = _chosen(asked, args.number)
    editor = Editor(args.intents or places.intents_dir(), places.history_dir())
    draft = _draft(editor, chosen.question, args.intent if args.action == "add" else "")
    before = parts.understander(args)
    print("Looking at what this changes for other questions; this takes a while ...", file=sys.stderr, flush=True)
    effect = Weighing(editor, draft, before, places.cache_dir(), places.test_questions_dir()).wait()
    editor.save(draft, effect, f"asked in vain {chosen.count} times")
    asked.forget([chosen.id])
    print(f"Added: {chosen.question}")
    for change in effect.changed:
        if change.question != chosen.question:
            now = ", ".join(change.after) or "refused"
            print(f"  changed too: {change.question}: {', '.join(change.before) or 'refused'} -> {now}")
    return 0


def _draft(editor: Editor, question: str, intent: str) -> Draft:
    from kiosk.staff import ListForm

    if intent:
        form = editor.intent(intent)
        return editor.change_intent(replace(form, questions=(*form.questions, question)))
    there = {each.name: each for each in editor.refused()}
    refused = there.get(OUT_OF_SCOPE, ListForm(OUT_OF_SCOPE, "What patients ask and must be refused", ()))
    return editor.change_refused(replace(refused, lines=(*refused.lines, question)))


def _chosen(asked: Asked, number: int) -> InVain:
    for each in asked.in_vain():
        if each.id == number:
            return each
    raise KioskError(f"There is no question {number} in the list.", "See the numbers with: kiosk unanswered")


def _asked(args: argparse.Namespace) -> Asked:
    return parts.asked(parts.settings(args))

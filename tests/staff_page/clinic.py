"""A clinic small enough to learn in a moment, with a kiosk and a staff page of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from kiosk.converse.session import Session
from kiosk.learning.reload import Reloader
from kiosk.screen import Look, Screen
from kiosk.staff import Editor
from kiosk.staff.asked import Asked
from kiosk.staff_page import Desk, Entrance, staff_page
from kiosk.staff_page.visits import Visits

PIN = "480531"
GROUPS = ("normal_sensations", "seeking_help", "kiosk")
QUESTIONS = 12
"""Of each intent: enough to be understood by, few enough to learn in a second."""
KEPT = {"numb", "numbness", "tingling", "pain", "fever", "day", "sore"}


def small(shipped: Path, folder: Path) -> Path:
    """Make a folder of intents from the first questions of some of the shipped ones."""
    folder.mkdir()
    for name in ("clinic.yaml", "replies.yaml", "screen.yaml"):
        shutil.copy(shipped / name, folder)
    titles = _read(shipped / "groups.yaml")
    _write(folder / "groups.yaml", {group: titles[group] for group in GROUPS})
    there = {path.stem for group in GROUPS for path in (shipped / group).glob("*.yaml")}
    for group in GROUPS:
        for path in sorted((shipped / group).glob("*.yaml")):
            intent = _read(path)
            intent["answer"] = Folded(intent["answer"])
            intent["questions"] = intent["questions"][:QUESTIONS]
            intent["related"] = [name for name in intent.get("related", []) if name in there] or None
            _write(folder / group / path.name, {key: value for key, value in intent.items() if value})
    for name in ("mixed", "patients_ask"):
        refused = _read(shipped / "out_of_scope" / f"{name}.yaml")
        refused["questions"] = refused["questions"][:40]
        _write(folder / "out_of_scope" / f"{name}.yaml", refused)
    concepts = _read(shipped / "vocabulary.yaml")
    _write(folder / "vocabulary.yaml", {name: concepts[name][:8] for name in list(concepts)[:12]})
    compound = [each for each in _read(shipped / "compound.yaml") if set(each["intents"]) <= there]
    _write(folder / "compound.yaml", compound[:5])
    return folder


class Folded(str):
    """A text that is written over several lines, as the shipped answers are."""

    __slots__ = ()


class Manners(yaml.SafeDumper):
    """Writes as the shipped files are written."""

    def increase_indent(self, flow=False, indentless=False):  # noqa: ARG002, FBT002 - the library's own signature
        return super().increase_indent(flow, indentless=False)


Manners.add_representer(Folded, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style=">"))


@dataclass
class Clinic:
    """A kiosk with its staff page, in a test's hands."""

    folder: Path
    desk: Desk
    entrance: Entrance
    session: Session
    screen: Screen

    @property
    def address(self) -> str:
        return f"{self.screen.address}staff/"

    def live(self, name: str):
        """The intent as patients get it now."""
        return self.desk.live.understander.phrasebook.intents[name]

    def file(self, name: str) -> Path:
        return self.folder / name


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def clinic(folder: Path, aside: Path, understander, *, clock=None, **parts) -> Iterator[Clinic]:
    """A kiosk that is switched on, whose intents are in `folder`, and everything else in `aside`."""
    visits = Visits(clock) if clock else Visits()
    made = Entrance.in_folder(aside / "staff")
    entrance = Entrance(made.pin, made.lock, visits)
    with ExitStack() as stack:
        session = stack.enter_context(Session(understander, parts.get("ears"), parts.get("mouth"), idle=300.0))
        asked = parts.get("asked") or Asked(aside / "asked.sqlite")
        stack.callback(asked.close)
        asked.adopt(understander.phrasebook)
        session.adopted(asked.adopt)
        session.show(asked.show)
        reloader = Reloader(folder, aside / "cache", understander, session.adopt)
        editor = Editor(folder, aside / "history")
        desk = Desk(editor, reloader, asked, aside / "cache", voice=parts.get("voice"), ears=session)
        screen = Screen(session, understander.phrasebook, Look(), staff_page(desk, entrance, "/"))
        session.adopted(screen.adopt)
        stack.enter_context(screen)
        stack.enter_context(reloader)
        yield Clinic(folder, desk, entrance, session, screen)


def _read(path: Path):
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - the loader makes nothing but texts


def _write(path: Path, content) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.dump(content, Dumper=Manners, sort_keys=False, allow_unicode=True, width=98), encoding="utf-8")

"""A small folder of intents, and what understands with it: learned in a blink."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.intents import content
from kiosk.learning import learn
from kiosk.understand import Understander
from tests.intents.test_content import GOOD

HOT = """\
id: hot
title: Too hot
# Staff see this remark.
answer: Please tell {desk} now.
urgent: yes
source: Aftercare
questions:
  - my skin is burnt
  # seen in March
  - there is a blister on me
"""
SOURCES = "everywhere: [24 hours]\nAftercare: [two days]\n"


def make(root: Path) -> Path:
    """Write the folder and return it."""
    for name, text in {**GOOD, "aftercare/hot.yaml": HOT, "sources.yaml": SOURCES}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def understander(root: Path) -> Understander:
    """Return what understands with the folder."""
    phrasebook = content.load(root)
    return Understander(phrasebook, learn.learn(phrasebook))


def change(path: Path, edit: Callable[[str], str]) -> None:
    """Edit a file as editors do."""
    put(path, edit(path.read_text(encoding="utf-8")))


def put(path: Path, text: str) -> None:
    """Put the text in the file's place at once: a kiosk that looks every 10 ms never sees it half written."""
    new = path.with_name(f".{path.name}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)

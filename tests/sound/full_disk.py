"""Runs the whole kiosk on a small disk of its own that gets full, and one that cannot be written to; reports as JSON.

    unshare --mount python -m tests.sound.full_disk FOLDER

Everything the kiosk writes to lies on that disk: cache, record, log, intents, home and temporary files.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kiosk import places
from kiosk.staff.asked import Asked
from tests.sound.alone import PATIENCE, Page, port
from tests.staff_page.clinic import PIN, small
from tests.staff_page.test_door import Browser

SIZE = "400m"
QUESTION, OTHER = "is tingling normal", "my fingers are numb since yesterday"
OWN = {"KIOSK_CACHE": "cache", "KIOSK_DATA": "data", "KIOSK_LOG": "log", "KIOSK_INTENTS": "intents", "HOME": "home"}
EDIT = "/staff/answers/tingling"


class Disk:
    """A small disk, and a kiosk that has no other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs")
        for name in ("cache", "data", "log", "home", "tmp"):
            (folder / name).mkdir()
        small(places.intents_dir(), folder / "intents")
        self.environment = {**os.environ, **{name: str(folder / own) for name, own in OWN.items()}}
        self.environment["TMPDIR"] = str(folder / "tmp")

    def _mount(self, *options: str) -> None:
        subprocess.run(["mount", *options, str(self.folder)], check=True)

    def fill(self) -> None:
        with suppress(OSError), (self.folder / "filler").open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()

    def free(self) -> None:
        (self.folder / "filler").unlink()

    def protect(self, *, on: bool) -> None:
        self._mount("-o", f"remount,{'ro' if on else 'rw'}")

    def command(self, *words: str, given: str = "") -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", *words],
            env=self.environment, input=given, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return {"status": done.returncode, "out": done.stdout, "err": done.stderr}

    @contextmanager
    def kiosk(self, told: Path) -> Iterator[tuple[Page, int]]:
        """The kiosk, from its start until it is told to end; yields its page and that page's port."""
        command = [sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", "0"]
        with told.open("w") as errors:
            kiosk = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors, env=self.environment)
        try:
            at = port(told, kiosk)
            page = Page(at)
            page.wait(lambda view: view["can_hear"])
            yield page, at
            kiosk.send_signal(signal.SIGTERM)
            assert kiosk.wait(PATIENCE) == 0
        finally:
            kiosk.kill()


def asked(page: Page, text: str) -> dict[str, Any]:
    """Ask as a patient; return what was shown when the answer stood there, and whether it was spoken too."""
    page.wish(wish="type", text=text)
    view = page.wait(lambda view: bool(view["sentences"]))
    spoken = page.wait(lambda view: view["sentence"] >= 0 or not view["speaking"])
    page.wish(wish="finish")
    page.wait(lambda view: view["blank"])
    return {"sentences": view["sentences"], "spoken": spoken["sentence"] >= 0}


def saved(at: int, text: str) -> str:
    """Change an answer as staff do; return what they are told in the end."""
    browser = Browser("127.0.0.1", at)
    browser.enter(PIN)
    form = [field for field in fields(browser.send(path=EDIT).text) if field[0] != "answer"]
    form += [("answer", text), ("reason", "because")]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = browser.send("POST", EDIT, urlencode([*form, ("do", "save")]))
        if answer.status == 303:
            return "saved"
        told = " ".join(re.sub("<[^>]*>", " ", answer.text).split())
        if "Nothing is saved yet" not in told:  # the effect is known, or never will be
            return told
        time.sleep(0.5)
    raise TimeoutError(told)


def fields(page: str) -> list[tuple[str, str]]:
    """Return what a browser would send of a form: its texts, and what is ticked."""
    found = []
    for tag in re.findall(r"<input[^>]*>", page):
        has = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if "name" in has and (has.get("type") not in ("checkbox", "radio") or " checked" in tag):
            found.append((has["name"], html.unescape(has.get("value", ""))))
    texts = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page)
    chosen = re.findall(r'<select[^>]*name="([^"]+)".*?<option value="([^"]*)" selected', page, re.DOTALL)
    return found + [(name, html.unescape(text)) for name, text in texts + chosen]


def state(disk: Disk, page: Page, at: int, text: str) -> dict[str, Any]:
    """Return how patients and staff find the kiosk now."""
    found = json.loads(disk.command("doctor", "--json", "--no-sound")["out"])["found"]
    return {
        "answers": [asked(page, QUESTION), asked(page, OTHER)],
        "saved": saved(at, text),
        "intent": (disk.folder / "intents/normal_sensations/tingling.yaml").read_text(),
        "doctor": next(each for each in found if each["part"] == "disk"),
        "log": (disk.folder / "log/kiosk.log").read_text() if (disk.folder / "log/kiosk.log").exists() else "",
        "counted": sum(day.questions for day in Asked(disk.folder / "data/asked.sqlite").use(2)),  # it may be midnight
        "pin": disk.command("staff", "set-pin", given="902144\n")["err"],
    }


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "disk").mkdir()
    disk = Disk(folder / "disk")
    report: dict[str, Any] = {"pin": disk.command("staff", "set-pin", given=f"{PIN}\n")}
    with disk.kiosk(folder / "first") as (page, at):
        report["before"] = [asked(page, QUESTION)]
        disk.fill()
        report["full"] = state(disk, page, at, "First new answer.")
        disk.free()
        report["free"] = state(disk, page, at, "Second new answer.")
    disk.command("staff", "set-pin", given=f"{PIN}\n")
    shutil.rmtree(disk.folder / "cache")
    shutil.rmtree(disk.folder / "log")
    disk.protect(on=True)
    with disk.kiosk(folder / "second") as (page, at):
        report["protected"] = state(disk, page, at, "Third new answer.")
        disk.protect(on=False)
        report["writable"] = state(disk, page, at, "Fourth new answer.")
    report["told"] = {name: (folder / name).read_text() for name in ("first", "second")}
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()

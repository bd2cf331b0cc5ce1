"""Takes the pictures of docs/staff-guide.md, by what staff do: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random

from playwright.sync_api import Browser, sync_playwright

from kiosk import places
from kiosk.intents import content
from kiosk.learning import learn
from kiosk.staff.asked import Asked, Day, InVain
from kiosk.understand import Understander
from tests.screen.kiosk import Lips, Notes
from tests.staff_page.clinic import PIN, Clinic, clinic, small
from tests.staff_page.desk import Staff
from tests.waiting import until

FOLDER = Path(__file__).parents[2] / "docs" / "screens" / "staff"
SIZE = {"width": 1280, "height": 900}
TODAY = date(2026, 11, 22)
SHORTER = (
    "A quick tingle can come when the needle touches a nerve. It usually passes within seconds to minutes. "
    "If it lasts beyond 24 hours, please tell {desk}."
)


class Month(Asked):
    """A month of questions, the same on every picture."""

    keeping = True

    def in_vain(self) -> tuple[InVain, ...]:
        """Return what might have been asked in a clinic."""
        swim = ("can i go swimming after the needling", "is swimming okay after it", "may i swim tonight")
        return (
            InVain(3, swim[0], swim, 5, "unknown", "2026-11-12", "2026-11-21"),
            InVain(9, "my arm feels funny", ("my arm feels funny",), 2, "clarify", "2026-11-18", "2026-11-20"),
        )

    def use(self, days: int = 30) -> tuple[Day, ...]:
        """Return counts that a clinic might have, which is closed on Sundays."""
        dice = Random(7)  # noqa: S311 - a picture
        return tuple(self._day(TODAY - timedelta(days - 1 - number), dice) for number in range(days))

    def _day(self, day: date, dice: Random) -> Day:
        questions = 0 if day.isoweekday() == 7 else dice.randrange(14, 42)
        back, none = questions // 11, questions // 7
        answered = questions - back - none
        urgent = answered // 9
        intents = {"soreness": answered // 3, "tingling": answered // 4, "persistent_numbness": urgent}
        intents["muscle_twitch"] = answered - sum(intents.values())
        return Day(day.isoformat(), questions, answered, back, none, urgent, intents)


@contextmanager
def _small_clinic() -> Iterator[Clinic]:
    with tempfile.TemporaryDirectory() as name:
        there = Path(name)
        folder = small(places.intents_dir(), there / "intents")
        phrasebook = content.load(folder)
        understander = Understander(phrasebook, learn.learned_for(phrasebook, there / "cache"))
        parts = {"asked": Month(there / "asked.sqlite"), "voice": object(), "ears": Notes(), "mouth": Lips()}
        with clinic(folder, there, understander, **parts) as made:
            made.entrance.pin.set(PIN)
            yield made


def take(browser: Browser) -> None:
    """Take every picture of the guide."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _small_clinic() as there:
        context = browser.new_context(viewport=SIZE)
        staff = Staff(there, context)

        def picture(name: str, height: int = SIZE["height"]) -> None:
            staff.page.set_viewport_size({**SIZE, "height": height})
            staff.page.wait_for_timeout(300)
            staff.page.screenshot(path=FOLDER / f"{name}.png")
            staff.page.set_viewport_size(SIZE)

        staff.page.goto(there.screen.address)
        staff.see("#staff").focus()
        picture("mark", 800)
        staff.go()
        picture("pin", 560)
        staff.enter()
        picture("answers")
        _change(staff, picture)
        _mend(staff, picture)
        for page, height in (("asked", 1000), ("use", 1180)):
            staff.go(page)
            picture(page, height)
        context.close()


def _change(staff: Staff, picture) -> None:
    """Change an answer, try it, see the effect, save, and look at the history."""
    staff.go("answers/tingling")
    staff.page.fill("#answer", SHORTER)
    staff.page.fill("#question", "my fingers tingle since this morning")
    staff.press("Ask")
    staff.see("#trial strong")
    staff.page.locator("#trial .hint").wait_for(state="detached", timeout=60_000)
    staff.page.evaluate("scrollTo(0, 0)")
    picture("answer", 1120)
    staff.weigh()
    staff.page.fill("#reason", "Said it more simply")
    picture("effect", 1000)
    staff.save()
    staff.go("history").page.click("td a")
    picture("history", 560)


def _mend(staff: Staff, picture) -> None:
    """Meet a warning sign that would be lost, a broken file, and somebody else's change."""
    staff.go("answers/infection_signs")
    staff.page.uncheck("[name=urgent]")
    staff.weigh()
    picture("lost", 760)
    path = staff.there.file("normal_sensations/soreness.yaml")
    before = path.read_text(encoding="utf-8")
    staff.go("answers/soreness")
    staff.page.fill("#title", "Sore muscles")
    path.write_text(before.replace("title: Soreness", "title: Feeling sore"), encoding="utf-8")
    staff.press("See the effect")
    staff.see("h1", "Somebody else")
    picture("conflict", 700)
    path.write_text(before.replace("title: Soreness", "title: Soreness # as before"), encoding="utf-8")
    until(lambda: staff.there.desk.live.faults)
    staff.page.goto(staff.there.address)
    staff.see("#faults")
    picture("fault", 640)
    path.write_text(before, encoding="utf-8")
    until(lambda: not staff.there.desk.live.faults)


def main() -> None:
    """Take the pictures of the staff page alone."""
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu", *root])
        take(browser)
        browser.close()


if __name__ == "__main__":
    main()

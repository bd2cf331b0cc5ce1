"""Every page of the staff page, in every state that staff can bring it to, is for everyone."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.screen.kiosk import Notes
from tests.staff_page.conftest import switched_on
from tests.staff_page.desk import Staff
from tests.staff_page.test_answers import NEW, TINGLING, asked
from tests.waiting import until


def for_everyone(staff) -> None:
    """Fail where somebody could not use the page as it is now, at a desk or on a telephone."""
    assert staff.axe() == []
    staff.page.set_viewport_size({"width": 390, "height": 800})
    assert staff.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert staff.too_small() == []
    staff.page.set_viewport_size({"width": 1280, "height": 800})


def tried(staff):
    staff.go("answers/tingling")
    staff.page.fill("#question", "my fingers are tingling")
    staff.press("Ask")
    staff.see("#trial strong")
    staff.page.click("#trial summary")


def said(staff):
    staff.go("try").press("Say it")
    staff.see("#trial", "listening")


def too_long(staff):
    staff.go("answers/tingling")
    staff.page.fill("#answer", "word " * 61)
    staff.page.check("[name=urgent]")
    staff.page.click("text=Offered next, and source")
    staff.page.click("summary >> text=Rename it")


def a_form_with_a_fault(staff):
    staff.go("answers/tingling")
    staff.page.fill("#answer", "Ask at {dsk}.")
    staff.press("See the effect")
    staff.see("#found")


def facts_with_a_fault(staff):
    staff.go("clinic")
    staff.page.fill("#fact-colour", "#ffff00")
    staff.press("See the effect")
    staff.see("#found")


def found(staff):
    staff.go("?q=tingling")


def nothing_found(staff):
    staff.go("words?q=nosuchwordatall")


def progress(staff):
    staff.go("answers/tingling")
    staff.page.fill("#questions", f"{staff.page.input_value('#questions')}\nthere is a newt in my knee")
    # Its own script would go on by itself.
    staff.page.route("**/effect.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    staff.press("See the effect")
    staff.see("progress")
    staff.page.unroute("**/effect.js")


def effect(staff):
    staff.go("answers/numbness")
    staff.page.fill("#questions", "my fingers are numb\nthe leg has gone to sleep")
    staff.weigh()
    staff.see("#effect-title ~ .scroll tr")
    for_everyone(staff)
    staff.page.evaluate("document.querySelector('#reason').required = false")
    staff.page.click("button[value=save]")
    staff.see(".warn", "Please write why")


def lost(staff):
    staff.go("answers/infection_signs")
    staff.page.uncheck("[name=urgent]")
    staff.weigh()
    staff.see("#lost-title")


def history(staff):
    staff.go("answers/soreness")
    staff.page.fill("#answer", NEW)
    staff.weigh().save()
    for_everyone(staff)
    staff.go("history")
    for_everyone(staff)
    staff.page.click("td a")
    staff.see(".diff")


def conflict(staff):
    staff.go("answers/tingling")
    staff.page.fill("#answer", NEW)
    path = staff.there.file(TINGLING)
    before = path.read_text()
    path.write_text(before.replace("title: Tingling", "title: Tingles  # by hand"))
    staff.press("See the effect")
    staff.see("main", "Somebody else changed this meanwhile")
    for_everyone(staff)
    path.write_text(before)


def trouble(staff):
    staff.go("answers/nosuchanswer")
    staff.see(".warn h1")


def a_broken_file(staff):
    path = staff.there.file(TINGLING)
    before = path.read_text()
    path.write_text(before.replace("title: Tingling", "title: Tingling # and more"))
    until(lambda: staff.there.desk.live.faults)
    staff.go()
    staff.see("#faults")
    for_everyone(staff)
    path.write_text(before)
    until(lambda: not staff.there.desk.live.faults)


def in_vain(staff):
    staff.go("asked").keep_asked()
    for question in ("do you sell balloons", "which planet is the largest"):
        asked(staff.there, question)
    staff.go("asked")
    staff.see("h2[id^=group]")
    staff.page.click("summary >> text=Delete everything")
    staff.page.click("button[value=forget-all]")
    staff.see(".warn", "Tick the box")


def use(staff):
    asked(staff.there, "my fingers are tingling")
    staff.go("use")
    staff.page.click("summary >> text=The numbers")


def ended(staff):
    staff.go("answers/tingling")
    staff.page.evaluate("document.querySelector('#ended').showModal()")


STATES = (
    tried, said, too_long, a_form_with_a_fault, facts_with_a_fault, found, nothing_found, progress, effect, lost,
    history, conflict, trouble, a_broken_file, in_vain, use, ended,
)  # fmt: skip


@pytest.fixture(scope="module")
def staff(small_clinic, browser, tmp_path_factory):
    """One member of staff who goes from state to state, and one kiosk."""
    with ExitStack() as stack:
        there = switched_on(small_clinic, tmp_path_factory.mktemp("states"), stack, ears=Notes())
        context = stack.enter_context(browser.new_context())
        yield Staff(there, context).go().enter()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_of_a_page_is_for_everyone(staff, state):
    state(staff)
    for_everyone(staff)
    assert staff.faults == []

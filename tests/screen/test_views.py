"""Every view: reached by what a patient does, usable by everyone, whole on each of the three screens."""

from __future__ import annotations

import pytest

from tests.screen.conftest import FEVER, SORE, TINGLING, WEATHER

SIZES = {"landscape": (1280, 800), "portrait": (1080, 1920), "seven inches": (800, 480)}
LEAST_TARGET = 48
TREMOR = 700
"""Milliseconds after which a second touch is not taken for a tremor."""


def welcome(visit):
    return visit()


def topics(visit):
    page = visit().touch("[data-group=normal_sensations]")
    page.see("[data-choose=tingling]")
    return page


def listening(visit):
    return visit().ask(TINGLING)


def thinking(visit):
    page = visit().ask()
    page.kiosk.ears.slow = True
    page.page.wait_for_timeout(TREMOR)
    return page.touch("#talk").wait_for("thinking")


def answer(visit):
    return visit().ask(TINGLING).fall_silent().wait_for("answer")


def clarify(visit):
    return visit().type(SORE).wait_for("clarify")


def unknown(visit):
    return visit().type(WEATHER).wait_for("unknown")


def urgent(visit):
    return visit().ask(FEVER).fall_silent().wait_for("urgent")


def trouble(visit):
    page = visit(deaf=True, mute=True)
    page.see(".trouble")
    return page


def not_heard(visit):
    page = visit().ask().fall_silent()
    page.see("#notice")
    return page


def typing(visit):
    page = visit().touch("#type")
    page.page.fill("#typed", WEATHER)
    return page


def leaving(visit):
    page = visit(idle=60, warned=59.8).touch("[data-group=normal_sensations]").touch("[data-choose=tingling]")
    page.kiosk.mouth.go_on(9)
    page.see("#leaving")
    return page


def waiting(visit):
    return visit(**HANDS_FREE())


def offline(visit):
    page = visit()
    page.kiosk.close_page()
    return page.wait_for("offline")


def HANDS_FREE():  # noqa: N802 - made anew for each kiosk
    from kiosk.screen import Look  # noqa: PLC0415
    from tests.screen.kiosk import Call  # noqa: PLC0415

    return {"waker": Call(), "look": Look(wake_phrase="hello clinic")}


VIEWS = {
    welcome: (".talk", "#type", "#help-now", ".groups .tile"),
    waiting: (".talk", ".waiting"),
    topics: (".topics .tile", ".back"),
    listening: ("#talk", "[data-wish=stop]", "#words"),
    thinking: ("#talk",),
    answer: (".answer .talk", ".answer [data-wish=stop]", ".related .tile", "#finish", "#help-now"),
    clarify: (".clarify .talk", ".choices .tile", "#finish"),
    unknown: (".unknown .talk", ".groups .tile", "#finish"),
    urgent: (".urgent [data-wish=finish]", ".urgent [data-wish=stop]", ".urgent h1"),
    trouble: ("#type", ".trouble .talk", ".groups .tile"),
    not_heard: (".talk", "#notice"),
    typing: ("#typed", "dialog [type=submit]", "#typing-cancel"),
    leaving: ("#leaving button", ".answer .talk"),
    offline: ("#offline-title",),
}
"""How each view is reached, and what must be in reach there."""


@pytest.mark.parametrize("reach", VIEWS, ids=lambda reach: reach.__name__)
def test_every_view_is_reached_and_is_for_everyone(visit, reach):
    page = reach(visit)
    page.see("main:not(.settling)")
    for contrast in (False, True):
        if contrast:
            page.page.evaluate("document.documentElement.dataset.contrast = 'high'")
        assert page.axe() == []
    page.page.evaluate("delete document.documentElement.dataset.contrast")
    for text_size in ("1", "3"):
        page.page.evaluate("size => document.documentElement.dataset.size = size", text_size)
        for name, (width, height) in SIZES.items():
            page.page.set_viewport_size({"width": width, "height": height})
            lost = _out_of_reach(page, VIEWS[reach] if text_size == "1" else VIEWS[reach][:1])
            assert lost == [], f"{name}, text size {text_size}"
            if text_size == "1":
                assert _too_small(page) == [], name
    assert [fault for fault in page.faults if "ERR_CONNECTION" not in fault and "ERR_INCOMPLETE" not in fault] == []


def _out_of_reach(page, selectors) -> list[str]:
    """Which of the main things are not wholly on the screen without scrolling, or lie under something else."""
    return page.page.evaluate(
        """selectors => {
          const lost = [];
          const root = document.documentElement;
          if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) lost.push("the page scrolls");
          for (const selector of selectors) {
            const found = [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
            if (!found.length) lost.push(`${selector} is not there`);
            for (const each of found) {
              const box = each.getBoundingClientRect();
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              const whole = box.x >= 0 && box.y >= 0 && box.right <= innerWidth + 0.5 && box.bottom <= innerHeight + 0.5;
              if (!whole || !(each.contains(top) || top?.contains(each)))
                lost.push(`${selector}: ${each.textContent.trim()} ${JSON.stringify(box)}`);
            }
          }
          return lost;
        }""",
        list(selectors),
    )


def _too_small(page) -> list[str]:
    """Which buttons and fields are smaller than a shaking finger needs."""
    return page.page.evaluate(
        """least => [...document.querySelectorAll("button, input")]
          .filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
          .filter((each) => each.offsetWidth < least || each.offsetHeight < least)
          .map((each) => `${each.textContent.trim()}: ${each.offsetWidth} x ${each.offsetHeight}`)""",
        LEAST_TARGET,
    )

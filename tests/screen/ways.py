"""The ways to every view, by what a patient does; the tests take them, and the camera of `make screenshots`."""

from __future__ import annotations

from kiosk.screen import Look
from tests.screen.kiosk import Call
from tests.screen.script import FEVER, SORE, TINGLING, WEATHER

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
    page = visit().ask(TINGLING)
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
    page = visit(idle=60, warned=59.5).touch("[data-group=normal_sensations]").touch("[data-choose=tingling]")
    page.kiosk.mouth.go_on(9)
    page.see("#leaving")
    return page


def waiting(visit):
    return visit(waker=Call(), look=Look(wake_phrase="hello clinic"))


def waiting_again(visit):
    page = visit(waker=Call(), look=Look(wake_phrase="hello clinic")).type(WEATHER).wait_for("unknown")
    page.kiosk.mouth.go_on(9)
    page.see("#waiting")
    return page


def offline(visit):
    page = visit()
    page.kiosk.close_page()
    return page.wait_for("offline")


VIEWS = {
    welcome: (".talk", "#type", "#help-now", ".groups .tile"),
    waiting: (".talk", "main .waiting"),
    waiting_again: (".unknown .talk", "#waiting", "#help-now"),
    topics: (".back", ".topics .tile"),
    listening: ("#talk", "[data-wish=stop]", "#words"),
    thinking: ("#talk",),
    answer: (".answer .talk", ".answer [data-wish=stop]", ".related .tile", "#finish", "#help-now"),
    clarify: (".clarify .talk", ".choices .tile", "#finish"),
    unknown: (".unknown .talk", ".groups .tile", "#finish"),
    urgent: (".urgent [data-wish=finish]", ".urgent [data-wish=stop]", ".urgent h1", ".urgent .sign", ".urgent .text"),
    trouble: ("#type", "#talk", ".trouble", ".groups .tile"),
    not_heard: (".talk", "#notice"),
    typing: ("#typed", "dialog [type=submit]", "#typing-cancel"),
    leaving: ("#leaving button", ".answer .talk"),
    offline: ("#offline-title",),
}
"""How each view is reached, and what must be in reach there."""

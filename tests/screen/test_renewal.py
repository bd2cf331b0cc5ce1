"""Changed content reaches the page that is open, but never while a patient is reading."""

from dataclasses import replace

from tests.screen.script import TINGLING, Script

WELCOME = "What would you like to know?"


def newer(phrasebook):
    """The phrasebook after a change of the welcome and of a title."""
    tingling = replace(phrasebook.intents["tingling"], title="Pins and needles")
    screen = {**phrasebook.screen, "welcome": WELCOME}
    return Script(replace(phrasebook, screen=screen, intents={**phrasebook.intents, "tingling": tingling}))


def test_an_open_page_shows_new_words_and_titles_by_itself(visit, phrasebook):
    page = visit()
    session, screen = page.kiosk.session, page.kiosk.screen
    session.adopted(screen.adopt)
    session.adopt(newer(phrasebook))
    page.page.get_by_text(WELCOME).first.wait_for(timeout=10_000)
    assert page.page.get_by_text("Pins and needles").count()
    assert not page.faults


def test_an_answer_that_stands_there_is_not_taken_away(visit, phrasebook):
    page = visit(mute=True).ask(TINGLING).fall_silent().wait_for("answer")
    session, screen = page.kiosk.session, page.kiosk.screen
    session.adopted(screen.adopt)
    before = page.page.evaluate("performance.timeOrigin")
    session.adopt(newer(phrasebook))
    page.type("is it safe")
    page.wait_for("unknown")
    assert page.page.evaluate("performance.timeOrigin") == before, "it has not been loaded anew"
    page.touch("#finish")
    page.page.get_by_text(WELCOME).first.wait_for(timeout=10_000)

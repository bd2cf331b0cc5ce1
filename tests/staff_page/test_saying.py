"""Staff say a question instead of typing it, and no patient is disturbed by it."""

from __future__ import annotations

from kiosk.converse.turn import Asking, Phase
from kiosk.hear.listen import Silence
from tests.screen.kiosk import Notes
from tests.waiting import until

QUESTION = "there is a mongoose dancing in my elbow"


def listening(visit, path="try"):
    """A member of staff who has pressed "Say it"."""
    staff = visit(path, ears=Notes())
    staff.press("Say it")
    ears = staff.there.session._ears  # noqa: SLF001 - what a test speaks to
    assert ears.listening.wait(10)
    staff.see("#trial", "listening")
    return staff, ears


def test_a_question_is_said_and_tried_with_the_change_that_is_not_saved(visit):
    staff, ears = listening(visit, "answers/tingling")
    ears.hear(QUESTION)
    ears.fall_silent()
    assert staff.see("#trial strong").inner_text() != "Tingling"
    assert staff.page.input_value("#question") == QUESTION
    staff.page.fill("#questions", f"{staff.page.input_value('#questions')}\n{QUESTION}")
    staff.press("Say it")
    assert ears.listening.wait(10)
    ears.hear(QUESTION)
    staff.press("I have finished")
    staff.see("#trial strong", "Tingling")
    assert QUESTION not in staff.there.file("normal_sensations/tingling.yaml").read_text()
    assert staff.there.session.state.blank
    assert staff.axe() == []


def test_a_patient_at_the_kiosk_is_not_disturbed(visit):
    staff = visit("try", ears=Notes())
    staff.there.session.post(Asking())
    until(lambda: staff.there.session.state.phase is Phase.LISTENING)
    staff.press("Say it")
    staff.see("#trial", "A patient is using the kiosk")
    assert staff.there.session.state.phase is Phase.LISTENING


def test_a_patient_who_comes_goes_first(visit):
    staff, ears = listening(visit)
    staff.there.session.post(Asking())
    staff.see("#trial", "A patient has come")
    until(ears.listening.is_set)
    assert staff.there.session.state.phase is Phase.LISTENING


def test_what_cannot_be_heard_is_told_and_typing_goes_on(visit):
    staff, ears = listening(visit)
    ears.outcome = Silence()
    staff.see("#trial", "No words were heard")
    ears.break_down()
    staff.press("Say it")
    staff.see("#trial", "cannot hear at the moment")
    staff.page.fill("#question", "my fingers are tingling")
    staff.press("Ask")
    staff.see("#trial strong", "Tingling")

"""What stands in the intent files is judged by its sense: every remark has its file and line."""

from dataclasses import replace

import pytest

from kiosk import places
from kiosk.intents import content, sense
from kiosk.terms import Fault
from kiosk.understand import Understander
from tests import folder as small
from tests.folder import change

KNOWN = frozenset("can i use ice is it my skin burnt there a blister on me yes heat or does mud do good".split())


@pytest.fixture
def folder(tmp_path):
    return small.make(tmp_path / "intents")


def of_form(folder):
    return sense.of_form(folder, content.survey(folder))


@pytest.mark.parametrize(
    "stated",
    [
        "48 hours",
        "two weeks",
        "a couple of days",
        "ten to twelve minutes",
        "hours to days",
        "overnight",
        "37.5",
        "a few days",
    ],
)
def test_finds_a_number_that_the_cited_section_does_not_have(folder, stated):
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("Put ice on it", f"Put ice on it for {stated}"))
    (fault,) = of_form(folder)
    assert (fault.file, fault.line, fault.warning) == ("aftercare/ice.yaml", 3, False)
    assert "is not in the section 'Aftercare' of the article" in fault.message


@pytest.mark.parametrize("stated", ["two days", "24 hours", "one of the knots", "call the desk at {phone}"])
def test_lets_the_sections_own_numbers_and_the_clinics_facts_pass(folder, stated):
    change(folder / "clinic.yaml", lambda text: f"{text}phone: 12 34 56\n")
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("Put ice on it", f"Put ice on it, {stated}"))
    assert of_form(folder) == []


def test_warns_of_a_section_that_the_article_does_not_have(folder):
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("source: Aftercare", "source: Afterwards"))
    (fault,) = of_form(folder)
    assert fault == Fault(
        "aftercare/ice.yaml", 5, "'Afterwards' is no section of sources.yaml. Cite one of its sections."
    )
    assert fault.warning


def test_warns_of_an_expression_whose_words_are_passed_over(folder):
    denied = "denied:\n  - breathing is okay\n  - no fever\n  - no please ... fever\n"
    change(folder / "vocabulary.yaml", lambda text: text + denied)
    told = [
        Fault("vocabulary.yaml", line, f"{written!r} is found wherever {heard!r} is said", warning=True)
        for line, written, heard in (
            (3, "breathing is okay", "breathing is"),
            (5, "no please ... fever", "no ... fever"),
        )
    ]
    assert [replace(fault, message=fault.message.split(",")[0]) for fault in of_form(folder)] == told


def test_warns_of_questions_of_two_intents_that_are_nearly_the_same(folder):
    change(folder / "aftercare/heat.yaml", lambda text: f"{text}  - can i use some ice on my sore left calf muscle\n")
    change(folder / "aftercare/ice.yaml", lambda text: f"{text}  - can i use some ice on my sore left calf muscles\n")
    (fault,) = of_form(folder)
    assert fault.warning
    assert fault.file == "aftercare/ice.yaml"
    assert "is nearly 'can i use some ice on my sore left calf muscle' of 'heat'" in fault.message


def test_warns_of_a_question_that_gets_anothers_answer(folder):
    learned = small.understander(folder).learned
    change(folder / "aftercare/ice.yaml", lambda text: f"{text}  - my skin is burnt badly\n")
    survey = content.survey(folder)
    found = sense.over_matches(survey, Understander(survey.phrasebook, learned))
    assert any("'my skin is burnt badly' gets the answer of 'hot'" in fault.message for fault in found), found
    assert all(fault.warning for fault in found)


def test_names_the_words_that_nobody_can_be_heard_saying_with_a_respelling(folder):
    change(folder / "aftercare/ice.yaml", lambda text: f"{text}  - baraf lagana heaat\n")
    survey = content.survey(folder)
    found = sense.unknown_words(survey.phrasebook, lambda words: set(words) - KNOWN)
    assert {each.word: each.respelling for each in found if each.word in ("baraf", "heaat")} == {
        "baraf": "",
        "heaat": "heat",
    }
    (fault,) = sense.unsayable(survey, survey.phrasebook, [each for each in found if each.word != "twelve"])
    assert (fault.file, fault.line) == ("aftercare/ice.yaml", 10)
    assert "'baraf', 'lagana', 'heaat' (perhaps 'heat')" in fault.message


def test_warns_of_an_intent_without_test_questions(folder):
    survey = content.survey(folder)
    found = sense.untested(folder, survey.phrasebook, ["heat", "hot"])
    assert [fault.file for fault in found] == ["aftercare/ice.yaml"]


def test_the_kiosks_own_intents_make_sense():
    folder = places.intents_dir()
    assert of_form(folder) == []

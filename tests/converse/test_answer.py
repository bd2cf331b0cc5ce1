"""What the patient is told for what was understood."""

import pytest

from kiosk.converse.answer import answer, told
from kiosk.terms import Candidate, Group, Intent, Match, Phrasebook, Unclear, Unknown


def intent(name, **more):
    return Intent(name, more.pop("title", name.title()), "all", more.pop("answer", f"About {name}."), (), **more)


PHRASEBOOK = Phrasebook(
    clinic={},
    groups=(Group("all", "All"),),
    intents={
        each.id: each
        for each in (
            intent("tingling", title="Tingling or electric feeling", reassuring=True, related=("numbness", "ice")),
            intent("numbness", reassuring=True, related=("tingling", "ice")),
            intent("ice", answer="Ice helps. Ask your physio."),
            intent("heat", answer="Heat helps. Ask your physio.", related=("ice",)),
            intent("fever", urgent=True, related=("booking",)),
            intent("warmth", reassuring=True, related=("fever",)),
            intent("booking", title="An appointment"),
        )
    },
    replies={
        "unknown": "I can't answer that.",
        "clarify": "Did you mean {choices}?",
        "about_the_rest": "For the rest, ask them too.",
    },
    examples=(),
)


def matched(*names, score=80.0, others=()):
    return answer(Match(tuple(Candidate(name, score) for name in names), others), PHRASEBOOK)


def test_one_intent_is_told_as_it_is():
    said = matched("booking")
    assert (said.text, said.outcome, said.intents, said.urgent) == ("About booking.", "answer", ("booking",), False)
    assert said.score == 80.0


def test_two_intents_are_told_one_after_the_other():
    assert matched("booking", "tingling").text == "About booking. About tingling."


def test_a_sentence_that_both_share_is_told_once():
    assert matched("ice", "heat").text == "Ice helps. Ask your physio. Heat helps."


def test_a_warning_sign_makes_it_urgent_and_comes_first():
    said = matched("fever", "booking")
    assert said.urgent
    assert said.text == "About fever. About booking."


def test_a_calming_answer_is_never_told_beside_a_warning_sign():
    said = matched("fever", "tingling")
    assert said.urgent
    assert said.intents == ("fever",)
    assert said.text == "About fever. For the rest, ask them too."


def test_the_calm_version_of_a_warning_sign_is_no_question_of_its_own():
    assert matched("fever", "warmth").text == "About fever."
    assert matched("fever", "warmth", "tingling").text == "About fever. For the rest, ask them too."


def test_two_calming_answers_are_told():
    assert matched("tingling", "numbness").intents == ("tingling", "numbness")


def test_related_intents_are_offered_once_and_not_those_told():
    assert matched("tingling", "numbness").related == ("ice",)
    assert matched("fever", "tingling").related == ("booking",)


def test_the_next_best_are_kept():
    others = (Candidate("ice", 40.0),)
    assert matched("booking", others=others).alternatives == others
    assert answer(Unknown(others), PHRASEBOOK).alternatives == others


def test_what_is_not_understood_is_said_to_be_so():
    said = answer(Unknown(), PHRASEBOOK)
    assert (said.text, said.outcome, said.intents) == ("I can't answer that.", "unknown", ())


@pytest.mark.parametrize(
    ("names", "question"),
    [
        (("tingling", "numbness"), "Did you mean tingling or electric feeling, or numbness?"),
        (("ice", "heat", "booking"), "Did you mean ice, heat, or an appointment?"),
    ],
)
def test_asking_back_names_the_choices(names, question):
    said = answer(Unclear(tuple(Candidate(name, 50.0) for name in names)), PHRASEBOOK)
    assert (said.text, said.outcome, said.intents, said.urgent) == (question, "clarify", names, False)


def test_a_touched_button_gets_its_answer():
    said = told(PHRASEBOOK.intents["fever"])
    assert (said.text, said.outcome, said.urgent, said.score, said.related) == (
        "About fever.", "answer", True, 100.0, ("booking",),
    )  # fmt: skip


def test_no_calming_sentence_stands_in_an_urgent_answer(phrasebook):
    """Of the shipped intents, no two of which one is urgent and one calms are told together."""
    calming = [each for each in phrasebook.intents.values() if each.reassuring]
    for urgent in (each for each in phrasebook.intents.values() if each.urgent):
        for calm in calming:
            said = answer(Match((Candidate(urgent.id, 90.0), Candidate(calm.id, 80.0))), phrasebook)
            assert said.intents == (urgent.id,)
            assert urgent.answer in said.text
            assert calm.answer not in said.text

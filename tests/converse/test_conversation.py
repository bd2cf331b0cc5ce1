"""What a reply owes to what was said before."""

from dataclasses import dataclass, field

import pytest

from kiosk.converse.conversation import Memory, reply
from kiosk.terms import (
    Candidate,
    Group,
    Intent,
    Match,
    Phrasebook,
    Reading,
    Transcript,
    Unclear,
    Understanding,
    Unknown,
)


def intent(name, title, group="topics", **more):
    return Intent(name, title, group, f"About {name}.", (), **more)


PHRASEBOOK = Phrasebook(
    clinic={},
    groups=(Group("topics", "Topics"), Group("kiosk", "The kiosk")),
    intents={
        each.id: each
        for each in (
            intent("tingling", "Tingling", reassuring=True),
            intent("numbness", "Numbness", reassuring=True),
            intent("ice", "Ice and warmth"),
            intent("fever", "Fever", urgent=True),
            intent("repeat", "Say it again", "kiosk"),
            intent("help", "What you can ask", "kiosk"),
            intent("goodbye", "Goodbye", "kiosk"),
        )
    },
    replies={"unknown": "I can't answer that.", "clarify": "Did you mean {choices}?", "about_the_rest": "Ask them."},
    examples=(),
)


def match(*names):
    return Match(tuple(Candidate(name, 80.0) for name in names))


@dataclass
class Script:
    """Understands what is written in it, and nothing else."""

    lines: dict[str, Understanding]
    phrasebook: Phrasebook = PHRASEBOOK
    asked: list[Transcript] = field(default_factory=list)

    def understand(self, transcript):
        self.asked.append(transcript)
        return self.lines.get(transcript.text, Unknown())


LINES = {
    "it tingles": match("tingling"),
    "i have fever": match("fever"),
    "ice please": match("ice"),
    "tell me that once more": match("repeat"),
    "what can i ask": match("help"),
    "bye": match("goodbye"),
    "it feels funny": Unclear((Candidate("tingling", 50.0), Candidate("numbness", 48.0))),
    "all of it": Unclear((Candidate("tingling", 50.0), Candidate("numbness", 48.0), Candidate("ice", 47.0))),
    "Tingling how long does it last": match("tingling"),
    "and ice": match("ice"),
    "it is swelling and hot": match("fever"),
}


def talk(*said, script=None):
    """Return the answers to one patient's utterances."""
    memory, answers, script = Memory(), [], script or Script(LINES)
    for text in said:
        answer, memory = reply(Transcript(text), memory, script)
        answers.append(answer)
    return answers


# --- again, and goodbye ---
def test_repeat_says_the_last_answer_again():
    first, again = talk("it tingles", "tell me that once more")
    assert again == first


def test_repeat_can_be_asked_twice():
    first, _, again = talk("it tingles", "tell me that once more", "tell me that once more")
    assert again == first


def test_repeat_says_a_question_of_the_kiosk_again_and_it_can_still_be_answered():
    first, again, chosen = talk("it feels funny", "tell me that once more", "the second")
    assert again == first
    assert chosen.intents == ("numbness",)


def test_repeat_with_nothing_to_repeat_says_so():
    assert talk("tell me that once more")[0].text == "About repeat."


def test_repeat_after_something_not_understood_says_the_last_answer():
    first, _, again = talk("it tingles", "gibberish", "tell me that once more")
    assert again == first


def test_goodbye_forgets_the_patient():
    _, bye, again = talk("it tingles", "bye", "tell me that once more")
    assert bye.intents == ("goodbye",)
    assert again.intents == ("repeat",)


def test_after_goodbye_nothing_is_followed_up():
    assert talk("it tingles", "bye", "how long does it last")[-1].outcome == "unknown"


# --- choosing ---
@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("the first", "tingling"), ("first one", "tingling"), ("the former", "tingling"), ("yes", "tingling"),
        ("tingling", "tingling"), ("the tingling one please", "tingling"), ("tingle", "tingling"),
        ("the second", "numbness"), ("the second one", "numbness"), ("the last one", "numbness"),
        ("the latter", "numbness"), ("numbness", "numbness"), ("numb", "numbness"), ("um the numbness", "numbness"),
    ],
)  # fmt: skip
def test_a_short_reply_settles_what_was_meant(said, chosen):
    answer = talk("it feels funny", said)[-1]
    assert (answer.intents, answer.text) == ((chosen,), f"About {chosen}.")


@pytest.mark.parametrize(("said", "chosen"), [("the third", "ice"), ("the last", "ice"), ("number two", "numbness")])
def test_one_of_three_can_be_chosen(said, chosen):
    assert talk("all of it", said)[-1].intents == (chosen,)


def test_the_third_of_two_is_not_chosen():
    assert talk("it feels funny", "the third")[-1].outcome == "unknown"


def test_a_choice_can_be_made_once():
    assert talk("it feels funny", "the first", "the second")[-1].outcome == "unknown"


def test_a_new_question_is_answered_instead():
    assert talk("it feels funny", "ice please")[-1].intents == ("ice",)


def test_a_warning_sign_is_answered_instead_of_a_choice():
    assert talk("it feels funny", "i have fever")[-1].urgent


def test_a_warning_sign_that_names_a_choice_is_still_a_warning_sign():
    script = Script(LINES | {"numbness and fever": match("fever")})
    assert talk("it feels funny", "numbness and fever", script=script)[-1].urgent


def test_no_is_not_a_choice():
    assert talk("it feels funny", "no")[-1].outcome == "unknown"


def test_a_long_reply_is_a_new_question():
    script = Script(LINES | {"the first time i came here it was also a bit sore": match("ice")})
    assert talk("it feels funny", "the first time i came here it was also a bit sore", script=script)[-1].intents == (
        "ice",
    )


# --- following up ---
@pytest.mark.parametrize(("said", "topic"), [("how long does it last", "tingling"), ("um how long does it last", None)])
def test_a_follow_up_is_understood_with_the_last_topic(said, topic):
    script = Script(LINES)
    answer = talk("it tingles", said, script=script)[-1]
    assert script.asked[-1].text == f"Tingling {said}"
    assert answer.intents == ((topic,) if topic else ())


def test_a_turn_to_something_else_is_taken_as_it_is():
    script = Script(LINES)
    assert talk("it tingles", "and ice", script=script)[-1].intents == ("ice",)
    assert script.asked[-1].text == "and ice"


def test_a_follow_up_needs_a_topic():
    assert talk("how long does it last")[0].outcome == "unknown"
    assert talk("what can i ask", "how long does it last")[-1].outcome == "unknown"


def test_every_reading_is_understood_with_the_last_topic():
    script = Script(LINES)
    memory = reply(Transcript("it tingles"), Memory(), script)[1]
    heard = Transcript("is it bad", (Reading("is it bad", 0.9), Reading("is it bat", 0.1)), heard=True)
    reply(heard, memory, script)
    assert script.asked[-1].readings == (Reading("Tingling is it bad", 0.9), Reading("Tingling is it bat", 0.1))


@pytest.mark.parametrize("said", ["what does it cost", "is it open on sunday", "and parking", "my wife has it too"])
def test_a_question_about_something_else_is_no_follow_up(said):
    assert talk("it tingles", said)[-1].outcome == "unknown"


def test_something_not_understood_does_not_lose_the_topic():
    assert talk("it tingles", "gibberish", "how long does it last")[-1].intents == ("tingling",)


def test_a_warning_sign_needs_no_topic():
    script = Script(LINES)
    assert talk("it tingles", "it is swelling and hot", script=script)[-1].urgent
    assert script.asked[-1].text == "it is swelling and hot"


def test_a_long_question_is_not_a_follow_up():
    script = Script(LINES)
    talk("it tingles", "when will the man at the desk bring that big parcel of his", script=script)
    assert [each.text for each in script.asked] == [
        "it tingles", "when will the man at the desk bring that big parcel of his",
    ]  # fmt: skip


# --- with the shipped intents ---
@pytest.fixture
def say(understander):
    memory = Memory()

    def say(text):
        nonlocal memory
        answer, memory = reply(Transcript(text), memory, understander)
        return answer

    return say


def test_a_patient_asks_on(say):
    assert say("my fingers are tingling").intents == ("tingling",)
    assert "tingling" in say("how long does it last").intents
    assert say("pardon").intents
    assert say("thank you goodbye").intents == ("goodbye",)


@pytest.mark.parametrize(
    "follow_up", ["is that bad", "how long does it last", "what should i do about it", "is it normal"]
)
@pytest.mark.parametrize(
    "first", ["my fingers are tingling", "my muscle twitched", "my shoulder is sore", "my arm is numb"]
)
def test_a_follow_up_is_answered_calmly(say, first, follow_up):
    assert say(first).outcome == "answer"
    answer = say(follow_up)
    assert answer.outcome == "answer"
    assert not answer.urgent


@pytest.mark.parametrize(
    "warning",
    ["and i have fever", "it has been two days now", "and now i can't move it", "it is getting worse and worse"],
)
def test_a_warning_sign_that_follows_up_is_urgent(say, warning):
    say("my hand is numb")
    assert say(warning).urgent


@pytest.mark.parametrize("follow_up", ["and ice", "what about ice", "can i put ice on it"])
def test_ice_after_soreness_is_about_ice(say, follow_up):
    say("my shoulder is sore after the needles")
    assert "ice_or_heat" in say(follow_up).intents


@pytest.mark.parametrize("said", ["what is the price of it", "who won the match", "where is the toilet"])
def test_what_must_be_refused_is_refused_in_a_conversation_too(say, said):
    say("my fingers are tingling")
    assert say(said).outcome == "unknown"

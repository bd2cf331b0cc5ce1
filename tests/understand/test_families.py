"""What must not change the answer does not, and what must, does (after CheckList, Ribeiro et al. 2020)."""

import pytest

QUESTIONS = {
    "my fingers are tingling after the needle": "tingling",
    "i felt an electric shock down my leg": "tingling",
    "my calf muscle jumped when she put it in": "muscle_twitch",
    "my arm feels heavy and numb right now": "numbness",
    "my shoulder is a bit sore after the session": "soreness",
    "can i put ice on it": "ice_or_heat",
    "should i drink more water today": "hydration",
    "may i stretch my leg this evening": "stretching",
    "what is dry needling": "about_dry_needling",
    "is dry needling safe": "safety",
    "what do you mean by a trigger point": "trigger_points",
    "what happens if the needle touches a nerve": "nerve_contact",
    "how do you know where to put the needles": "needle_placement",
    "are your physiotherapists trained for this": "choosing_physio",
    "i want to book an appointment": "booking",
    "which exercises are good for my back": "back_exercises",
    "my hand has been numb for three days": "persistent_numbness",
    "the pain grows worse every day": "worsening_pain",
    "i can't lift my foot": "loss_of_control",
    "the place is red and swollen and i have fever": "infection_signs",
    "i have chest pain and can't breathe": "emergency",
}
REFUSED = [
    "how much does it cost",
    "what time do you close on sunday",
    "do you take insurance",
    "where is the toilet",
    "who won the cricket match",
    "i have a toothache",
    "my stomach is upset since morning",
]


def wrong(ask, phrasebook, said, topic, *, heard=False):
    """Return what is wrong with the answer to `said`, nothing if it answers `topic`."""
    answer = ask(said, heard=heard)
    beside = [name for name in answer.intents if name != topic]
    right = answer.outcome == "answer" and topic in answer.intents and len(beside) <= 1
    if right and answer.urgent == phrasebook.intents[topic].urgent:
        return []
    return [f"{said!r}: {answer.outcome} {', '.join(answer.intents)}, wanted {topic}"]


def all_wrong(ask, phrasebook, pairs):
    return [line for said, topic in pairs for line in wrong(ask, phrasebook, said, topic)]


def with_word(question, word, at):
    words = question.split()
    return " ".join((*words[:at], word, *words[at:]))


# --- what must not change the answer ---
FRAMES = {
    "as it is": ["{}"],
    "fillers": ["um {}", "uh {}", "so basically {}", "like {}", "{} you know", "{} yaar", "er hmm {}", "i mean {}"],
    "politeness": ["please {}", "{} please", "excuse me {}", "sorry {}", "kindly tell me {}", "sir {}", "{} madam"],
    "preambles": [
        "hello {}", "hi good morning {}", "i have a question {}", "one doubt {}", "quick question {}", "doctor {}",
        "i wanted to ask {}", "can you tell me {}", "hello doctor saab {}", "namaste {}", "listen {}",
    ],
    "stories": ["i had my first session and {}", "my name is ramesh and {}", "i am sixty five years old and {}"],
    "endings": ["{} many thanks", "{} na", "{} is it okay", "{} what to do", "{} tell me", "{} doctor"],
    "writing": ["{}?", "{}!!", "  {}  ", "{}."],
}  # fmt: skip


@pytest.mark.parametrize(
    "frame", [pytest.param(frame, id=f"{kind}: {frame}") for kind in FRAMES for frame in FRAMES[kind]]
)
def test_a_frame_does_not_change_the_answer(ask, phrasebook, frame):
    assert not all_wrong(ask, phrasebook, ((frame.format(said), topic) for said, topic in QUESTIONS.items()))


@pytest.mark.parametrize(
    "frame", [frame for kind in ("as it is", "fillers", "politeness", "preambles") for frame in FRAMES[kind]]
)
def test_a_frame_does_not_bring_an_answer_to_what_must_be_refused(ask, frame):
    assert not [
        f"{said!r}: {answer.intents}" for said in REFUSED if (answer := ask(frame.format(said))).outcome != "unknown"
    ]


@pytest.mark.parametrize("filler", ["um", "uh", "like", "you know"])
def test_a_filler_in_the_middle_does_not_change_the_answer(ask, phrasebook, filler):
    assert not all_wrong(
        ask, phrasebook, ((with_word(said, filler, len(said.split()) // 2), topic) for said, topic in QUESTIONS.items())
    )


def test_capitals_do_not_change_the_answer(ask, phrasebook):
    assert not all_wrong(ask, phrasebook, ((said.upper(), topic) for said, topic in QUESTIONS.items()))


@pytest.mark.parametrize(
    ("one", "other", "topic"),
    [
        ("my finger is tingling", "my fingers are tingling", "tingling"),
        ("the muscle twitched", "the muscles twitched", "muscle_twitch"),
        ("my leg is numb", "my legs are numb", "numbness"),
        ("is the needle safe", "are the needles safe", "safety"),
        ("what is a muscle knot", "what are muscle knots", "trigger_points"),
        ("does the needle hit a nerve", "do the needles hit nerves", "nerve_contact"),
        ("i can't move my finger", "i can't move my fingers", "loss_of_control"),
        ("my ankle is swollen and red", "my ankles are swollen and red", "infection_signs"),
    ],
)
def test_one_and_many_are_the_same(ask, phrasebook, one, other, topic):
    assert not all_wrong(ask, phrasebook, [(one, topic), (other, topic)])


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("my leg is having current type feeling", "tingling"),
        ("ants are walking on my hand it seems", "tingling"),
        ("jhanjhanahat is coming in my fingers", "tingling"),
        ("muscle is jumping jumping like anything", "muscle_twitch"),
        ("my hand has become sunn just now only", "numbness"),
        ("little bit paining is there where needle was put", "soreness"),
        ("needle place is paining slightly only", "soreness"),
        ("water i should be taking how much", "hydration"),
        ("hot water bag i can keep or not", "ice_or_heat"),
        ("this needle treatment is safe or not", "safety"),
        ("what all this dry needling is doing", "about_dry_needling"),
        ("appointment i want to take for tomorrow", "booking"),
        ("since two days my hand is sunn", "persistent_numbness"),
        ("from yesterday itself the leg is numb only", "persistent_numbness"),
        ("it is paining too much i am not able to bear", "worsening_pain"),
        ("day by day pain is increasing only", "worsening_pain"),
        ("hand is not coming up i am not able to lift", "loss_of_control"),
        ("bukhar is there and needle place is swollen", "infection_signs"),
        ("fever is coming since i took the needles", "infection_signs"),
        ("my husband has fallen down he is not getting up", "emergency"),
        ("breathing is not coming properly", "emergency"),
    ],
)
def test_indian_english_is_understood(ask, phrasebook, said, topic):
    assert not wrong(ask, phrasebook, said, topic)


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("i have then the needles in my foot", "tingling"),
        ("my fingers are jangling since the needle", "tingling"),
        ("it's app me like electricity when the needle went in", "tingling"),
        ("what happens if you hit a nurse with the needle", "nerve_contact"),
        ("my muscle which when the needle went in", "muscle_twitch"),
        ("can i put eyes on the sore place", "ice_or_heat"),
        ("what is try needling", "about_dry_needling"),
        ("what is dry kneeling", "about_dry_needling"),
        ("is the dry needing safe", "safety"),
        ("my leg has been known for three days", "persistent_numbness"),
        ("my arm is still num since yesterday", "persistent_numbness"),
        ("the needle place is swallow and and red", "infection_signs"),
        ("i can't leave my foot at all it drags", "loss_of_control"),
        ("the pain is getting worth every day", "worsening_pain"),
    ],
)
def test_typical_mishearings_are_understood(ask, phrasebook, said, topic):
    assert not wrong(ask, phrasebook, said, topic, heard=True)


@pytest.mark.parametrize("whose", ["my mother's", "my father's", "my son's", "my wife's", "her", "his", "my husband's"])
def test_for_somebody_else_is_as_for_oneself(ask, phrasebook, whose):
    assert not all_wrong(
        ask,
        phrasebook,
        [
            (f"{whose} arm is tingling", "tingling"),
            (f"{whose} leg is numb since two days", "persistent_numbness"),
            (f"{whose} pain is getting worse every day", "worsening_pain"),
            (f"{whose} foot is swollen and red", "infection_signs"),
            (f"{whose} shoulder is a little sore after the needles", "soreness"),
        ],
    )


# --- what must change it ---
HARMLESS = [
    "my fingers are tingling",
    "my arm feels numb",
    "my shoulder is sore after the session",
    "my calf muscle twitched",
    "can i put ice on it",
    "should i drink more water",
    "can i stretch now",
    "is dry needling safe",
    "i want to book an appointment",
]
WARNINGS = [
    "and it has been numb for three days",
    "and i have fever",
    "and i can't move it",
    "and the pain is getting worse and worse",
    "and there is pus coming out",
    "and it is red and swollen",
    "and i have chest pain",
    "and i can't breathe",
    "and i keep dropping things from that hand",
    "and my foot is dragging",
    "and it is tingling since last week",
    "and i cannot bear the pain",
]


@pytest.mark.parametrize("warning", WARNINGS)
def test_adding_a_warning_sign_makes_it_urgent(ask, warning):
    missed = [f"{said} {warning}" for said in HARMLESS if not ask(f"{said} {warning}").urgent]
    assert not missed


@pytest.mark.parametrize("warning", WARNINGS)
def test_a_warning_sign_that_comes_first_is_urgent_too(ask, warning):
    missed = [said for rest in HARMLESS if not ask(said := f"{warning.removeprefix('and ')} and {rest}").urgent]
    assert not missed


@pytest.mark.parametrize("said", HARMLESS)
def test_removing_the_warning_sign_changes_it_back(ask, said):
    answer = ask(said)
    assert answer.outcome == "answer"
    assert not answer.urgent


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("no fever no swelling can i put ice on it", "ice_or_heat"),
        ("i don't have any fever it is only a bit sore", "soreness"),
        ("there is no redness and no pus just a small bruise", "soreness"),
        ("i can move my fingers fine they only tingle", "tingling"),
        ("i can lift my arm no problem but the muscle jumped", "muscle_twitch"),
        ("the pain is not getting worse it is a mild ache", "soreness"),
        ("it is not numb any more can i stretch", "stretching"),
        ("my breathing is fine i just want to know is needling safe", "safety"),
        ("it isn't red or hot should i use heat or ice", "ice_or_heat"),
        ("nothing serious no fever i want to book an appointment", "booking"),
    ],
)
def test_a_warning_sign_that_is_denied_is_not_urgent(ask, phrasebook, said, topic):
    assert not wrong(ask, phrasebook, said, topic)


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("i can't feel my hand since two days", "persistent_numbness"),
        ("the numbness is not going away it is three days now", "persistent_numbness"),
        ("my foot won't move", "loss_of_control"),
        ("i am not able to close my fist", "loss_of_control"),
        ("the pain is not getting better it is worse than before", "worsening_pain"),
        ("she is not breathing", "emergency"),
        ("he does not wake up", "emergency"),
    ],
)
def test_not_may_be_the_warning_sign_itself(ask, phrasebook, said, topic):
    assert not wrong(ask, phrasebook, said, topic)


@pytest.mark.parametrize("said", ["what would be a bad sign", "which symptoms should make me see a doctor"])
def test_asked_in_general_a_warning_sign_is_no_alarm(ask, phrasebook, said):
    assert not wrong(ask, phrasebook, said, "seek_help")


# --- the article's line: 24 hours ---
@pytest.mark.parametrize("feeling", ["my hand has been numb {}", "my foot is tingling {}"])
@pytest.mark.parametrize(
    "time",
    [
        "for a few seconds", "for five minutes", "for half an hour", "for an hour", "for two hours", "for six hours",
        "for ten hours", "for twelve hours", "for twenty hours", "since this morning", "since ten minutes",
        "since lunch", "just now",
    ],
)  # fmt: skip
def test_numb_or_tingling_within_a_day_is_harmless(ask, feeling, time):
    answer = ask(feeling.format(time))
    assert answer.outcome == "answer"
    assert not answer.urgent


@pytest.mark.parametrize("feeling", ["my hand has been numb {}", "my foot is tingling {}", "{} my leg feels dead"])
@pytest.mark.parametrize(
    "time",
    [
        "for twenty four hours", "for 24 hours", "for thirty hours", "for 36 hours", "for forty eight hours",
        "for more than a day", "for over a day", "for a day and a half", "for two days", "for two and a half days",
        "since two days", "since yesterday", "since yesterday morning", "since the day before yesterday",
        "since monday",
        "for three nights", "for a week", "for a fortnight", "since last week", "for months", "for almost a month",
        "since many days", "since my last session three days ago",
    ],
)  # fmt: skip
def test_numb_or_tingling_beyond_a_day_is_urgent(ask, feeling, time):
    answer = ask(feeling.format(time))
    assert "persistent_numbness" in answer.intents
    assert answer.urgent

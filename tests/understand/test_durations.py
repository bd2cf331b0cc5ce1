"""How long something lasted, in hours, as people say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.understand.durations import DAY, durations
from kiosk.understand.normalise import words

WORDS = ["half", "a", "couple", "of", "two", "twenty", "and", "hours", "day", "days", "since", "last", "the", "week"]


def longest(said):
    found = durations(words(said))
    return found[0].hours if found else None


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("one hour", 1),
        ("an hour", 1),
        ("half an hour", 0.5),
        ("two hours", 2),
        ("a couple of hours", 2),
        ("an hour and a half", 1.5),
        ("two and a half hours", 2.5),
        ("ten minutes", 1 / 6),
        ("twenty four hours", 24),
        ("24 hours", 24),
        ("thirty hours", 30),
        ("forty eight hours", 48),
        ("one day", 24),
        ("a day and a half", 36),
        ("two days", 48),
        ("two and a half days", 60),
        ("two or three days", 48),
        ("three long days", 72),
        ("ten days", 240),
        ("a week", 168),
        ("two weeks", 336),
        ("a fortnight", 336),
        ("one month", 720),
        ("six months", 4320),
        ("a year", 8760),
        ("a hundred days", 2400),
    ],
)
def test_counted_times(said, hours):
    assert longest(f"it has been numb for {said} now") == pytest.approx(hours)


@pytest.mark.parametrize(
    "said",
    [
        "since yesterday", "since yesterday morning", "since yesterday at noon", "since diwali",
        "ever since last navratri", "since lunch on monday",
        "since the day before yesterday", "since monday",
        "from sunday on",
        "since last week", "since last night but one day", "for days", "for weeks", "since many days", "all weekend",
        "over the weekend", "for more than a day", "for over a day", "a whole day",
        "a full day", "for ages", "day and night",
        "the next day", "since my last session", "day three", "three nights", "every day",
    ],
)  # fmt: skip
def test_times_beyond_a_day(said):
    assert longest(f"my foot is tingling {said}") >= DAY


@pytest.mark.parametrize(
    "said",
    [
        "for a few seconds", "for a minute", "for an hour", "for a few hours", "for twenty hours", "since this morning",
        "today", "just now", "since lunch", "a moment ago", "a while ago", "for half a day", "overnight", "last night",
        "this morning", "since late morning", "since noon", "since midday", "at tea time", "all afternoon",
        "since elevenses", "since three o'clock", "since half past ten a.m.", "for the last hour",
        "for the past wee hour",
    ],
)  # fmt: skip
def test_times_within_a_day(said):
    assert longest(f"my foot is tingling {said}") < DAY


@pytest.mark.parametrize(
    "said",
    [
        "my arm is numb",
        "i have one question",
        "good morning",
        "good evening doctor",
        "what happens on the day",
        "two needles",
    ],
)
def test_no_time_at_all(said):
    assert longest(said) is None


def test_the_longest_comes_first():
    found = durations(words("ten minutes at first but now two days"))
    assert [round(each.hours, 1) for each in found] == sorted((round(each.hours, 1) for each in found), reverse=True)
    assert found[0].hours == 48


def test_tells_the_words_it_was_found_in():
    assert durations(words("numb for two days"))[0].words == "two days"


def test_a_day_is_beyond_a_day():
    assert durations(["twenty", "four", "hours"])[0].beyond_a_day
    assert not durations(["twenty", "three", "hours"])[0].beyond_a_day


@given(st.integers(1, 99))
def test_any_number_of_hours(number):
    assert longest(f"{number} hours") == pytest.approx(number)


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_words_give_times_that_are_not_negative(said):
    assert all(each.hours >= 0 for each in durations(said))

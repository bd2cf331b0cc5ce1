"""What patients asked: counts always, words only where staff want them, and nothing that was deleted."""

import sqlite3
from datetime import date, timedelta

import pytest

from kiosk.converse.conversation import Memory
from kiosk.converse.turn import Phase, State
from kiosk.staff.asked import Asked
from kiosk.terms import Answer, KioskError
from tests import folder as small

TODAY = date(2026, 11, 22)
UNKNOWN = Answer("I can't answer that.", "unknown")
CLARIFY = Answer("Did you mean ice, or heat?", "clarify", ("ice", "heat"))
ICE = Answer("Put ice on it.", "answer", ("ice",))
HOT = Answer("Please tell them now.", "answer", ("hot", "ice"), urgent=True)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / "asked.sqlite"


@pytest.fixture
def record(file):
    """Note questions with their answers on a day, through the door that the session uses."""
    turns = iter(range(1, 10_000))

    def record(*asked, day=TODAY, phrasebook=None):
        kept = Asked(file, 30, lambda: day)
        if phrasebook:
            kept.adopt(phrasebook)
        for question, answer in asked:
            turn = next(turns)
            for phase in (Phase.THINKING, Phase.SPEAKING, Phase.SPEAKING, Phase.ANSWERED):
                kept.show(State(phase=phase, words=question, answer=answer, turn=turn, memory=Memory()))
        kept.close()
        return kept

    return record


@pytest.fixture
def asked(file):
    kept = Asked(file, 30, lambda: TODAY)
    kept.keep(on=True)
    return kept


def test_no_words_are_kept_until_staff_switch_it_on(record, file):
    kept = record(("is the zebra here", UNKNOWN))
    assert not kept.keeping
    assert kept.in_vain() == ()
    assert b"zebra" not in file.read_bytes()


def test_keeps_what_was_refused_or_asked_back_about_by_the_day_only(record, asked, file):
    record(("is the zebra here", UNKNOWN), ("cold or warm", CLARIFY), ("can i use ice", ICE))
    assert [(each.question, each.outcome, each.first) for each in asked.in_vain()] == [
        ("is the zebra here", "unknown", "2026-11-22"),
        ("cold or warm", "clarify", "2026-11-22"),
    ]
    with sqlite3.connect(file) as base:
        days = base.execute("select distinct day from in_vain union select day from counts").fetchall()
    base.close()
    assert days == [("2026-11-22",)]
    assert b"can i use ice" not in file.read_bytes()


def test_alike_questions_stand_together_with_their_count(record, asked):
    zebra = [("is the zebra here", UNKNOWN)] * 3
    record(*((text, Answer("No.", "unknown")) for text, _ in zebra))
    record(("is the zebras here", Answer("No.", "unknown")), ("how tall is she", UNKNOWN), day=TODAY - timedelta(1))
    first, second = asked.in_vain()
    assert (first.question, first.count, first.wordings) == (
        "is the zebra here",
        4,
        ("is the zebra here", "is the zebras here"),
    )
    assert (first.first, first.last) == ("2026-11-21", "2026-11-22")
    assert second.question == "how tall is she"


def test_what_must_be_refused_was_not_asked_in_vain(record, asked, tmp_path):
    phrasebook = small.understander(small.make(tmp_path / "intents")).phrasebook
    record(("What is the time?", UNKNOWN), phrasebook=phrasebook)
    assert asked.in_vain() == ()


def test_words_are_gone_after_their_days(record, asked, file):
    record(("is the zebra here", UNKNOWN), day=TODAY - timedelta(31))
    assert asked.in_vain() == ()
    record(("can i use ice", ICE))
    assert b"zebra" not in file.read_bytes()


def test_deleting_leaves_no_byte_of_it(record, asked, file):
    record(("is the zebra here", UNKNOWN), ("is the zebras here", CLARIFY), ("how tall is she", UNKNOWN))
    zebra = next(each for each in asked.in_vain() if "zebra" in each.question)
    asked.forget([zebra.id])
    assert [each.question for each in asked.in_vain()] == ["how tall is she"]
    assert not [path for path in file.parent.iterdir() if b"zebra" in path.read_bytes()]


def test_deleting_everything_really_does(record, asked, file):
    record(*((f"is zebra number {number} here", Answer("", "unknown")) for number in range(300)), ("ice", ICE))
    assert b"zebra" in file.read_bytes()
    asked.forget_all()
    assert asked.in_vain() == ()
    assert sum(day.questions for day in asked.use()) == 0
    assert not [path for path in file.parent.iterdir() if b"zebra" in path.read_bytes()]
    assert asked.keeping, "the switch is no patient's"


def test_counts_by_the_day_and_by_intent(record):
    record(("a", ICE), day=TODAY - timedelta(1))
    kept = record(("b", HOT), ("c", ICE), ("d", UNKNOWN), ("e", CLARIFY))
    yesterday, today = kept.use(2)
    assert (yesterday.questions, dict(yesterday.by_intent)) == (1, {"ice": 1})
    assert (today.questions, today.answered, today.asked_back, today.unanswered, today.urgent) == (4, 2, 1, 1, 1)
    assert dict(today.by_intent) == {"hot": 1, "ice": 2}


def test_saying_it_again_is_no_question(record):
    assert record(("a", ICE), ("a", ICE)).use(1)[0].questions == 1


def test_a_disk_that_cannot_be_written_does_not_stop_the_kiosk(tmp_path, caplog):
    (tmp_path / "data").write_text("a file where the folder should be")
    kept = Asked(tmp_path / "data" / "asked.sqlite")
    for turn in (1, 2):
        kept.show(State(phase=Phase.SPEAKING, words="is the zebra here", answer=Answer("", "unknown"), turn=turn))
    kept.close()
    assert len(caplog.records) == 1
    assert "zebra" not in caplog.text
    assert kept.in_vain() == ()
    assert not kept.keeping
    with pytest.raises(KioskError, match="cannot be changed"):
        kept.keep(on=True)


def test_a_damaged_file_is_begun_anew(record, file):
    file.parent.mkdir()
    file.write_bytes(b"no database at all, whatever it is" * 100)
    assert record(("a", ICE)).use(1)[0].questions == 1

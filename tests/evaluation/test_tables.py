"""Results are told in tables that people and Markdown can read."""

import pytest

from evaluation import report, tables
from evaluation.asking import Result, by
from evaluation.judge import Reply, judge
from evaluation.questions import Question
from kiosk.terms import Transcript


def result(topics, intents, *, score=80.0, said="my hand tingles", asked="my hand tingles"):
    question = Question("q", asked, frozenset(topics.split()), style="terse")
    given = tuple(intents.split())
    reply = Reply("answer" if given else "unknown", given, "emergency" in given, score if given else 0.0)
    verdict = judge(question, reply, frozenset({"emergency"}))
    return Result(question, Transcript(said), reply, verdict, milliseconds=1.0)


RIGHT, WRONG, REFUSED = result("tingling", "tingling"), result("tingling", "numbness", score=60), result("none", "")


def test_columns_line_up():
    assert tables.table(("name", "n"), [("a", "100"), ("longer", "1")]).splitlines() == [
        "| name   |   n |",
        "| ------ | --: |",
        "| a      | 100 |",
        "| longer |   1 |",
    ]


def test_figures_of_groups():
    lines = tables.figures_by("topic", by([RIGHT, WRONG, REFUSED], lambda each: each.question.topics)).splitlines()
    assert lines[2].split() == "| none | 1 | - | - | - | 0.000 | 1.000 | 0.000 |".split()
    assert lines[3].split() == "| tingling | 2 | 0.500 | 0.500 | - | 0.000 | - | 0.000 |".split()


@pytest.mark.parametrize(
    ("good", "count", "told"), [(50, 100, "0.40-0.60"), (100, 100, "0.96-1.00"), (0, 10, "0.00-0.28")]
)
def test_intervals(good, count, told):
    assert tables.interval([True] * good + [False] * (count - good)) == told


def test_confusions_come_with_an_example():
    lines = tables.confusions([RIGHT, WRONG, WRONG, result("none", "tingling")]).splitlines()
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == ["tingling", "numbness", "2", "“my hand tingles”"]
    assert len(lines) == 4


def test_half_an_answer_is_told_as_such():
    assert tables.outcome(result("tingling ice", "ice")) == "only ice"
    assert tables.outcome(result("tingling", "ice")) == "ice"


def test_a_score_is_reliable_when_so_many_are_right():
    answers = [*[result("tingling", "tingling", score=75)] * 3, result("tingling", "numbness", score=75)]
    assert tables.reliability([*answers, REFUSED]) == [("70-80", 0.75, 0.75, 4)]
    assert "error of the answers: 0.000" in tables.calibration(answers)


def test_words_heard_wrongly_are_counted():
    heard = [result("tingling", "", asked="my hand tingles", said=said) for said in ("my hand tingles", "hand jangles")]
    assert tables.word_error(heard) == pytest.approx(2 / 6)


def test_measuring_one_part_again_leaves_the_others(tmp_path):
    page = tmp_path / "docs" / "page.md"
    report.write(page, {"speech": "## Aloud\n\nold", "text": "## Typed"})
    report.write(page, {"speech": "## Aloud\n\nnew"})
    text = page.read_text()
    assert text.index("## Typed") < text.index("## Aloud\n\nnew")
    assert "## Aloud\n\nold" not in text
    report.write(page, {})
    assert page.read_text() == text

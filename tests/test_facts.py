"""The answers tell the article's facts only: docs/facts.md is the list."""

import re
from pathlib import Path

import pytest

from kiosk import content

REPOSITORY = Path(__file__).parents[1]
WITHOUT_FACTS = {"emergency", "repeat", "help", "goodbye"}
NUMBERS = (
    r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|hundred|half|couple|few|several|dozen"
)
UNITS = (
    r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|times?|per cent|litres?|glasses?|signs?|things?|exercises?"
)
STATED = re.compile(rf"\b(?:(?:{NUMBERS})\s+(?:{UNITS})|(?:{UNITS}) to (?:{UNITS})|\d+)\b", re.IGNORECASE)
LONGEST_ANSWER = 60


@pytest.fixture(scope="module")
def phrasebook():
    return content.load(REPOSITORY / "intents")


@pytest.fixture(scope="module")
def numbers():
    """Return by intent what its rows of the table allow."""
    allowed: dict[str, str] = {}
    for line in (REPOSITORY / "docs" / "facts.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0] not in {"Section of the article", "---"}:
            for intent in cells[2].split(", "):
                allowed[intent] = f"{allowed.get(intent, '')} {cells[3]}"
    return allowed


def test_every_intent_tells_a_fact_of_the_table(phrasebook, numbers):
    assert set(numbers) == set(phrasebook.intents) - WITHOUT_FACTS


def test_no_answer_states_a_number_that_the_article_does_not_have(phrasebook, numbers):
    stated = [(name, found) for name, intent in phrasebook.intents.items() for found in STATED.findall(intent.answer)]
    wrong = [(name, found) for name, found in stated if found.lower() not in numbers.get(name, "")]
    assert wrong == []


def test_the_check_would_find_an_invented_duration(numbers):
    found = STATED.findall("It passes within two days, or after 48 hours.")
    assert found == ["two days", "48 hours"]
    assert all(words not in numbers["tingling"] for words in found)


def test_answers_are_short_and_can_be_spoken(phrasebook):
    for intent in phrasebook.intents.values():
        assert len(intent.answer.split()) <= LONGEST_ANSWER, intent.id
        assert not re.search(r"[^A-Za-z0-9 .,;:?'-]", intent.answer), intent.id


def test_urgent_answers_begin_with_what_to_do(phrasebook):
    urgent = [intent for intent in phrasebook.intents.values() if intent.urgent]
    assert len(urgent) == 5
    assert all(intent.answer.startswith(("Please tell", "Call staff now")) for intent in urgent)


def test_every_intent_cites_its_section(phrasebook):
    facts = (REPOSITORY / "docs" / "facts.md").read_text(encoding="utf-8")
    for intent in phrasebook.intents.values():
        if intent.id not in WITHOUT_FACTS:
            assert f"| {intent.source}" in facts or intent.source in {
                "What Happens If Dry Needling Hits a Nerve?",
                "How to Minimize the Risks of Nerve Irritation in Dry Needling",
            }, intent.id

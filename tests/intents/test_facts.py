"""The answers tell the article's facts only: docs/facts.md is the list."""

import re
from pathlib import Path

import pytest
import yaml

from kiosk.intents import content
from kiosk.intents.sense import EVERYWHERE, SOURCES, STATED

REPOSITORY = Path(__file__).parents[2]
WITHOUT_FACTS = {"emergency", "repeat", "help", "goodbye"}
LONGEST_ANSWER = 60


def _stated(text):
    return [found[0] for found in STATED.finditer(text)]


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


@pytest.fixture(scope="module")
def sections():
    """Return by section of the article what its rows of the table allow."""
    allowed: dict[str, str] = {}
    for line in (REPOSITORY / "docs" / "facts.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4:
            section = cells[0].removesuffix(" (of another article)")
            allowed[section] = f"{allowed.get(section, '')} {cells[3]}"
    return allowed


def test_the_numbers_of_each_section_are_those_of_the_table(sections):
    """`intents/sources.yaml` is what `kiosk intents check` reads; a heading has the numbers of its sections."""
    sources = yaml.safe_load((REPOSITORY / "intents" / SOURCES).read_text(encoding="utf-8"))
    everything = " ".join(sections.values())
    for section, stated in sources.items():
        assert all(each in sections.get(section, everything) for each in stated), section
    assert {section for section in sections if section[0].isupper()} - {"Section of the article"} <= set(sources)
    assert sources[EVERYWHERE] == ["24 hours"]


def test_no_answer_states_a_number_that_the_article_does_not_have(phrasebook, numbers):
    stated = [(name, found) for name, intent in phrasebook.intents.items() for found in _stated(intent.answer)]
    wrong = [(name, found) for name, found in stated if found.lower() not in numbers.get(name, "")]
    assert wrong == []


def test_the_check_would_find_an_invented_duration(numbers):
    found = _stated("It passes within two days, or after 48 hours.")
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

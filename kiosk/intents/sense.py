"""Judges what stands in `intents/` by its sense, where `kiosk.intents.content` judges its form.

Every fault is a remark with file and line. Errors: a patient would be told what the article does not say.
Warnings: somebody should look at it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import yaml
from rapidfuzz import fuzz

from kiosk.converse.answer import answer
from kiosk.intents import content
from kiosk.intents.content import Survey
from kiosk.terms import Answer, Example, Fault, Phrasebook, Transcript
from kiosk.transcribe.respell import respellings
from kiosk.understand import Understander
from kiosk.understand.normalise import stem, words
from kiosk.understand.numbers import WORDS
from kiosk.understand.vocabulary import GAP

SOURCES: Final = "sources.yaml"
VOCABULARY: Final = "vocabulary.yaml"
EVERYWHERE: Final = "everywhere"
NUMBER: Final = "|".join((r"\d+(?:\.\d+)?", *WORDS, "half", "couple", "few", "several", "dozen"))
UNIT: Final = (
    r"seconds?|minutes?|hours?|days?|nights?|weeks?|fortnights?|months?|years?|times?|per cent|percent|degrees?|"
    r"litres?|glasses?|sessions?|signs?|things?|exercises?|rupees?"
)
STATED: Final = re.compile(
    rf"\b(?:(?:{NUMBER})(?: (?:to|or) (?:{NUMBER}))? (?:an? |of )?(?:{UNIT})|(?:{UNIT}) to (?:{UNIT})|"
    r"over ?night|fortnight|\d+(?:\.\d+)?)\b",
    re.IGNORECASE,
)
"""A number or a duration."""
ALIKE: Final = 90.0
"""Of 100: two questions this alike are taken for one; the shipped 18,600 have no such pair across intents."""
SHORTEST: Final = 4
"""Words; shorter questions that differ in one word differ in what they say."""
CROWD: Final = 50
"""Questions that share all but one word are a pattern ("what is the ..."), not duplicates, if so many do."""
WORST: Final = 5
"""Over-matches that are told one by one; the rest are counted."""
UNSAYABLE: Final = 0.5
"""A question with so great a part of unknown words cannot be understood when it is said."""

Unknown = Callable[[Iterable[str]], set[str]]
"""`kiosk.transcribe.recogniser.VoskRecogniser.unknown_words`."""


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of sample questions that the speech model can never hear."""

    word: str
    count: int
    """Sample questions it occurs in."""
    respelling: str
    """What the model knows and sounds nearest, one word or two; empty if nothing is near."""


def of_form(folder: Path, survey: Survey) -> list[Fault]:
    """Return what can be told at once: invented numbers, what is nearly the same, and expressions that lose words."""
    if survey.phrasebook is None:
        return []
    return [
        *_numbers(folder, survey, survey.phrasebook),
        *_near_duplicates(survey, survey.phrasebook),
        *_shortened(survey, survey.phrasebook),
    ]


def over_matches(survey: Survey, understander: Understander) -> list[Fault]:
    """Return sample questions that get another's answer when said a little differently (35 s for 40,000).

    They are asked by the weights alone, since a sample question word for word always gets its own answer.
    """
    phrasebook = understander.phrasebook
    alone = Understander(replace(phrasebook, examples=(), fingerprint=""), understander.learned)
    wrong: list[tuple[bool, float, Example, Answer]] = []
    for example in _samples(phrasebook):
        said = answer(alone.understand(Transcript(example.text)), phrasebook)
        missed = any(phrasebook.intents[name].urgent for name in example.intents) and not said.urgent
        if missed or (said.outcome == "answer" and not set(said.intents) & set(example.intents)):
            wrong.append((missed, said.score, example, said))
    wrong.sort(key=lambda found: found[:2], reverse=True)
    told = [_strayed(survey, example, said) for _, _, example, said in wrong[:WORST]]
    if len(wrong) > WORST:
        message = (
            f"{len(wrong)} of {len(survey.asked)} sample questions get another answer when said a little "
            f"differently; the {WORST} surest of them are told here."
        )
        told.append(Fault("groups.yaml", 1, message, warning=True))
    return told


def unknown_words(phrasebook: Phrasebook, unknown: Unknown, lexicon: Iterable[str] = ()) -> list[UnknownWord]:
    """Return the words of in-scope sample questions that the speech model does not know, the commonest first.

    lexicon: what the model knows, from which respellings are taken beside the words of the questions.
    """
    counts: Counter[str] = Counter()
    for example in _samples(phrasebook):
        if example.intents:
            counts.update(set(words(example.text)))
    strange = unknown(counts)
    common = [word for word, _ in counts.most_common()]
    respelled = respellings(strange, [word for word in common if word not in strange], lexicon)
    return [UnknownWord(word, counts[word], respelled.get(word, "")) for word in common if word in strange]


def unsayable(survey: Survey, phrasebook: Phrasebook, strange: Sequence[UnknownWord]) -> list[Fault]:
    """Return the questions that no patient can be understood saying, because half their words are unknown."""
    by_word = {each.word: each for each in strange}
    faults = []
    for example in _samples(phrasebook):
        said = words(example.text)
        unknown = [by_word[word] for word in dict.fromkeys(said) if word in by_word]
        if example.intents and len(unknown) > UNSAYABLE * len(said):
            told = ", ".join(_told(each) for each in unknown)
            message = f"{example.text!r} can be typed, but not be heard: the speech model does not know {told}."
            faults.append(_fault(survey, example.text, message, warning=True))
    return faults


def untested(folder: Path, phrasebook: Phrasebook, tested: Iterable[str]) -> list[Fault]:
    """Return the intents that none of the test questions asks for. tested: the topics of the test questions."""
    missing = phrasebook.intents.keys() - set(tested)
    files = {name: f"{phrasebook.intents[name].group}/{name}.yaml" for name in missing}
    message = "no test question asks for this intent, so nobody would notice if it were no longer understood."
    return [Fault(file, 1, message, warning=True) for file in sorted(files.values()) if (folder / file).exists()]


# --- numbers ---
def _numbers(folder: Path, survey: Survey, phrasebook: Phrasebook) -> Iterator[Fault]:
    allowed = _sources(folder)
    if allowed is None:
        return
    for intent in phrasebook.intents.values():
        file = f"{intent.group}/{intent.id}.yaml"
        if intent.source not in allowed:
            message = f"{intent.source!r} is no section of {SOURCES}. Cite one of its sections."
            yield Fault(file, survey.lines.get((file, "source"), 1), message, warning=True)
        there = {*allowed.get(intent.source, ()), *allowed.get(EVERYWHERE, ())}
        # The clinic's own facts may hold numbers: an address, a telephone.
        text = intent.answer
        for fact in phrasebook.clinic.values():
            text = text.replace(fact, " ")
        for found in STATED.finditer(text):
            if found[0].lower() not in there:
                message = f"{found[0]!r} is not in the section {intent.source!r} of the article. Take it out."
                yield Fault(file, survey.lines.get((file, "answer"), 1), message)


def _sources(folder: Path) -> Mapping[str, Sequence[str]] | None:
    """Return what numbers each section has; None where there is no such file, or it cannot be read."""
    try:
        found = yaml.load((folder / SOURCES).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - texts only
        return {section: [str(number).lower() for number in numbers] for section, numbers in found.items()}
    except (OSError, ValueError, yaml.YAMLError, AttributeError, TypeError):
        return None


# --- expressions ---
def _shortened(survey: Survey, phrasebook: Phrasebook) -> Iterator[Fault]:
    """Yield expressions with words that are passed over: "breathe okay" would be found wherever "breathe" is said."""
    for concept in phrasebook.concepts:
        for expression in concept.expressions:
            pieces = expression.split(GAP)
            left = [words(piece) for piece in pieces]
            if any(len(kept) < len(piece.split()) for kept, piece in zip(left, pieces, strict=True)):
                heard = f" {GAP} ".join(map(" ".join, left)).strip()
                message = (
                    f"{expression!r} is found wherever {heard!r} is said, since the other words are passed over. "
                    f"Write {heard!r} if that is meant, else take it out."
                )
                line = survey.lines.get((VOCABULARY, f"{concept.id}: {expression}"), 1)
                yield Fault(VOCABULARY, line, message, warning=True)


# --- questions ---
def _near_duplicates(survey: Survey, phrasebook: Phrasebook) -> Iterator[Fault]:
    """Yield questions of different intents that are nearly the same."""
    samples = _samples(phrasebook)
    said = [words(example.text) for example in samples]
    # Comparing each with each takes minutes: only those that share all their words but one are compared.
    shared: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, tokens in enumerate(said):
        for key in set(_keys(sorted(map(stem, tokens)))):
            shared[key].append(number)
    pairs = {
        (one, other)
        for together in shared.values()
        if len(together) < CROWD
        for one in together
        for other in together
        if one < other and samples[one].intents != samples[other].intents
    }
    for one, other in sorted(pairs):
        score = fuzz.ratio(" ".join(said[one]), " ".join(said[other]))
        if score >= ALIKE:
            first, second = samples[one], samples[other]
            message = f"{second.text!r} is nearly {first.text!r} of {_owner(first.intents)}. Keep one of them."
            yield _fault(survey, second.text, message, warning=True)


def _keys(stems: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield tuple(stems)
    if len(stems) >= SHORTEST:
        yield from ((*stems[:at], *stems[at + 1 :]) for at in range(len(stems)))


def _strayed(survey: Survey, example: Example, said: Answer) -> Fault:
    got = _owner(said.intents) if said.outcome == "answer" else "none"
    message = (
        f"{example.text!r} gets the answer of {got} when said a little differently. "
        "Does it stand under the right intent? If so, add more questions like it."
    )
    return _fault(survey, example.text, message, warning=True)


def _samples(phrasebook: Phrasebook) -> list[Example]:
    return [example for example in phrasebook.examples if not example.misheard]


def _owner(intents: Sequence[str]) -> str:
    return " + ".join(repr(name) for name in intents) or "out of scope"


def _fault(survey: Survey, question: str, message: str, *, warning: bool) -> Fault:
    _, file, line = survey.asked.get(content.normal(question), ("", "groups.yaml", 1))
    return Fault(file, line, message, warning)


def _told(unknown: UnknownWord) -> str:
    return f"{unknown.word!r} (perhaps {unknown.respelling!r})" if unknown.respelling else repr(unknown.word)

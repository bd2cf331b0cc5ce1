"""How long something has lasted, as people say it: "since yesterday morning", "two and a half days".

The article draws one line in time: numbness or tingling beyond 24 hours is a warning sign, below it
is short-lived. So a duration is wanted in hours, roughly, erring towards the longer reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.understand.numbers import WORDS

DAY: Final = 24.0
"""Hours from which numbness or tingling is a warning sign (the article's "beyond 24 hours")."""

SOME: Final = 3
"""How many "for days" is taken for."""

_NUMBERS: Final = WORDS | {
    "half": 0.5, "quarter": 0.25, "a": 1, "an": 1, "full": 1, "whole": 1, "entire": 1, "second": 2, "third": 3,
    "fourth": 4, "fifth": 5, "couple": 2, "few": 3, "some": 3, "several": 4, "many": 5, "so many": 5,
}  # fmt: skip
_HOURS: Final = {
    "second": 1 / 3600, "sec": 1 / 3600, "moment": 1 / 60, "minute": 1 / 60, "min": 1 / 60, "hour": 1.0, "hr": 1.0,
    "morning": 24.0, "evening": 24.0, "night": 24.0, "day": 24.0, "din": 24.0, "week": 168.0, "weekend": 48.0,
    "fortnight": 336.0, "month": 720.0, "year": 8760.0,
}  # fmt: skip
_UNIT: Final = r"(?P<unit>" + "|".join(sorted(_HOURS, key=len, reverse=True)) + r")(?P<plural>s?)"
_NUMBER: Final = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_COUNTED: Final = re.compile(
    rf"\b(?P<tens>(?:{_NUMBER}))(?: (?P<ones>{_NUMBER}))?(?: of)?(?: (?P<half>and a half|and half))?"
    rf"(?: (?:good|long|more|full|whole|solid|straight|odd|or (?:{_NUMBER})|to (?:{_NUMBER})))* {_UNIT}\b"
    r"(?: (?P<half_after>and a half|and half))?(?! old| of age)"
)
_BARE: Final = re.compile(r"\b(?P<unit>minute|hour|day|night|week|month|year)s\b(?! old| of age)")
_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_FESTIVALS: Final = (
    "diwali holi navratri uttarayan onam pongal dussehra janmashtami eid ramadan christmas easter dashain tihar"
)
_PART_OF_DAY: Final = r"(?:morning|afternoon|noon|midday|lunch|lunchtime|breakfast|elevenses|tea|teatime)"
_POINTS: Final = (
    (72.0, rf"\b(?:since|from|on|till|until|after|last|past|this|was|it is now)(?: the)?(?: last)? {_WEEKDAY}\b"),
    (72.0, rf"\b{_WEEKDAY}(?:'s)? (?:session|treatment|appointment|needling|till|until|to)\b"),
    (72.0, rf"\b(?:since|from|till|until)(?: [a-z]+)? (?:{_FESTIVALS.replace(' ', '|')})\b"),
    (48.0, r"\b(?:the )?day before(?: yesterday)?\b|\bparso\b|\bthe other day\b"),
    (30.0, r"\byesterday\b|\bkal se\b|\bnext (?:day|morning)\b|\bday after\b|\blast (?:evening|afternoon)\b"),
    (168.0, r"\b(?:last|all|past|whole|since|previous) week\b|\blast (?:month|year|weekend|session|visit|time)\b"),
    (168.0, r"\b(?:for|since|in|been) (?:ages|long|so long|a long time|very long|forever)\b"),
    (168.0, r"\b(?:all|whole|since|over|after) (?:the )?weekend\b|\bday and night\b|\b(?:day after|every) day\b"),
    (26.0, r"\b(?:more than|over|beyond|past|longer than|full|whole|entire|at least) (?:a|one|the)? ?day\b"),
    (12.0, r"\b(?:last|over|all|whole|since|the) ?night\b|\bovernight\b"),
    (6.0, rf"\b(?:this|since|from|at|by|all|in the|the)(?: early| late)? {_PART_OF_DAY}\b|\btoday\b|\bsubah se\b"),
    (6.0, r"\b(?:since|from)(?: [a-z]+){1,3} (?:o'clock|o clock|[ap] m)\b"),
    (1.0, r"\b(?:last|past|whole)(?: wee| little| half)? hour\b"),
    (48.0, r"\bday (?:two|three|four|five|six|seven|ten)\b"),
    (0.1, r"\bjust now\b|\bright now\b|\ba (?:moment|bit|while|little while) ago\b|\bminutes?\b|\bseconds?\b"),
    (0.1, r"\b(?:abhi|brief|briefly|quick|quickly|momentary|momentarily|flash|split second)\b"),
)  # fmt: skip
_POINT_PATTERNS: Final = tuple((hours, re.compile(pattern)) for hours, pattern in _POINTS)
_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday"
_OTHER_TIMES: Final = (
    "yesterday overnight today now afternoon noon midday lunch lunchtime breakfast elevenses tea teatime o'clock clock "
    "m parso kal subah abhi brief briefly quick quickly momentary momentarily flash ago ages long forever session "
    "visit time"
)
_TIME_WORDS: Final = frozenset(
    (*_HOURS, *(f"{unit}s" for unit in _HOURS), *f"{_WEEKDAYS} {_FESTIVALS} {_OTHER_TIMES}".split())
)
"""Without one of these no duration is mentioned, and the patterns need not be tried."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A stretch of time that was mentioned."""

    hours: float
    words: str

    @property
    def beyond_a_day(self) -> bool:
        """Whether the article counts it as lasting."""
        return self.hours >= DAY


def durations(words: Sequence[str]) -> tuple[Duration, ...]:
    """Return the durations mentioned in normalised words, longest first."""
    if _TIME_WORDS.isdisjoint(words):
        return ()
    text = " ".join(words)
    found = [_counted(match) for match in _COUNTED.finditer(text)]
    covered = " ".join(duration.words for duration in found)
    bare = [match for match in _BARE.finditer(text) if match[0] not in covered.split()]
    found += [Duration(SOME * _HOURS[match["unit"]], match[0]) for match in bare]
    for hours, pattern in _POINT_PATTERNS:
        found += [Duration(hours, match[0]) for match in pattern.finditer(text)]
    return tuple(sorted(found, key=lambda duration: -duration.hours))


def _counted(match: re.Match[str]) -> Duration:
    number = _NUMBERS[match["tens"]]
    ones = match["ones"]
    if ones is not None:
        # "twenty four" adds, "half an hour" and "a couple" multiply or replace.
        number = number + _NUMBERS[ones] if number >= 20 and _NUMBERS[ones] < 10 else number * _NUMBERS[ones]  # noqa: PLR2004
    if match["half"] or match["half_after"]:
        number += 0.5
    return Duration(number * _HOURS[match["unit"]], match[0])

"""The words for whole numbers, in one table for all that reads or says them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

WORDS: Final = MappingProxyType({
    "zero": 0, "ten": 10,
    "one": 1, "eleven": 11, "hundred": 100, "thousand": 1000,
    "two": 2, "twelve": 12, "twenty": 20,
    "three": 3, "thirteen": 13, "thirty": 30,
    "four": 4, "fourteen": 14, "forty": 40,
    "five": 5, "fifteen": 15, "fifty": 50,
    "six": 6, "sixteen": 16, "sixty": 60,
    "seven": 7, "seventeen": 17, "seventy": 70,
    "eight": 8, "eighteen": 18, "eighty": 80,
    "nine": 9, "nineteen": 19, "ninety": 90,
})  # fmt: skip
_NAMES: Final = {number: word for word, number in WORDS.items()}


def spoken(number: int) -> list[str]:
    """Return the words of a number from 0 to 9,999: 24 → twenty, four."""
    for size in (1000, 100):
        if number >= size:
            return [*spoken(number // size), _NAMES[size], *_rest(number % size)]
    if number in _NAMES:
        return [_NAMES[number]]
    return [_NAMES[number - number % 10], _NAMES[number % 10]]


def _rest(number: int) -> list[str]:
    return spoken(number) if number else []

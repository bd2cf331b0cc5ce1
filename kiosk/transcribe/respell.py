"""Finds words of a list that sound like one that is not in it: a respelling that can be heard.

Spelling is turned into rough sounds by rules, English ones and those by which Indian languages are written in
English letters, and the sounds are compared. What is one word may also be two: "office mate" for "officemate". No
dictionary of pronunciations is small enough to ship; rules do for suggestions that a person reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from rapidfuzz import fuzz, process

LIKE: Final = 74.0
"""Of 100: how alike they must be; below it no suggestion is better than one."""
HEARD: Final = 0.65
"""How much the sounds count; the letters, which tell what the rules for sounds do not know, count for the rest."""
STRANGE: Final = 7.0
"""What a word loses that nobody uses in the questions: the list has thousands of names that are never meant."""
TWO: Final = 4.0
"""What two words lose against one."""
ODD: Final = 1.5
"""What each of two words loses that nobody uses: less, since a part of a word is often no word by itself."""
FEW: Final = 5
"""Candidates by sound of which the likest by letters, too, is taken."""
SHORTEST: Final = 3
"""Letters of a part."""
RULES: Final = tuple(
    (re.compile(spelled), sound)
    for spelled, sound in (
        (r"[^a-z]", ""),
        (r"^(?:kn|gn|pn)", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"^rh", "r"), (r"mb$", "m"),
        (r"[st]ion", "Sn"), (r"[ct]ia(?=[ln])", "S"), (r"tch|ch{1,2}", "C"), (r"sch|sh", "S"), (r"ph", "f"),
        (r"gh(?=t|$)", ""), (r"(?<=[bdgjkptz])h", ""), (r"(?<=[aeiou])h(?![aeiou])", ""),
        (r"dge|j", "J"), (r"ck|q(?!u)", "k"), (r"qu", "kw"), (r"x", "ks"), (r"s?c(?=[eiy])", "s"), (r"c", "k"),
        (r"z", "s"), (r"v", "w"), (r"(?<=.)e$", ""), (r"(?<=[bcdfgklmnprst])le$", "l"),
        (r"ee|ea|ie|y(?![aeiou])", "i"), (r"oo|ou|ew|ue", "u"), (r"ai|ay|ei|ey", "e"), (r"oa|ow|au|aw|oi|oy", "o"),
        (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""Spellings and their sounds, one after the other; capitals are sounds that no letter of English is."""
CONSONANT: Final = re.compile(r"([^aeiou])")


def respellings(strange: Iterable[str], used: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return for each strange word the known word, or two, that sound most like it; left out where none is near.

    used: known words that patients use, which are likelier to be meant. known: all that can be heard.
    """
    near = {word: sounds(word) for word in used if len(word) >= SHORTEST}
    far = {word: sounds(word) for word in known if len(word) >= SHORTEST and word.isalpha()} | near
    found = {word: max(_candidates(word, near, far), default=(0.0, "")) for word in strange}
    return {word: best for word, (score, best) in found.items() if score >= LIKE}


@cache
def sounds(word: str) -> str:
    """Return roughly how a word sounds. Consonants come twice: they weigh more, since vowels differ by voice."""
    sound = word.lower()
    for spelled, heard in RULES:
        sound = spelled.sub(heard, sound)
    return CONSONANT.sub(r"\1\1", sound)


def _candidates(word: str, near: Mapping[str, str], far: Mapping[str, str]) -> Iterator[tuple[float, str]]:
    """Yield (likeness, known words)."""
    for shelf, loss in ((near, 0.0), (far, STRANGE)):
        for _, _, other in process.extract(sounds(word), shelf, scorer=fuzz.ratio, score_cutoff=LIKE, limit=FEW):
            yield _likeness(word, other) - loss, other
    for at in range(SHORTEST, len(word) - SHORTEST + 1):
        parts = [_part(each, near, far) for each in (word[:at], word[at:])]
        if all(parts):
            both = " ".join(filter(None, parts))
            yield _likeness(word, both) - TWO - ODD * sum(part not in near for part in parts), both


def _likeness(word: str, others: str) -> float:
    """Return how much one or two known words are like a strange one, of 100."""
    heard = fuzz.ratio(sounds(word), "".join(map(sounds, others.split())))
    return HEARD * heard + (1 - HEARD) * fuzz.ratio(word, others.replace(" ", ""))


def _part(letters: str, near: Mapping[str, str], far: Mapping[str, str]) -> str | None:
    """Return the known word for a part: itself, else the nearest in sound that patients use."""
    if letters in far:
        return letters
    found = process.extractOne(sounds(letters), near, scorer=fuzz.ratio, score_cutoff=LIKE)
    return found[2] if found else None

"""The words of an utterance in the one form that everything else compares.

Lower case, contractions opened ("can't" → "can not"), digits as words, fillers and politeness gone,
so that "Um, it's my arm, please!" and "it is my arm" are the same question.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import Stemmer

from kiosk.understand.numbers import spoken

LONGEST: Final = 2_000
"""Characters that are read; the cap on a recording (15 s) allows about 300."""

_IRREGULAR: Final = {
    "can't": "can not", "cannot": "can not", "cant": "can not", "won't": "will not", "wont": "will not",
    "shan't": "shall not", "ain't": "is not", "don't": "do not", "dont": "do not", "doesn't": "does not",
    "doesnt": "does not", "didnt": "did not", "isnt": "is not", "wasnt": "was not", "im": "i am", "ive": "i have",
    "its": "it is", "let's": "let us", "gonna": "going to", "wanna": "want to", "gotta": "got to",
    "gimme": "give me", "lemme": "let me", "dunno": "do not know", "kinda": "kind of", "sorta": "sort of",
    "cuz": "because", "'cause": "because", "ok": "okay", "y'all": "you all", "thats": "that is",
    "whats": "what is", "'em": "them", "innit": "is it not", "dr": "doctor", "physios": "physio",
    "whatsapp": "message", "afterwards": "after", "afterward": "after", "pls": "please",
}  # fmt: skip
_SUFFIXES: Final = (
    ("n't", " not"), ("'re", " are"), ("'m", " am"), ("'ve", " have"), ("'ll", " will"), ("'d", " would"),
)  # fmt: skip
_WITH_IS: Final = frozenset(
    (
        "it that what there he she who where how here when why this everything something nothing leg arm hand foot"
    ).split()
)
_FILLERS: Final = frozenset(
    (
        "um uh uhm er erm ah eh oh hmm mm mmm huh hm well please kindly sir madam ma'am mam ji na yaar beta "
        "bhai ben actually basically really so like okay sorry excuse"
    ).split()
)
_FILLER_PHRASES: Final = re.compile(
    # Not "what can i ask you" and "do you know": these ask.
    r"\b(?<!what )(?<!do )(?:you know|i mean|sort of|kind of|by the way|excuse me|"
    r"can you tell me|could you tell me|tell me|"
    r"i want(?:ed)? to (?:know|ask)(?: whether| if)?|i would like to (?:know|ask)(?: whether| if)?|"
    r"i (?:just )?wonder(?:ed)? (?:whether|if)|i was wondering (?:whether|if)?|one (?:doubt|question)(?: is there)?|"
    r"i have (?:a|one|another|some) (?:question|doubt|query)|"
    r"may i ask|can i ask(?: you)?(?: something)?|quick question)\b"
)
_GREETING: Final = re.compile(
    r"^(?:(?:hello|hi|hey|namaste|namaskar|good (?:morning|afternoon|evening)|doctor|saab|there)\b ?)+(?=\S+ \S+ \S)"
)
"""A greeting before a question of three words or more is no part of it."""

_stemmer = Stemmer.Stemmer("english", 0)  # it keeps nothing itself: `stem` does, and its own store is for one thread


def words(text: str) -> list[str]:
    """Return the words of `text`, normalised; at most `LONGEST` characters are read. Never raises."""
    tokens = _opened(_letters(text[:LONGEST]))
    without = _FILLER_PHRASES.sub(" ", " ".join(tokens)).split()
    kept = _GREETING.sub("", " ".join(token for token in without if token not in _FILLERS)).split()
    # An utterance made of fillers only keeps them: "okay" and "sorry" are answers of a kind.
    return kept or tokens


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a word without its ending: "needling", "needles" → "needl"."""
    return str(_stemmer.stemWord(word))


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'").replace("\u2018", "'"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _opened(text: str) -> list[str]:
    tokens: list[str] = []
    for token in re.findall(r"[a-z]+(?:'[a-z]+)*|'(?:cause|em)\b|\d+", text):
        tokens += _open(token)
    return tokens


@lru_cache(maxsize=20_000)
def _open(token: str) -> tuple[str, ...]:
    if token.isdigit():
        return tuple(spoken(int(token[:4])))
    if token in _IRREGULAR:
        return tuple(_IRREGULAR[token].split())
    for suffix, opened in _SUFFIXES:
        if token.endswith(suffix):
            return (token.removesuffix(suffix), opened.strip())
    if token.endswith("'s"):
        head = token.removesuffix("'s")
        return (head, "is") if head in _WITH_IS else (head,)
    return (token,)

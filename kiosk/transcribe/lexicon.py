"""The words that a Vosk model can hear: what stands in the table of its language model."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

LISTED: Final = Path("graph") / "words.txt"
"""Where large models list their words, one a line before a number."""
PACKED: Final = Path("graph") / "Gr.fst"
"""Where small models hold them: OpenFst's table of symbols inside its file of the language model."""
MAGIC: Final = struct.pack("<i", 2125658996)
"""How OpenFst begins a table of symbols."""
NO_WORDS: Final = ("<", "#", "!", "[")
"""How entries begin that stand for the ends of sentences, silence and noise."""


def lexicon(model: Path) -> tuple[str, ...]:
    """Return every word that the model in this folder can hear; none where it keeps them in another way."""
    try:
        if (model / LISTED).is_file():
            lines = (model / LISTED).read_text(encoding="utf-8").splitlines()
            found = [line.split()[0] for line in lines if line]
        else:
            found = _symbols((model / PACKED).read_bytes())
    except (OSError, ValueError, struct.error):
        return ()
    return tuple(word for word in found if not word.startswith(NO_WORDS))


def _symbols(raw: bytes) -> list[str]:
    """Return the symbols of the first table: each is its length, its letters and its number."""
    at = raw.index(MAGIC) + len(MAGIC)
    (length,) = struct.unpack_from("<i", raw, at)  # the table's own name
    _, count = struct.unpack_from("<qq", raw, at + 4 + length)
    at += 4 + length + 16
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from("<i", raw, at)
        found.append(raw[at + 4 : at + 4 + length].decode())
        at += 4 + length + 8
    return found

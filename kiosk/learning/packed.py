"""What was read and learned, as bytes: to keep it between starts, and to hand it to another process.

JSON and numbers, not pickle: what lies in a cache may be anything, and must not be run. Whatever is
unpacked raises `ValueError`, `KeyError` or `TypeError` if it is something else.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import accumulate, pairwise
from typing import Any, Final

from kiosk.terms import Concept, Example, Fault, Group, Intent, Phrasebook
from kiosk.understand.ending import Endings
from kiosk.understand.vocabulary import Patterns
from kiosk.understand.weights import Table, Weights

Raw = bytes | memoryview
LENGTHS: Final = 1000
"""Bytes within which the line ends that tells how long the parts are."""

Samples = Mapping[str, tuple[str, ...]]
"""Each sample question's normalised words, and the intents that answer it."""


def checked_bytes(phrasebook: Phrasebook, faults: Iterable[Fault]) -> bytes:
    """Return a phrasebook, and what is wrong in its files."""
    return joined(json.dumps([asdict(fault) for fault in faults]).encode(), phrasebook_bytes(phrasebook))


def read_checked(raw: Raw) -> tuple[Phrasebook, list[Fault]]:
    """Return what `checked_bytes` was given."""
    faults, phrasebook = parted(raw)
    return read_phrasebook(phrasebook), [Fault(**each) for each in json.loads(bytes(faults))]


def phrasebook_bytes(phrasebook: Phrasebook) -> bytes:
    """Return the phrasebook as UTF-8."""
    labels = list(dict.fromkeys(example.intents for example in phrasebook.examples))
    number = {intents: place for place, intents in enumerate(labels)}
    whole = {
        "clinic": dict(phrasebook.clinic),
        "groups": [asdict(group) for group in phrasebook.groups],
        "intents": [asdict(intent) for intent in phrasebook.intents.values()],
        "replies": dict(phrasebook.replies),
        "labels": labels,
        # Three plain lists, not one of 32,000 objects: a third of the time to read.
        "texts": [example.text for example in phrasebook.examples],
        "labelled": [number[example.intents] for example in phrasebook.examples],
        "misheard": [int(example.misheard) for example in phrasebook.examples],
        "concepts": [asdict(concept) for concept in phrasebook.concepts],
        "screen": dict(phrasebook.screen),
        "fingerprint": phrasebook.fingerprint,
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def read_phrasebook(raw: Raw) -> Phrasebook:
    """Return the phrasebook of `phrasebook_bytes`."""
    whole: dict[str, Any] = json.loads(bytes(raw))
    labels = [tuple(intents) for intents in whole["labels"]]
    intents = [Intent(**_with_tuples(each, "questions", "related")) for each in whole["intents"]]
    columns = zip(whole["texts"], whole["labelled"], whole["misheard"], strict=True)
    return Phrasebook(
        clinic=whole["clinic"],
        groups=tuple(Group(**each) for each in whole["groups"]),
        intents={intent.id: intent for intent in intents},
        replies=whole["replies"],
        examples=tuple(Example(text, labels[label], bool(misheard)) for text, label, misheard in columns),
        concepts=tuple(Concept(**_with_tuples(each, "expressions")) for each in whole["concepts"]),
        screen=whole["screen"],
        fingerprint=whole["fingerprint"],
    )


def _with_tuples(entry: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return `entry` with its lists as the tuples they were."""
    return entry | {key: tuple(entry[key]) for key in keys}


def table_bytes(table: Table) -> bytes:
    """Return the features that were learned."""
    # Names in one text, in the order of their rows: three times as quick to read as a table with numbers.
    return json.dumps({"names": dict(table.names), "counts": table.counts}).encode()


def read_table(raw: Raw) -> Table:
    """Return the features of `table_bytes`."""
    return Table(**json.loads(bytes(raw)))


def weights_bytes(weights: Weights) -> bytes:
    """Return the weights without their table: JSON that describes them, then the numbers as this machine has them."""
    head = {"labels": weights.labels, "step": weights.step}
    return joined(json.dumps(head).encode(), *map(bytes, (weights.rarity, weights.rows, weights.bias)))


def read_weights(raw: Raw, table: Table) -> Weights:
    """Return the weights of `weights_bytes`, whose numbers stay where they are."""
    described, rarity, rows, bias = parted(raw)
    head: dict[str, Any] = json.loads(bytes(described))
    return Weights(tuple(head["labels"]), table, rarity.cast("f"), rows.cast("h"), head["step"], bias.cast("f"))


def samples_bytes(samples: Samples) -> bytes:
    """Return the sample questions, each intent's together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for text, intents in samples.items():
        together.setdefault(intents, []).append(text)
    return json.dumps([(intents, "\n".join(texts)) for intents, texts in together.items()]).encode()


def read_samples(raw: Raw) -> Samples:
    """Return the sample questions of `samples_bytes`."""
    return {text: tuple(intents) for intents, texts in json.loads(bytes(raw)) for text in texts.split("\n")}


def patterns_bytes(patterns: Patterns) -> bytes:
    """Return the vocabulary's expressions, each concept's together."""
    together: dict[str, list[str]] = {}
    for concept, pattern in patterns:
        together.setdefault(concept, []).append(" ".join(pattern))
    return json.dumps({concept: "\n".join(listed) for concept, listed in together.items()}).encode()


def read_patterns(raw: Raw) -> Patterns:
    """Return the expressions of `patterns_bytes`."""
    together: dict[str, str] = json.loads(bytes(raw))
    return [(concept, tuple(each.split())) for concept, listed in together.items() for each in listed.split("\n")]


def endings_bytes(endings: Endings) -> bytes:
    """Return what was learned of endings."""
    return joined(endings.names.encode(), bytes(endings.weights), json.dumps(endings.bias).encode())


def read_endings(raw: Raw) -> Endings:
    """Return the endings of `endings_bytes`."""
    names, weights, bias = parted(raw)
    return Endings(bytes(names).decode(), array("f", bytes(weights)), json.loads(bytes(bias)))


def joined(*parts: bytes) -> bytes:
    """Return the parts as one: a line that tells their lengths, then each."""
    return b"\n".join((json.dumps([len(part) for part in parts]).encode(), b"".join(parts)))


def parted(raw: Raw) -> list[memoryview]:
    """Return the parts of `joined`, where they are."""
    line = bytes(raw[:LENGTHS]).index(b"\n")
    ends = accumulate(json.loads(bytes(raw[:line])), initial=line + 1)
    return [memoryview(raw)[start:end] for start, end in pairwise(ends)]

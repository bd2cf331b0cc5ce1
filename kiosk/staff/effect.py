"""What a draft would change for patients: known questions that would get another answer.

Known are the sample questions and, where they are there, the project's test questions. They are asked as
patients ask them, so a sample question itself always gets its own answer; that a warning sign is no longer
caught when said a little differently shows in the test questions and in `Effect.weaker`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from kiosk.converse.answer import answer
from kiosk.learning import learn
from kiosk.learning.reload import fitted
from kiosk.staff.editor import Draft, Editor
from kiosk.terms import Answer, ContentError, KioskError, Phrasebook, Transcript
from kiosk.understand import Understander

CANCELLED: Final = "It was given up before the effect was known."


@dataclass(frozen=True, slots=True)
class Change:
    """A known question that would get another answer."""

    question: str
    before: tuple[str, ...]
    """Ids of the intents it is answered with now; empty: refused."""
    after: tuple[str, ...]
    """Ids of the intents it would be answered with."""
    asked_back: bool = False
    """True where the kiosk would ask back: `after` are the choices."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a draft would change."""

    draft: str
    """`Draft.digest` of the draft that was weighed."""
    changed: tuple[Change, ...] = ()
    """Known questions (sample questions, the project's test questions) that would get another answer."""
    lost: tuple[Change, ...] = ()
    """Warning signs among them that are recognised now and would not be: `Editor.save` refuses such a draft."""
    weaker: tuple[Change, ...] = ()
    """Warning signs among the sample questions that are still answered word for word, but no longer when
    said a little differently. A caution to staff, no refusal."""


class Stage(Enum):
    """How far a weighing is."""

    CHECKING = "checking"
    LEARNING = "learning"
    """The longest: about ten seconds; left out where nothing that is learned from changes."""
    COMPARING = "comparing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """`Weighing.error` tells why: faults of form (`ContentError`), most likely."""


class Weighing:
    """Learns with a draft and compares, in a thread of its own that begins at once."""

    def __init__(self, editor: Editor, draft: Draft, before: Understander, cache: Path, tests: Path | None) -> None:
        """Take the draft, what understands now, where learned weights are kept, and the test questions if any."""
        self._editor = editor
        self._draft = draft
        self._before = before
        self._cache = cache
        self._tests = tests
        self._stage = Stage.CHECKING
        self._understander: Understander | None = None
        self._effect: Effect | None = None
        self._error: KioskError | None = None
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weighing", daemon=True)
        self._thread.start()

    @property
    def stage(self) -> Stage:
        """How far it is."""
        return self._stage

    @property
    def understander(self) -> Understander | None:
        """What would understand with the draft, to try it: soon with the present weights, then with its own."""
        return self._understander

    @property
    def effect(self) -> Effect | None:
        """What was found, once `stage` is DONE."""
        return self._effect

    @property
    def error(self) -> KioskError | None:
        """Why it failed, if it did."""
        return self._error

    def cancel(self) -> None:
        """Give up; returns at once."""
        self._cancelled.set()
        if self._stage not in (Stage.DONE, Stage.FAILED):
            self._stage = Stage.CANCELLED

    def wait(self, seconds: float | None = None) -> Effect:
        """Return the effect when it is known; raises `error`, or `KioskError` when cancelled or not ready by then."""
        self._thread.join(seconds)
        if self._error is not None:
            raise self._error
        if self._effect is None:
            raise KioskError(CANCELLED if self._cancelled.is_set() else "The effect is not known yet.", "Try again.")
        return self._effect

    def _run(self) -> None:
        try:
            effect = self._weighed()
        except _GivenUpError:
            self._stage = Stage.CANCELLED
        except KioskError as error:
            self._error, self._stage = error, Stage.FAILED
        except OSError as error:
            told = KioskError(
                "The effect could not be found out, for the kiosk cannot write to its disk.",
                "Nothing was changed. Is the disk full? `kiosk doctor` tells.",
            )
            told.__cause__ = error
            self._error, self._stage = told, Stage.FAILED
        except Exception as error:  # noqa: BLE001 - the page must hear of it, whatever it was
            told = KioskError(f"The effect could not be found out ({type(error).__name__}).", "Nothing was changed.")
            told.__cause__ = error
            self._error, self._stage = told, Stage.FAILED
        else:
            self._effect, self._stage = effect, Stage.DONE

    def _weighed(self) -> Effect:
        phrasebook, faults = self._editor.check(self._draft)
        if phrasebook is None:
            raise ContentError([fault for fault in faults if not fault.warning])
        learned = fitted(self._before.learned, phrasebook.intents)
        self._understander = after = Understander(phrasebook, learned)
        if phrasebook.fingerprint != self._before.phrasebook.fingerprint:
            self._go_on(Stage.LEARNING)
            learned = learn.learned_for(phrasebook, self._cache, draft=True)
            self._understander = after = Understander(phrasebook, learned)
        self._go_on(Stage.COMPARING)
        return effect(self._draft.digest, self._before, after, tests(self._tests), self._cancelled)

    def _go_on(self, stage: Stage) -> None:
        if self._cancelled.is_set():
            raise _GivenUpError
        self._stage = stage


class _GivenUpError(Exception):
    """Nobody wants to know any more."""


def effect(
    draft: str,
    before: Understander,
    after: Understander,
    questions: Mapping[str, Sequence[str]],
    cancelled: threading.Event,
) -> Effect:
    """Return what changes from one understander to the next, over all samples of both and other `questions`.

    questions: text → the intents that it needs. A question taken for a warning sign that it is not may lose it.
    """
    relearned = before.phrasebook.fingerprint != after.phrasebook.fingerprint
    kinds = _kinds(before.phrasebook), _kinds(after.phrasebook)
    if not relearned and kinds[0] == kinds[1]:
        return Effect(draft)
    samples = _samples(before.phrasebook), _samples(after.phrasebook)
    needs = {**questions, **samples[1], **samples[0]}
    # A sample that stands in both under intents of the same kind gets what it got: most need not be asked.
    kept = {
        text
        for text, intents in samples[0].items()
        if intents == samples[1].get(text) and all(kinds[0][name] == kinds[1][name] for name in intents)
    }
    changed = _compared([text for text in needs if text not in kept], before, after, cancelled)
    urgent = {name for name, (is_urgent, _) in kinds[0].items() if is_urgent}
    lost = [each for each in changed if _is_lost(each, before, after) and not urgent.isdisjoint(needs[each.question])]
    weaker: list[Change] = []
    if relearned:
        signs = [text for text, intents in samples[0].items() if text in kept and not urgent.isdisjoint(intents)]
        alone = _by_weights(before), _by_weights(after)
        weaker = [each for each in _compared(signs, *alone, cancelled) if _is_lost(each, *alone)]
    return Effect(draft, tuple(changed), tuple(lost), tuple(weaker))


def tests(folder: Path | None) -> Mapping[str, Sequence[str]]:
    """Return the project's test questions with the intents they need; none where the folder is not there."""
    found = {}
    for path in sorted(folder.glob("*.jsonl")) if folder else ():
        with suppress(OSError, ValueError, KeyError, TypeError):
            entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
            found.update({str(entry["text"]): tuple(entry["topics"]) for entry in entries})
    return found


def _compared(
    texts: Iterable[str], before: Understander, after: Understander, cancelled: threading.Event
) -> list[Change]:
    """Return the questions that get another answer."""
    changed = []
    for text in texts:
        if cancelled.is_set():
            raise _GivenUpError
        was, will = _asked(text, before), _asked(text, after)
        if (was.intents, was.outcome, was.urgent) != (will.intents, will.outcome, will.urgent):
            changed.append(Change(text, was.intents, will.intents, asked_back=will.outcome == "clarify"))
    return changed


def _is_lost(change: Change, before: Understander, after: Understander) -> bool:
    """Tell whether it was answered with a warning sign and no longer is; nobody is asked back about one."""
    return _has_sign(change.before, before) and not _has_sign(change.after, after)


def _has_sign(intents: Iterable[str], understander: Understander) -> bool:
    return any(understander.phrasebook.intents[name].urgent for name in intents)


def _asked(text: str, understander: Understander) -> Answer:
    return answer(understander.understand(Transcript(text)), understander.phrasebook)


def _samples(phrasebook: Phrasebook) -> dict[str, tuple[str, ...]]:
    return {example.text: example.intents for example in phrasebook.examples if not example.misheard}


def _kinds(phrasebook: Phrasebook) -> dict[str, tuple[bool, bool]]:
    return {name: (intent.urgent, intent.reassuring) for name, intent in phrasebook.intents.items()}


def _by_weights(understander: Understander) -> Understander:
    """Return what understands like `understander`, but knows no sample question by heart."""
    return Understander(replace(understander.phrasebook, examples=(), fingerprint=""), understander.learned)

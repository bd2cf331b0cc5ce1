"""Takes up changes of `intents/` while the kiosk runs, between questions; a broken file changes nothing.

What needs no learning (answers, titles, facts, texts) is live at once. New sample questions are answered at
once too, word for word, with the weights there are; the weights learned with them follow. Only a new intent
waits until it is learned: without weights, the patients' own words would not reach it.
"""

from __future__ import annotations

import logging
import os
import threading
from array import array
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from kiosk.learning import learn, ready
from kiosk.terms import Fault, KioskError, Phrasebook
from kiosk.understand import Understander
from kiosk.understand.weights import NONE, Learned, Weights

GLANCE: Final = 0.4
"""Seconds between looks while nothing changes."""
SOON: Final = 0.1
"""Seconds between looks while something does. Sixty `stat` calls take half a millisecond and work on every system and
every disk, network shares included; notices of the system need a library and do not."""
NEVER: Final = -3.0
"""The score of an intent that nothing was learned for yet: below all others."""

_log = logging.getLogger(__name__)

Take = Callable[[Understander], None]
Seen = Mapping[str, tuple[int, int, int]]


class Reloader:
    """Watches a folder of intents from the beginning to the end of the context."""

    def __init__(self, folder: Path, cache: Path, now: Understander, take: Take) -> None:
        """Take the folder, where learned weights are kept, what understands now, and who takes the next.

        `take` is called in threads of the reloader with each new understander: `kiosk.converse.session.Session.adopt`.
        """
        self._folder = folder
        self._cache = cache
        self._take = take
        self._now = now
        self._faults: tuple[Fault, ...] = ()
        self._taken: Seen | None = None
        """What was read last; at first nothing, since the files may have changed since `now` was made."""
        self._wanted = now.phrasebook
        """The latest good content."""
        self._learned = now.learned
        self._lesson = now.phrasebook.fingerprint
        """What the weights in use were learned from."""
        self._unlearnable = ""
        """What learning failed with: not tried again until it changes."""
        self._changed = threading.Condition()
        """Guards all of these, and the order of what is given."""
        self._ended = threading.Event()
        self._threads = (
            threading.Thread(target=self._watch, name="reload", daemon=True),
            threading.Thread(target=self._learn, name="learn", daemon=True),
        )

    @property
    def understander(self) -> Understander:
        """The latest that was given to `take`."""
        return self._now

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong in the files now; errors among them mean that the last good content goes on."""
        return self._faults

    @property
    def learning(self) -> bool:
        """True while the weights of the latest change are still being learned."""
        return self._wanted.fingerprint not in (self._lesson, self._unlearnable)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        with self._changed:
            self._changed.notify_all()
        self._threads[0].join()  # the other may be learning, which nobody needs any more

    # --- watching ---
    def _watch(self) -> None:
        before: Seen = {}
        pause = SOON
        while not self._ended.wait(pause):
            seen = _snapshot(self._folder)
            # Only once two looks agree: an editor that is still writing is waited for.
            if seen == before and seen != self._taken:
                self._read(seen)
            pause = GLANCE if seen == self._taken else SOON
            before = seen

    def _read(self, seen: Seen) -> None:
        try:
            phrasebook, faults = ready.check(self._folder, self._cache)
        except KioskError as error:
            self._taken = seen
            self._tell((Fault(self._folder.name, 1, error.what),))
            return
        except Exception:  # noqa: BLE001 - whatever is in the files, the kiosk goes on
            _log.exception("The intent files could not be read; the last good content goes on.")
            self._taken = seen
            return
        if _snapshot(self._folder) != seen:
            return  # read while it was changed: perhaps half old, half new
        self._taken = seen
        self._tell(tuple(faults))
        if phrasebook is not None:
            self._offer(phrasebook)

    def _tell(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults for staff, and log them when they are new."""
        errors = [fault for fault in faults if not fault.warning]
        if errors and faults != self._faults:
            told = "\n".join(f"  {fault}" for fault in errors)
            _log.warning("The intent files have faults; the last good content goes on:\n%s", told)
        self._faults = faults

    def _offer(self, phrasebook: Phrasebook) -> None:
        with self._changed:
            same = phrasebook == self._now.phrasebook
            self._wanted = self._now.phrasebook if same else phrasebook  # not twice in memory
            if not same and phrasebook.intents.keys() <= set(self._learned.typed.labels):
                self._give(self._with_present_weights(phrasebook))
            self._changed.notify_all()

    def _with_present_weights(self, phrasebook: Phrasebook) -> Understander:
        if phrasebook.fingerprint == self._now.phrasebook.fingerprint:
            same = copy(self._now)  # the samples and the vocabulary are the same, and take half a second to index
            same.phrasebook = phrasebook
            return same
        return Understander(phrasebook, fitted(self._learned, phrasebook.intents))

    def _give(self, understander: Understander) -> None:
        self._now = understander
        self._take(understander)

    # --- learning ---
    def _learn(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self.learning or self._ended.is_set())
                if self._ended.is_set():
                    return
                phrasebook = self._wanted
            try:
                learned = learn.learned_for(phrasebook, self._cache)
            except Exception:  # noqa: BLE001 - likewise
                _log.exception("The sample questions could not be learned; the weights before them go on.")
                self._unlearnable = phrasebook.fingerprint
                continue
            understander = Understander(phrasebook, learned)
            with self._changed:
                if self._wanted.fingerprint != phrasebook.fingerprint:
                    continue  # they were changed meanwhile: what was learned is of no use any more
                self._learned, self._lesson = learned, phrasebook.fingerprint
                understander.phrasebook = self._wanted  # the answers may have changed meanwhile
                self._give(understander)


def fitted(learned: Learned, intents: Collection[str]) -> Learned:
    """Return the weights for exactly these intents: those of others are dropped, and those of new ones never win."""
    return replace(learned, typed=_fitted(learned.typed, intents), heard=_fitted(learned.heard, intents))


def _fitted(weights: Weights, intents: Collection[str]) -> Weights:
    labels = (*intents, NONE)
    width, height = len(weights.labels), len(weights.rarity)
    if set(labels) == set(weights.labels):
        return weights
    places = [weights.labels.index(label) if label in weights.labels else None for label in labels]
    columns = [array("h", bytes(2 * height)) if at is None else weights.rows[at::width] for at in places]
    return replace(
        weights,
        labels=labels,
        rows=array("h", chain.from_iterable(zip(*columns, strict=True))),
        bias=array("f", [NEVER if at is None else weights.bias[at] for at in places]),
    )


def _snapshot(folder: Path) -> Seen:
    """Return what tells every file of the folder from what it was: its time, size and number."""
    seen = {}
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.startswith("."):
                continue
            path = os.path.join(root, name)  # noqa: PTH118 - a tenth of pathlib's time, all day long
            try:
                found = os.stat(path)  # noqa: PTH116 - likewise
            except OSError:
                continue
            seen[path] = (found.st_mtime_ns, found.st_size, found.st_ino)
    return seen

"""Forms in, drafts out, and saving: all that staff do to the files of `intents/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.staff.history import Version
from kiosk.terms import Fault, KioskError, Phrasebook

if TYPE_CHECKING:
    from kiosk.staff.effect import Change, Effect


@dataclass(frozen=True, slots=True)
class IntentForm:
    """One intent as its file has it: facts still by name ({desk})."""

    id: str
    group: str
    title: str
    answer: str
    source: str
    questions: tuple[str, ...]
    related: tuple[str, ...] = ()
    urgent: bool = False
    reassuring: bool = False
    digest: str = ""
    """Of the file it was read from; a save from an older one is a `Conflict`. Empty for a new intent."""

    @property
    def file(self) -> str:
        """Return where it stands below `intents/`."""
        return f"{self.group}/{self.id}.yaml"


@dataclass(frozen=True, slots=True)
class ListForm:
    """A named list of lines: a concept with its expressions, or a file of out-of-scope questions."""

    name: str
    """The concept's id; for out-of-scope questions the file's name without ending, such as `everyday`."""
    title: str
    """For out-of-scope questions; a concept has none."""
    lines: tuple[str, ...]
    digest: str = ""
    """Of the file it was read from; empty for a new one."""


@dataclass(frozen=True, slots=True)
class FactsForm:
    """The facts of `clinic.yaml` by name, in their order."""

    facts: Mapping[str, str]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """New texts of files, not yet written; made only by `Editor`."""

    files: Mapping[str, str | None]
    """Text by file (a path below `intents/`); None removes the file."""
    made_from: Mapping[str, str]
    """Digest of each of these files as they were read; empty where there was none."""

    @property
    def digest(self) -> str:
        """Return what tells this draft from every other."""
        raise NotImplementedError


class Conflict(KioskError):  # noqa: N818 - what it is: two versions, neither of them wrong
    """A file was changed on disk since the form was read: nothing was written."""

    def __init__(self, file: str, mine: str, theirs: str) -> None:
        super().__init__(
            f"{file} was changed meanwhile, by hand or by somebody else; nothing was saved.",
            "Compare both versions, and make your change again on top of the other.",
        )
        self.file = file
        self.mine = mine
        """What was to be saved; empty where the file was to be removed."""
        self.theirs = theirs
        """What stands on the disk; empty where the file is gone."""


class Lost(KioskError):  # noqa: N818 - what it is: a warning sign
    """A warning sign would no longer be recognised: nothing was written."""

    def __init__(self, lost: tuple[Change, ...]) -> None:
        questions = "\n".join(f"  {change.question}" for change in lost)
        super().__init__(
            f"With this change a warning sign would be missed, so it was not saved:\n{questions}",
            "Take back what concerns these questions, or ask a developer.",
        )
        self.lost = lost


class Editor:
    """Reads and writes one folder of intents. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, history: Path) -> None:
        """Take the folder `intents/`, and the folder outside it that keeps earlier versions (may not exist yet)."""
        self.folder = folder
        self._history = history

    # --- read: each raises KioskError where there is no such thing, ContentError where its file must be mended first ---
    def intents(self) -> tuple[IntentForm, ...]:
        """Return every intent that can be read, by group and id."""
        raise NotImplementedError

    def intent(self, name: str) -> IntentForm:
        """Return one intent."""
        raise NotImplementedError

    def refused(self) -> tuple[ListForm, ...]:
        """Return the lists of out-of-scope questions."""
        raise NotImplementedError

    def concepts(self) -> tuple[ListForm, ...]:
        """Return the vocabulary, in its order."""
        raise NotImplementedError

    def facts(self) -> FactsForm:
        """Return the clinic's facts."""
        raise NotImplementedError

    # --- drafts: nothing is written; each raises KioskError for a wrong name (path tricks included) ---
    def change_intent(self, form: IntentForm) -> Draft:
        """Return the draft with this intent as in `form`; id and group must be those of a file."""
        raise NotImplementedError

    def add_intent(self, form: IntentForm) -> Draft:
        """Return the draft with a new intent in an existing group."""
        raise NotImplementedError

    def rename_intent(self, form: IntentForm, new: str) -> Draft:
        """Return the draft in which the id is `new`, here and wherever it is named (related, compound, misheard)."""
        raise NotImplementedError

    def retire_intent(self, form: IntentForm) -> Draft:
        """Return the draft without this intent, here and wherever it is named. It can be brought back."""
        raise NotImplementedError

    def change_refused(self, form: ListForm) -> Draft:
        """Return the draft with this list of out-of-scope questions, which may be a new one."""
        raise NotImplementedError

    def change_concept(self, form: ListForm) -> Draft:
        """Return the draft with this concept, which may be a new one."""
        raise NotImplementedError

    def rename_concept(self, form: ListForm, new: str) -> Draft:
        """Return the draft in which the concept is called `new`."""
        raise NotImplementedError

    def retire_concept(self, form: ListForm) -> Draft:
        """Return the draft without this concept."""
        raise NotImplementedError

    def change_facts(self, form: FactsForm) -> Draft:
        """Return the draft with these facts: changed, added (at the end) or left out."""
        raise NotImplementedError

    def bring_back(self, version: Version) -> Draft:
        """Return the draft in which the files of `version` are as they were before it."""
        raise NotImplementedError

    # --- judge and save ---
    def check(self, draft: Draft) -> tuple[Phrasebook | None, list[Fault]]:
        """Return what the kiosk would read with this draft (None if it could not), and every fault."""
        raise NotImplementedError

    def save(self, draft: Draft, effect: Effect, reason: str) -> Version:
        """Write all files of the draft, or none, and keep what they were.

        effect: what `Weighing` found for this very draft.
        Raises `ContentError` for faults, `Lost` for a warning sign that would be missed, `Conflict` for a file
        changed meanwhile, and `KioskError` where it cannot be written (disk full, read-only); then all is as it was.
        """
        raise NotImplementedError

    def versions(self, file: str = "") -> tuple[Version, ...]:
        """Return every save, the newest first; with `file`, those that changed it."""
        raise NotImplementedError

    def version(self, name: str) -> Version:
        """Return one save by its id; raises `KioskError` where there is none."""
        raise NotImplementedError

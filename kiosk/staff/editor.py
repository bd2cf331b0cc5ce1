"""Forms in, drafts out, and saving: all that staff do to the files of `intents/`."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import yaml
from filelock import Timeout

from kiosk.intents import content, journal, sense
from kiosk.staff import history, written
from kiosk.staff.history import Version
from kiosk.terms import ContentError, Fault, KioskError, Phrasebook

if TYPE_CHECKING:
    from kiosk.staff.effect import Change, Effect

BUILT_IN: Final = frozenset({"emergency", "goodbye", "help", "repeat"})
"""Intents that the program itself knows by name."""
CLINIC: Final = "clinic.yaml"
COMPOUND: Final = "compound.yaml"
GROUPS: Final = "groups.yaml"
MISHEARD: Final = "misheard.txt"
OUT_OF_SCOPE: Final = "out_of_scope"
VOCABULARY: Final = "vocabulary.yaml"


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
        return _digest(json.dumps([dict(self.files), dict(self.made_from)], sort_keys=True).encode())


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

    # --- read: raises KioskError where there is no such thing, ContentError where its file must be mended first ---
    def intents(self) -> tuple[IntentForm, ...]:
        """Return every intent that can be read, by group and id."""
        forms = []
        for group in self._groups():
            for path in sorted((self.folder / group).glob("[!.]*.yaml")):
                with suppress(KioskError):
                    forms.append(self._intent(f"{group}/{path.name}"))
        return tuple(forms)

    def intent(self, name: str) -> IntentForm:
        """Return one intent."""
        return self._intent(self._file_of(name))

    def refused(self) -> tuple[ListForm, ...]:
        """Return the lists of out-of-scope questions."""
        forms = []
        for path in sorted((self.folder / OUT_OF_SCOPE).glob("[!.]*.yaml")):
            file = self._read(f"{OUT_OF_SCOPE}/{path.name}")
            title, questions = file.fields.get("title", ""), file.fields.get("questions", ())
            forms.append(ListForm(path.stem, str(title), tuple(questions), file.digest))
        return tuple(forms)

    def concepts(self) -> tuple[ListForm, ...]:
        """Return the vocabulary, in its order."""
        file = self._read(VOCABULARY)
        return tuple(ListForm(name, "", tuple(lines), file.digest) for name, lines in file.fields.items())

    def facts(self) -> FactsForm:
        """Return the clinic's facts."""
        file = self._read(CLINIC)
        return FactsForm({name: str(text) for name, text in file.fields.items()}, file.digest)

    def standing(self, file: str) -> tuple[str, str]:
        """Return what stands in a file now, faults and all, and its digest; both empty where there is none."""
        raw = self._bytes(file)
        return ("", "") if raw is None else (raw.decode("utf-8", "replace"), _digest(raw))

    # --- drafts: nothing is written; each raises KioskError for a wrong name (path tricks included) ---
    def change_intent(self, form: IntentForm) -> Draft:
        """Return the draft with this intent as in `form`; id and group must be those of a file."""
        if self._file_of(form.id) != form.file:
            raise KioskError(f"The intent {form.id!r} is not in the group {form.group!r}.", "Load the list again.")
        file = self._read(form.file)
        return _draft({form.file: (_with_form(file.text, form), form.digest)})

    def add_intent(self, form: IntentForm) -> Draft:
        """Return the draft with a new intent in an existing group."""
        if form.group not in self._groups():
            raise KioskError(f"There is no group {form.group!r}.", "Choose one of the groups.")
        self._check_free(form.id)
        return _draft({form.file: (_with_form(f"id: {form.id}\n", form), "")})

    def rename_intent(self, form: IntentForm, new: str) -> Draft:
        """Return the draft in which the id is `new`, here and wherever it is named (related, compound, misheard)."""
        self._check_movable(form.id)
        self._check_free(new)
        changed = self.change_intent(form).files.get(form.file) or self._read(form.file).text
        root = written.parse(changed)
        written.put(root, "id", new)
        renamed = replace(form, id=new)
        texts = {form.file: (None, form.digest), renamed.file: (written.dumped(root, changed), "")}
        return _draft(texts | self._mentions(form.id, new, without=form.file))

    def retire_intent(self, form: IntentForm) -> Draft:
        """Return the draft without this intent, here and wherever it is named. It can be brought back."""
        self._check_movable(form.id)
        file = self._file_of(form.id)
        return _draft({file: (None, form.digest)} | self._mentions(form.id, None, without=file))

    def change_refused(self, form: ListForm) -> Draft:
        """Return the draft with this list of out-of-scope questions, which may be a new one."""
        _check_name(form.name)
        name = f"{OUT_OF_SCOPE}/{form.name}.yaml"
        there = (self.folder / name).exists()
        text = self._read(name).text if there else f"title: {form.name}\n"
        root = written.parse(text)
        written.put(root, "title", form.title)
        written.put_list(root, "questions", form.lines)
        return _draft({name: (written.dumped(root, text), form.digest)})

    def rename_refused(self, form: ListForm, new: str) -> Draft:
        """Return the draft in which the file of this list of out-of-scope questions is called `new`."""
        _check_name(new)
        if (self.folder / OUT_OF_SCOPE / f"{new}.yaml").exists():
            raise KioskError(f"There is already a list {new!r}.", "Choose another name.")
        ((old, text),) = self.change_refused(form).files.items()
        return _draft({old: (None, form.digest), f"{OUT_OF_SCOPE}/{new}.yaml": (text, "")})

    def retire_refused(self, form: ListForm) -> Draft:
        """Return the draft without this list of out-of-scope questions. It can be brought back."""
        _check_name(form.name)
        return _draft({f"{OUT_OF_SCOPE}/{form.name}.yaml": (None, form.digest)})

    def change_concept(self, form: ListForm) -> Draft:
        """Return the draft with this concept, which may be a new one."""
        _check_name(form.name)
        text = self._read(VOCABULARY).text
        root = written.parse(text)
        written.put_list(root, form.name, form.lines)
        return _draft({VOCABULARY: (written.dumped(root, text), form.digest)})

    def rename_concept(self, form: ListForm, new: str) -> Draft:
        """Return the draft in which the concept is called `new`."""
        _check_name(new)
        text = self._read(VOCABULARY).text
        root = written.parse(text)
        if new in root or form.name not in root:
            raise KioskError(f"{form.name!r} cannot be called {new!r}.", "Is it there, and the new name still free?")
        written.put_list(root, form.name, form.lines)
        written.rename(root, form.name, new)
        return _draft({VOCABULARY: (written.dumped(root, text), form.digest)})

    def retire_concept(self, form: ListForm) -> Draft:
        """Return the draft without this concept."""
        return self.change_concept(replace(form, lines=()))

    def change_facts(self, form: FactsForm) -> Draft:
        """Return the draft with these facts: changed, added (at the end) or left out."""
        text = self._read(CLINIC).text
        root = written.parse(text)
        for name, fact in form.facts.items():
            _check_name(name)
            written.put(root, name, fact)
        for name in [name for name in root if name not in form.facts]:
            del root[name]
        return _draft({CLINIC: (written.dumped(root, text), form.digest)})

    def bring_back(self, version: Version) -> Draft:
        """Return the draft in which the files of `version` are as they were before it."""
        return Draft(version.before, {name: self.standing(name)[1] for name in version.before})

    # --- judge and save ---
    def check(self, draft: Draft) -> tuple[Phrasebook | None, list[Fault]]:
        """Return what the kiosk would read with this draft (None if it could not), and every fault."""
        journal.recover(self.folder)
        with TemporaryDirectory(prefix="kiosk-") as aside:
            # A copy takes some milliseconds, and so the kiosk's own reading judges it, not a second opinion.
            copy = Path(shutil.copytree(self.folder, Path(aside) / "intents", ignore=shutil.ignore_patterns(".*")))
            for name, text in draft.files.items():
                if text is None:
                    (copy / name).unlink(missing_ok=True)
                else:
                    (copy / name).write_text(text, encoding="utf-8", newline="")
            survey = content.survey(copy)
            return survey.phrasebook, sorted({*survey.faults, *sense.of_form(copy, survey)})

    def save(self, draft: Draft, effect: Effect, reason: str) -> Version:
        """Write all files of the draft, or none, and keep what they were.

        effect: what `Weighing` found for this very draft.
        Raises `ContentError` for faults, `Lost` for a warning sign that would be missed, `Conflict` for a file
        changed meanwhile, and `KioskError` where it cannot be written (disk full, read-only); then all is as it was.
        """
        if effect.draft != draft.digest:
            raise KioskError("This change was not looked at as it is now.", "Look at its effect once more, then save.")
        if effect.lost:
            raise Lost(effect.lost)
        if not draft.files:
            raise KioskError("Nothing was changed.")
        journal.recover(self.folder)
        try:
            self._history.mkdir(parents=True, exist_ok=True)
            with journal.lock(self.folder):
                return self._write(draft, reason)
        except Timeout as error:
            raise KioskError("Somebody else is saving at this moment.", "Try again.") from error
        except OSError as error:
            raise KioskError(
                f"This could not be saved: {error.strerror or error}. All is as it was.",
                "Make room on the disk, or see to it that the kiosk may write there.",
            ) from error

    def versions(self, file: str = "") -> tuple[Version, ...]:
        """Return every save, the newest first; with `file`, those that changed it."""
        return tuple(each for each in history.versions(self._history) if not file or file in each.after)

    def version(self, name: str) -> Version:
        """Return one save by its id; raises `KioskError` where there is none."""
        return history.read(self._history, name)

    # --- parts ---
    def _write(self, draft: Draft, reason: str) -> Version:
        before: dict[str, str | None] = {}
        for name, text in draft.files.items():
            raw = self._bytes(name)
            before[name] = None if raw is None else raw.decode("utf-8", "replace")
            if ("" if raw is None else _digest(raw)) != draft.made_from[name]:
                raise Conflict(name, text or "", before[name] or "")
        errors = [fault for fault in self.check(draft)[1] if not fault.warning]
        if errors:
            raise ContentError(errors)
        made = history.version(" ".join(reason.split()), before, draft.files)
        texts = {self.folder / name: text for name, text in draft.files.items()}
        journal.replace(self.folder, {**texts, history.place(self._history, made.id): made.written()})
        return made

    def _read(self, name: str) -> _File:
        """Return a file of the folder; raises `ContentError` if it has faults of form."""
        journal.recover(self.folder)
        try:
            raw = (self.folder / name).read_bytes()
            text = raw.decode("utf-8")
            return _File(text, _digest(raw), _fields(text))
        except (OSError, ValueError, yaml.YAMLError) as error:
            faults = [fault for fault in content.check(self.folder)[1] if fault.file == name and not fault.warning]
            raise ContentError(faults or [Fault(name, 1, "this file cannot be read.")]) from error

    def _bytes(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def _groups(self) -> list[str]:
        return [name for name in self._read(GROUPS).fields if content.ID.fullmatch(name)]

    def _file_of(self, name: str) -> str:
        """Return the file of an intent; raises `KioskError` where there is none."""
        for group in self._groups() if content.ID.fullmatch(name) else ():
            if (self.folder / group / f"{name}.yaml").is_file():
                return f"{group}/{name}.yaml"
        raise KioskError(f"There is no intent {name!r}.", "Load the list again.")

    def _intent(self, name: str) -> IntentForm:
        file = self._read(name)
        group, intent_id = name.removesuffix(".yaml").split("/")
        text = {key: str(file.fields.get(key, "")) for key in ("title", "answer", "source", "urgent", "reassuring")}
        lists = {key: tuple(file.fields.get(key, ())) for key in ("questions", "related")}
        return IntentForm(
            id=intent_id,
            group=group,
            title=text["title"],
            answer=text["answer"],
            source=text["source"],
            questions=lists["questions"],
            related=lists["related"],
            urgent=content.YES_NO.get(text["urgent"].lower(), False),
            reassuring=content.YES_NO.get(text["reassuring"].lower(), False),
            digest=file.digest,
        )

    def _check_free(self, name: str) -> None:
        _check_name(name)
        if any((self.folder / group / f"{name}.yaml").exists() for group in self._groups()):
            raise KioskError(f"There is already an intent {name!r}.", "Choose another id.")

    def _check_movable(self, name: str) -> None:
        if name in BUILT_IN:
            raise KioskError(f"The kiosk itself needs the intent {name!r}.", "Change its texts instead.")

    def _mentions(self, name: str, new: str | None, *, without: str) -> dict[str, tuple[str | None, str]]:
        """Return the other files that name an intent, with its new name in place, or without it."""
        texts: dict[str, tuple[str | None, str]] = {}
        for form in self.intents():
            if name in form.related and form.file != without:
                related = tuple(new or "" if other == name else other for other in form.related if new or other != name)
                old = self._read(form.file)
                texts[form.file] = (_with_form(old.text, replace(form, related=related)), old.digest)
        compound = self._read(COMPOUND)
        text = _compound(compound.text, name, new)
        if text != compound.text:
            texts[COMPOUND] = (text, compound.digest)
        return texts | self._misheard(name, new)

    def _misheard(self, name: str, new: str | None) -> dict[str, tuple[str | None, str]]:
        path = self.folder / MISHEARD
        if not path.is_file():
            return {}
        raw = path.read_bytes()
        old = raw.decode("utf-8", "replace").splitlines(keepends=True)
        lines = [line for line in (_relabelled(line, name, new) for line in old) if line]
        return {} if lines == old else {MISHEARD: ("".join(lines), _digest(raw))}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it stands on the disk."""

    text: str
    digest: str
    fields: Mapping[str, str | list[str]]
    """Of a mapping: the texts and lists of texts by key."""


def _draft(texts: Mapping[str, tuple[str | None, str]]) -> Draft:
    """Return the draft of new texts, each with the digest of what it was made from."""
    files = {name: text for name, (text, _) in texts.items()}
    return Draft(files, {name: digest for name, (_, digest) in texts.items()})


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _check_name(name: str) -> None:
    if not content.ID.fullmatch(name):
        raise KioskError(f"{name!r} cannot be a name.", "Use small letters, digits and _ only, such as ice_or_heat.")


def _with_form(text: str, form: IntentForm) -> str:
    """Return an intent's file with what the form says."""
    root = written.parse(text)
    for key, said in (("title", form.title), ("answer", form.answer)):
        written.put(root, key, said)
    for key, chosen in (("urgent", form.urgent), ("reassuring", form.reassuring)):
        if chosen != content.YES_NO.get(str(root.get(key, "no")).lower()):
            written.put(root, key, "yes" if chosen else "no", after="answer")
    written.put(root, "source", form.source)
    written.put_list(root, "related", form.related, flow=True, after="source")
    written.put_list(root, "questions", form.questions)
    return written.dumped(root, text)


def _compound(text: str, name: str, new: str | None) -> str:
    """Return the file of compound questions with the intent's new name, or without the questions that need it."""
    root = written.parse(text)
    for at in range(len(root) - 1, -1, -1):
        ids = [str(each) for each in root[at]["intents"]]
        if name not in ids:
            continue
        left = [each for each in ids if each != name]
        if new:
            root[at]["intents"][ids.index(name)] = new
        elif len(left) < 2:  # noqa: PLR2004 - two are what a compound question is
            del root[at]
        else:
            written.put_list(root[at], "intents", left, flow=True)
    return written.dumped(root, text)


def _relabelled(line: str, name: str, new: str | None) -> str:
    """Return a line of misheard.txt with the intent's new name; empty where it is of this intent, which goes."""
    label, tab, words = line.partition("\t")
    ids = label.split("+")
    if line.startswith("#") or name not in ids:
        return line
    return f"{'+'.join(new if each == name else each for each in ids)}{tab}{words}" if new else ""


def _fields(text: str) -> Mapping[str, str | list[str]]:
    """Return the texts and lists of a file's mapping; raises `ValueError` for any other form."""
    root = yaml.compose(text.removeprefix("\ufeff"), Loader=content.LOADER)
    if isinstance(root, yaml.SequenceNode):
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("no mapping")  # noqa: TRY004 - of the file, not of an argument
    return {_text(key): _texts(value) for key, value in root.value}


def _texts(node: yaml.Node) -> str | list[str]:
    return [_text(item) for item in node.value] if isinstance(node, yaml.SequenceNode) else _text(node)


def _text(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("no text")  # noqa: TRY004 - of the file, not of an argument
    return " ".join(node.value.split())

"""The answers: a list by group with search, and the form in which one is changed, tried and heard."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from kiosk.converse.turn import sentences
from kiosk.staff import IntentForm
from kiosk.staff_page.changing import WAY, Changing, Plan
from kiosk.staff_page.forms import lines, name
from kiosk.staff_page.trying import Trial, answered, tried
from kiosk.staff_page.vain import forget
from kiosk.terms import Fault, Phrasebook

if TYPE_CHECKING:
    from starlette.responses import Response

    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.forms import Form
    from kiosk.staff_page.paper import Paper

MOST_WORDS: Final = 60
"""Of an answer; patients lose the thread of longer ones."""
FACT: Final = re.compile(r"\{([^{}]*)\}")
HERE: Final = "/staff/"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A group with its answers."""

    id: str
    title: str
    intents: tuple[IntentForm, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """The pages about intents."""

    _desk: Desk
    _paper: Paper
    _changing: Changing

    # --- the list ---
    def list(self, call: Call) -> Response:
        """Show every answer by group, or those in which all words of a search stand."""
        query = call.query.get("q", "").strip()
        wanted = query.lower().split()
        found = [form for form in self._desk.editor.intents() if all(word in _searched(form) for word in wanted)]
        shelves = [
            Shelf(group.id, group.title, tuple(form for form in found if form.group == group.id))
            for group in self._book.groups
        ]
        return self._paper.page(
            "answers.html",
            call=call,
            here=HERE,
            query=query,
            shelves=[shelf for shelf in shelves if shelf.intents],
            count=len(found),
            saved="saved" in call.query,
        )

    # --- one answer ---
    def edit(self, call: Call) -> Response:
        """Show one answer's form, and do what its buttons say."""
        wanted = call.named["name"]
        if not call.sent:
            return self._form(call, self._desk.editor.intent(wanted), saved="saved" in call.query)
        form = read(call.form, wanted)
        match call.form.get("do"):
            case step if step in WAY:
                return self._changing.step(call, self.plan(call, form))
            case "trial":
                return answered(tried(self._desk, call.form, lambda: self._desk.editor.change_intent(form)))
            case "try":
                trial = tried(self._desk, call.form, lambda: self._desk.editor.change_intent(form))
                return self._form(call, form, trial=trial)
            case "mine":
                return self._on_top(call, form)
            case _:
                return self._form(call, form)

    def _on_top(self, call: Call, form: IntentForm) -> Response:
        """Show what was typed, to be saved over the version that somebody else has saved."""
        theirs = next((each for each in self._desk.editor.intents() if each.id == form.id), None)
        return self._form(call, replace(form, digest=theirs.digest if theirs else ""), new=theirs is None)

    def add(self, call: Call) -> Response:
        """Show the form of a new answer, and do what its buttons say."""
        form = replace(read(call.form, ""), digest="")
        form = replace(form, id=self._free_id(form.title))
        match call.form.get("do"):
            case step if step in WAY:
                return self._changing.step(call, self.plan(call, form, new=True))
            case "trial":
                return answered(tried(self._desk, call.form, lambda: self._desk.editor.add_intent(form)))
            case "try":
                trial = tried(self._desk, call.form, lambda: self._desk.editor.add_intent(form))
                return self._form(call, form, trial=trial, new=True)
            case _:
                return self._form(call, form, new=True)

    def rename(self, call: Call) -> Response:
        """Give an answer another name in the files."""
        form = self._as_read(call)
        new = name(call.form, "new")
        plan = Plan(
            f"the name of the answer “{form.title}”",
            lambda: self._desk.editor.rename_intent(form, new),
            f"/staff/answers/{quote(new)}",
            lambda faults, message: self._form(call, form, faults=faults, message=message),
        )
        return self._changing.step(call, plan)

    def retire(self, call: Call) -> Response:
        """Take an answer out of use."""
        form = self._as_read(call)
        plan = Plan(
            f"retiring the answer “{form.title}”",
            lambda: self._desk.editor.retire_intent(form),
            HERE,
            lambda faults, message: self._form(call, form, faults=faults, message=message),
        )
        return self._changing.step(call, plan)

    def plan(self, call: Call, form: IntentForm, *, new: bool = False) -> Plan:
        """Return what is planned with a form that was filled in."""
        editor = self._desk.editor
        return Plan(
            f"the {'new ' if new else ''}answer “{form.title or form.id}”",
            lambda: editor.add_intent(form) if new else editor.change_intent(form),
            f"/staff/answers/{quote(form.id)}",
            lambda faults, message: self._form(call, form, faults=faults, message=message, new=new),
            after=lambda: forget(self._desk, call.form),
        )

    # --- parts ---
    @property
    def _book(self) -> Phrasebook:
        return self._desk.live.understander.phrasebook

    def _as_read(self, call: Call) -> IntentForm:
        """Return the answer as it stands in its file, with the digest of the page that wants to change it."""
        form = self._desk.editor.intent(call.named["name"])
        on_top = call.form.get("do") == "mine"
        return form if on_top else replace(form, digest=call.form.get("digest", form.digest))

    def _free_id(self, title: str) -> str:
        """Return a name for the files that says what it is about, and is not taken."""
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        short = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_")
        short = short if short[:1].isalpha() else f"answer_{short}".strip("_")
        taken = {form.id for form in self._desk.editor.intents()}
        return next(each for each in (short, *(f"{short}_{n}" for n in range(2, len(taken) + 3))) if each not in taken)

    def _form(  # noqa: PLR0913 - what a form may have to tell
        self,
        call: Call,
        form: IntentForm,
        *,
        faults: Sequence[Fault] = (),
        message: str = "",
        trial: Trial | None = None,
        new: bool = False,
        saved: bool = False,
    ) -> Response:
        book = self._book
        others = [
            Shelf(group.id, group.title, tuple(each for each in self._desk.editor.intents() if each.group == group.id))
            for group in book.groups
        ]
        spoken = with_facts(form.answer, book.clinic)
        return self._paper.page(
            "answer.html",
            status=422 if faults or message else 200,
            call=call,
            here=HERE,
            form=form,
            new=new,
            saved=saved,
            groups=book.groups,
            others=others,
            sources=sorted({each.source for shelf in others for each in shelf.intents if each.source}),
            facts=book.clinic,
            spoken=spoken,
            sentences=sentences(spoken),
            offers=[book.intents[each].title for each in form.related if each in book.intents][:3],
            words=len(spoken.split()),
            most_words=MOST_WORDS,
            rate=self._desk.rate,
            seconds=round(len(spoken.split()) * 60 / self._desk.rate),
            found=[fault for fault in faults if fault.file == form.file],
            elsewhere=[fault for fault in faults if fault.file != form.file],
            message=message,
            trial=trial,
            question=call.form.get("question", ""),
            asked=call.form.get("asked", ""),
            can_speak=self._desk.voice is not None,
        )


def read(form: Form, intent: str) -> IntentForm:
    """Return the answer that a form holds."""
    order = form.get("order", "").split()
    related = [key.removeprefix("related-") for key in form if key.startswith("related-")]
    return IntentForm(
        id=intent,
        group=form.get("group", ""),
        title=_line(form, "title"),
        answer=" ".join(form.get("answer", "").split()),
        source=_line(form, "source"),
        questions=lines(form.get("questions", "")),
        # Boxes have the page's order; the file's, of which patients see the first three, is somebody's choice.
        related=tuple(sorted(related, key=lambda other: order.index(other) if other in order else len(order))),
        urgent="urgent" in form,
        reassuring="reassuring" in form,
        digest=form.get("digest", ""),
    )


def fields(form: IntentForm) -> dict[str, str]:
    """Return the fields in which a form holds this answer: the other way round of `read`."""
    flags = {flag: "yes" for flag in ("urgent", "reassuring") if getattr(form, flag)}
    return {
        "group": form.group,
        "title": form.title,
        "answer": form.answer,
        "source": form.source,
        "questions": "\n".join(form.questions),
        "digest": form.digest,
        "order": " ".join(form.related),
        **{f"related-{other}": "yes" for other in form.related},
        **flags,
    }


def with_facts(text: str, clinic: Mapping[str, str]) -> str:
    """Return a text with the clinic's facts put in; what is no fact stays as it was typed."""
    return FACT.sub(lambda found: clinic.get(found[1], found[0]), text)


def _line(form: Form, field: str) -> str:
    return " ".join(form.get(field, "").split())


def _searched(form: IntentForm) -> str:
    return " ".join((form.title, form.answer, form.id, *form.questions)).lower()

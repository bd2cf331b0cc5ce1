"""Lists of lines: the questions that are refused, and the words of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from kiosk.staff import ListForm
from kiosk.staff_page import forms
from kiosk.staff_page.changing import WAY, Changing, Plan
from kiosk.staff_page.trying import answered, tried
from kiosk.staff_page.vain import forget
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from starlette.responses import Response

    from kiosk.staff import Draft, Editor
    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.paper import Paper
    from kiosk.terms import Fault


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of list it is, and what can be done with one."""

    here: str
    one: str
    """What staff call one of them."""
    about: str
    lines: str
    """What its lines are."""
    hint: str
    read: Callable[[Editor], tuple[ListForm, ...]]
    change: Callable[[Editor, ListForm], Draft]
    rename: Callable[[Editor, ListForm, str], Draft]
    retire: Callable[[Editor, ListForm], Draft]
    file: Callable[[str], str]
    titled: bool = False


REFUSED: Final = Kind(
    here="/staff/refused",
    one="list of refused questions",
    about="Questions that the kiosk must not answer: prices, other illnesses, talk in the room. "
    "It says that it cannot answer, and sends the patient to the desk.",
    lines="Questions, one on each line",
    hint="As patients say them: small letters, no full stop.",
    read=lambda editor: editor.refused(),
    change=lambda editor, form: editor.change_refused(form),
    rename=lambda editor, form, new: editor.rename_refused(form, new),
    retire=lambda editor, form: editor.retire_refused(form),
    file=lambda name: f"out_of_scope/{name}.yaml",
    titled=True,
)
WORDS: Final = Kind(
    here="/staff/words",
    one="idea",
    about="Each idea has many words. When patients use a word the kiosk does not know, add it to its idea here: "
    "it then counts in every question.",
    lines="Words for it, one on each line",
    hint="Small letters, best one to three words. “drop ... cup” lets up to three other words stand between. "
    "Take only words that nearly always mean this.",
    read=lambda editor: editor.concepts(),
    change=lambda editor, form: editor.change_concept(form),
    rename=lambda editor, form, new: editor.rename_concept(form, new),
    retire=lambda editor, form: editor.retire_concept(form),
    file=lambda _name: "vocabulary.yaml",
)


@dataclass(frozen=True, slots=True)
class Lists:
    """The pages about one kind of lists."""

    _kind: Kind
    _desk: Desk
    _paper: Paper
    _changing: Changing

    def list(self, call: Call) -> Response:
        """Show every list, or those with a line in which a search stands, and these lines."""
        query = call.query.get("q", "").strip()
        wanted = query.lower()
        found = []
        for form in self._kind.read(self._desk.editor):
            hits = tuple(line for line in form.lines if wanted in line.lower()) if wanted else ()
            if not wanted or hits or wanted in f"{form.name} {form.title}".lower():
                found.append((form, hits))
        return self._paper.page(
            "lists.html", call=call, here=self._kind.here, kind=self._kind, found=found, query=query,
            saved="saved" in call.query,
        )  # fmt: skip

    def edit(self, call: Call) -> Response:
        """Show one list, and do what its buttons say."""
        name = call.named["name"]
        if not call.sent:
            return self._form(call, self._find(name), saved="saved" in call.query)
        form = ListForm(
            name, call.form.get("title", ""), forms.lines(call.form.get("lines", "")), call.form.get("digest", "")
        )
        return self._step(call, form)

    def add(self, call: Call) -> Response:
        """Show the form of a new list, and do what its buttons say."""
        name = forms.name(call.form, "name")
        form = ListForm(name, call.form.get("title", ""), forms.lines(call.form.get("lines", "")))
        return self._step(call, form, new=True)

    def rename(self, call: Call) -> Response:
        """Give a list another name."""
        form, new = self._as_read(call), forms.name(call.form, "new")
        plan = self._plan(
            call, form, lambda: self._kind.rename(self._desk.editor, form, new), f"{self._kind.here}/{quote(new)}"
        )
        return self._changing.step(call, plan)

    def retire(self, call: Call) -> Response:
        """Take a list out of use."""
        form = self._as_read(call)
        plan = self._plan(call, form, lambda: self._kind.retire(self._desk.editor, form), self._kind.here)
        return self._changing.step(call, plan)

    def _step(self, call: Call, form: ListForm, *, new: bool = False) -> Response:
        def draft() -> Draft:
            taken = new and any(each.name == form.name for each in self._kind.read(self._desk.editor))
            if taken:
                raise KioskError(f"There is already one called {form.name!r}.", "Choose another name.")
            return self._kind.change(self._desk.editor, form)

        match call.form.get("do"):
            case step if step in WAY:
                plan = self._plan(call, form, draft, f"{self._kind.here}/{quote(form.name)}", new=new)
                return self._changing.step(call, plan)
            case "mine":
                there = next((each for each in self._kind.read(self._desk.editor) if each.name == form.name), None)
                return self._form(call, replace(form, digest=there.digest if there else ""), new=there is None)
            case "trial":
                return answered(tried(self._desk, call.form, draft))
            case "try":
                return self._form(call, form, new=new, trial=tried(self._desk, call.form, draft))
            case _:
                return self._form(call, form, new=new)

    def _plan(self, call: Call, form: ListForm, draft: Callable[[], Draft], done: str, *, new: bool = False) -> Plan:
        return Plan(
            f"the {self._kind.one} “{form.title or form.name}”",
            draft,
            done,
            lambda faults, message: self._form(call, form, faults=faults, message=message, new=new),
            after=lambda: forget(self._desk, call.form),
            here=self._kind.here,
        )

    def _find(self, name: str) -> ListForm:
        for form in self._kind.read(self._desk.editor):
            if form.name == name:
                return form
        raise KioskError(f"There is no {self._kind.one} of this name.", "It may have been renamed or retired.")

    def _as_read(self, call: Call) -> ListForm:
        form = self._find(call.named["name"])
        on_top = call.form.get("do") == "mine"
        return form if on_top else replace(form, digest=call.form.get("digest", form.digest))

    def _form(  # noqa: PLR0913 - what a form may have to tell
        self,
        call: Call,
        form: ListForm,
        *,
        faults: Sequence[Fault] = (),
        message: str = "",
        trial: object = None,
        new: bool = False,
        saved: bool = False,
    ) -> Response:
        file = self._kind.file(form.name)
        return self._paper.page(
            "list.html",
            status=422 if faults or message else 200,
            call=call,
            here=self._kind.here,
            kind=self._kind,
            form=form,
            new=new,
            saved=saved,
            found=[fault for fault in faults if fault.file == file],
            elsewhere=[fault for fault in faults if fault.file != file],
            message=message,
            trial=trial,
            question=call.form.get("question", ""),
            asked=call.form.get("asked", ""),
        )

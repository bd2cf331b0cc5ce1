"""The way of every change: see what it does to patients, give a reason, save; or meet somebody else's change.

A change lives in its form alone, which every step sends back whole: nothing waits on the server, so
that neither a restart nor the end of a visit can lose what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, RedirectResponse, Response

from kiosk.staff import Conflict, Lost, Stage
from kiosk.staff_page.differing import rows
from kiosk.terms import ContentError, Fault, KioskError

if TYPE_CHECKING:
    from kiosk.staff import Change, Draft, Effect, Weighing
    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.paper import Paper

MOMENT: Final = 0.4
"""Seconds that a weighing gets before the page shows its progress: most need less, or ten."""
WAY: Final = ("weigh", "state", "save")
"""What the buttons on the way to saving say."""
STEPS: Final = ("do", "reason", "question")
"""Fields that belong to one step, not to what is changed."""
TELLING: Final = {
    Stage.CHECKING: "Reading the files with your change",
    Stage.LEARNING: "Learning all sample questions with your change",
    Stage.COMPARING: "Asking all known questions again",
    Stage.DONE: "Done",
}
ORDER: Final = tuple(TELLING)


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to change."""

    title: str
    """What is changed, as staff call it: the answer "Tingling"."""
    draft: Callable[[], Draft]
    """Makes the draft of the form; raises `KioskError`."""
    done: str
    """Where to go when it is saved."""
    edit: Callable[[Sequence[Fault], str], Response] | None = None
    """Shows the form again with what was typed, the faults found and a message; None where there is no form."""
    after: Callable[[], None] = lambda: None
    """What saving brings with it."""
    here: str = "/staff/"
    """The part of the page it belongs to."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A draft and what is known of its effect."""

    draft: Draft
    weighing: Weighing
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Changing:
    """Takes a change through its steps."""

    _desk: Desk
    _paper: Paper

    def step(self, call: Call, plan: Plan) -> Response:
        """Do what the pressed button says: `weigh`, `save`, tell the `state` of a weighing, or show the form again."""
        if plan.edit and call.form.get("do") not in WAY:
            return plan.edit((), "")
        try:
            draft = plan.draft()
            if call.form.get("do") == "save":
                return self._save(call, plan, draft)
            weighing = self._desk.weighing(draft)
            if call.form.get("do") == "state":
                return JSONResponse(told(weighing))
            self._refuse_conflict(draft)
            self._refuse_nothing(draft)
            return self._weigh(call, plan, draft, weighing)
        except Conflict as conflict:
            return self._conflict(call, plan, conflict)
        except KioskError as error:
            return self._again(call, plan, error)

    def _weigh(self, call: Call, plan: Plan, draft: Draft, weighing: Weighing) -> Response:
        try:
            effect = weighing.wait(MOMENT)
        except KioskError as error:
            if weighing.stage in (Stage.FAILED, Stage.CANCELLED):
                self._desk.weighings.drop(draft)
                return self._again(call, plan, error)
            effect = None
        return self._effect(call, plan, _Weighed(draft, weighing, effect))

    def _effect(self, call: Call, plan: Plan, weighed: _Weighed, message: str = "") -> Response:
        draft = weighed.draft
        warnings: Sequence[Fault] = ()
        if weighed.effect is not None:
            _, faults = self._desk.editor.check(draft)
            warnings = [fault for fault in faults if fault.warning and fault.file in draft.files]
        return self._paper.page(
            "effect.html",
            call=call,
            here=plan.here,
            plan=plan,
            kept=kept(call),
            effect=weighed.effect,
            progress=told(weighed.weighing),
            warnings=warnings,
            diff=self.difference(draft),
            named=self.named,
            reason=call.form.get("reason", ""),
            message=message,
        )

    def _save(self, call: Call, plan: Plan, draft: Draft) -> Response:
        self._refuse_conflict(draft)
        weighing = self._desk.weighing(draft)
        reason = call.form.get("reason", "").strip()
        try:
            effect = weighing.wait(MOMENT)
        except KioskError:
            # Weighed anew: the kiosk was started again, or what it compares with has changed meanwhile.
            return self._weigh(call, plan, draft, weighing)
        if not reason:
            return self._effect(call, plan, _Weighed(draft, weighing, effect), "Please write why, in a few words.")
        try:
            self._desk.editor.save(draft, effect, reason)
        except (Conflict, ContentError):
            raise
        except (Lost, KioskError) as error:
            return self._effect(call, plan, _Weighed(draft, weighing, effect), str(error))
        plan.after()
        return RedirectResponse(f"{plan.done}{'&' if '?' in plan.done else '?'}saved=1", 303)

    def _refuse_conflict(self, draft: Draft) -> None:
        """Raise `Conflict` as soon as it can be known: nobody should wait for an effect in vain."""
        for file, digest in draft.made_from.items():
            theirs, now = self._desk.editor.standing(file)
            if now != digest:
                raise Conflict(file, draft.files[file] or "", theirs)

    def _refuse_nothing(self, draft: Draft) -> None:
        """Raise `KioskError` where the files would stay as they are."""
        if all(self._desk.editor.standing(file)[0] == (text or "") for file, text in draft.files.items()):
            raise KioskError("Nothing was changed.", "Change something first.")

    def _conflict(self, call: Call, plan: Plan, conflict: Conflict) -> Response:
        return self._paper.page(
            "conflict.html",
            status=409,
            call=call,
            here=plan.here,
            plan=plan,
            kept=kept(call),
            conflict=conflict,
            diff=rows(conflict.theirs, conflict.mine),
        )

    def _again(self, call: Call, plan: Plan, error: KioskError) -> Response:
        faults = error.faults if isinstance(error, ContentError) else ()
        if plan.edit:
            return plan.edit(faults, "" if faults else str(error))
        return self._paper.page(
            "trouble.html", status=409, call=call, here=plan.here, title=plan.title, back=plan.done, error=error,
            found=faults,
        )  # fmt: skip

    def difference(self, draft: Draft) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """Return what a draft changes in each file, line by line."""
        files = []
        for file, text in draft.files.items():
            before, _ = self._desk.editor.standing(file)
            files.append((file, rows(before, text or "")))
        return files

    def named(self, ids: Sequence[str], change: Change | None = None) -> str:
        """Return what a patient gets, in words: titles of intents, or that it is refused."""
        intents = self._desk.live.understander.phrasebook.intents
        titles = [intents[name].title if name in intents else name for name in ids]
        if not titles:
            return "it cannot answer that"
        if change and change.asked_back:
            return f"it asks back: {', or '.join(titles)}?"
        return " and ".join(titles)


def kept(call: Call) -> Mapping[str, str]:
    """Return the fields that every step sends back."""
    return {name: value for name, value in call.form.items() if name not in STEPS}


def told(weighing: Weighing) -> dict[str, object]:
    """Return how far a weighing is, for the page."""
    stage = weighing.stage
    ended = stage in (Stage.DONE, Stage.FAILED, Stage.CANCELLED)
    step = ORDER.index(stage) if stage in ORDER else len(ORDER) - 1
    return {"ended": ended, "step": step, "steps": len(ORDER) - 1, "text": TELLING.get(stage, "Done")}

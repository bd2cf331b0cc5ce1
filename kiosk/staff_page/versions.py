"""What was changed, when and why; compared, and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.staff_page.changing import Changing, Plan
from kiosk.staff_page.differing import rows

if TYPE_CHECKING:
    from starlette.responses import Response

    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.paper import Paper

HERE: Final = "/staff/history"
SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Versions:
    """The pages about earlier versions."""

    _desk: Desk
    _paper: Paper
    _changing: Changing

    def list(self, call: Call) -> Response:
        """Show every save, or those of one file."""
        file = call.query.get("file", "")
        versions = self._desk.editor.versions(file)
        return self._paper.page(
            "history.html", call=call, here=HERE, versions=versions[:SHOWN], count=len(versions), file=file,
            saved="saved" in call.query,
        )  # fmt: skip

    def one(self, call: Call) -> Response:
        """Show what one save changed, and take it back if a button says so."""
        version = self._desk.editor.version(call.named["name"])
        if call.sent:
            plan = Plan(
                f"bringing back what was before {version.time}",
                lambda: self._desk.editor.bring_back(version),
                HERE,
                here=HERE,
            )
            return self._changing.step(call, plan)
        files = [
            (file, rows(version.before.get(file) or "", version.after.get(file) or ""))
            for file in dict.fromkeys((*version.before, *version.after))
        ]
        return self._paper.page("version.html", call=call, here=HERE, version=version, diff=files)

"""The staff page as an application: its addresses, what lies behind the door, and what does not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kiosk.screen.theme import theme as colours
from kiosk.staff_page import vain
from kiosk.staff_page.answers import Answers, fields
from kiosk.staff_page.changing import Changing
from kiosk.staff_page.door import COOKIE, PATH, Call, Door, Page
from kiosk.staff_page.facts import Facts
from kiosk.staff_page.forms import LONGEST_NAME
from kiosk.staff_page.lists import REFUSED, WORDS, Lists
from kiosk.staff_page.lock import Lock
from kiosk.staff_page.paper import HEADERS, Paper
from kiosk.staff_page.pin import PIN_FILE, PinFile
from kiosk.staff_page.saying import Saying
from kiosk.staff_page.spoken import Spoken
from kiosk.staff_page.trying import Trying
from kiosk.staff_page.use import Use
from kiosk.staff_page.vain import Vain
from kiosk.staff_page.versions import Versions
from kiosk.staff_page.visits import Visits
from kiosk.terms import ContentError, KioskError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kiosk.staff_page.desk import Desk, Ears

LOCK_FILE: Final = "pin-tries.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who may come in: shared by all the addresses under which there is a staff page."""

    pin: PinFile
    lock: Lock
    visits: Visits

    @classmethod
    def in_folder(cls, folder: Path) -> Entrance:
        """Return the entrance whose PIN is kept in `folder`."""
        return cls(PinFile(folder / PIN_FILE), Lock(folder / LOCK_FILE), Visits())

    @property
    def open(self) -> bool:
        """Whether there is a staff page at all."""
        return self.pin.exists()


class StaffPage:
    """Without a PIN there is nothing here, and everything here has its own headers."""

    def __init__(self, application: ASGIApp, entrance: Entrance) -> None:
        self._application = application
        self._entrance = entrance

    @property
    def open(self) -> bool:
        """Whether there is a staff page now."""
        return self._entrance.open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        there = self._application if self.open else PlainTextResponse("There is no such page.", 404)
        await there(scope, receive, headed)


def staff_page(desk: Desk, entrance: Entrance, home: str) -> StaffPage:
    """Return the application, to be mounted at /staff.

    home: the address of the patients' page, empty where the staff page is served without it, on the clinic's
    network: there no question can be said, since that would be a way to listen to the waiting room from elsewhere.
    """
    paper = Paper(lambda: _common(desk, entrance, home))
    door = Door(entrance.pin, entrance.lock, entrance.visits, paper)
    pages = _pages(desk, paper, desk.ears if home else None)

    async def leave(request: Request) -> Response:
        door.leave(request)
        response = RedirectResponse(home or f"{PATH}/", 303)
        response.delete_cookie(COOKIE, PATH)
        return response

    def theme(_request: Request) -> Response:
        return Response(colours(desk.live.understander.phrasebook.clinic), media_type="text/css")

    routes = [
        Route(address, door.leads_to(_careful(page, paper)), methods=["GET", "POST"]) for address, page in pages.items()
    ]
    application = Starlette(
        routes=[
            *routes,
            Route("/leave", leave, methods=["POST"]),
            Route("/theme.css", theme),
            # The patients' page lends its letters and its icon.
            Mount("/static", StaticFiles(directory=_folder(), packages=[("kiosk.screen", "static")])),
        ]
    )
    return StaffPage(application, entrance)


def _pages(desk: Desk, paper: Paper, ears: Ears | None) -> Mapping[str, Page]:
    """Return what lies behind the door, by address."""
    changing = Changing(desk, paper)
    answers = Answers(desk, paper, changing)
    refused = Lists(REFUSED, desk, paper, changing)
    words = Lists(WORDS, desk, paper, changing)
    versions = Versions(desk, paper, changing)
    spoken = Spoken(desk)

    def to_answer(call: Call, name: str, group: str) -> Response:
        form = fields(desk.editor.intent(name))
        made = vain.added(call, form, "questions", group, f"{PATH}/answers/{name}")
        return answers.edit(_at(made, name))

    def to_refused(call: Call, name: str, group: str) -> Response:
        form = next(each for each in desk.editor.refused() if each.name == name)
        kept = {"title": form.title, "lines": "\n".join(form.lines), "digest": form.digest}
        return refused.edit(_at(vain.added(call, kept, "lines", group, f"{PATH}/refused/{name}"), name))

    return {
        "/": answers.list,
        "/answers/new": answers.add,
        "/answers/{name}": answers.edit,
        "/answers/{name}/rename": answers.rename,
        "/answers/{name}/retire": answers.retire,
        "/refused": refused.list,
        "/refused/new": refused.add,
        "/refused/{name}": refused.edit,
        "/refused/{name}/rename": refused.rename,
        "/refused/{name}/retire": refused.retire,
        "/words": words.list,
        "/words/new": words.add,
        "/words/{name}": words.edit,
        "/words/{name}/rename": words.rename,
        "/words/{name}/retire": words.retire,
        "/clinic": Facts(desk, paper, changing).edit,
        "/try": Trying(desk, paper).page,
        "/history": versions.list,
        "/history/{name}": versions.one,
        "/asked": Vain(desk, paper, to_answer, to_refused).page,
        "/use": Use(desk, paper).page,
        "/say": Saying(ears).page,
        "/voice": spoken.make,
        "/voice/{name}": spoken.play,
        "/alive": lambda _call: Response(status_code=204),
    }


def _careful(page: Page, paper: Paper) -> Page:
    """Return `page` with every failure told in plain words."""

    def careful(call: Call) -> Response:
        try:
            if any(len(name) > LONGEST_NAME for name in call.named.values()):
                return PlainTextResponse("There is no such page.", 404)
            return page(call)
        except ContentError as error:
            found, status = error.faults, 409
            told: KioskError = KioskError("This file has a fault, so it cannot be shown as a form.", error.mend)
        except KioskError as error:
            found, status, told = [], 404, error
        except Exception:  # noqa: BLE001 - whatever it was, staff see no traceback
            _log.exception("The staff page failed")
            found, status = [], 500
            told = KioskError("Something went wrong that nobody thought of. Nothing was changed.", "Please try again.")
        return paper.page(
            "trouble.html", status=status, call=call, here="", title="", back=f"{PATH}/", error=told, found=found
        )

    return careful


def _common(desk: Desk, entrance: Entrance, home: str) -> dict[str, Any]:
    return {
        "clinic": desk.live.understander.phrasebook.clinic.get("name", ""),
        "faults": [fault for fault in desk.live.faults if not fault.warning],
        "disuse": round(entrance.visits.disuse),
        "home": home,
        "troubles": desk.ears.troubles if desk.ears else (),
        "can_hear": bool(home) and desk.ears is not None,
    }


def _at(call: Call, name: str) -> Call:
    """Return the call as one of the page of this name."""
    return Call(call.path, {"name": name}, call.query, call.form, call.sent, call.csrf)


def _folder() -> str:
    return str(resources.files(__package__) / "static")

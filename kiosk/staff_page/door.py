"""The door of the staff page: a PIN lets in, a cookie keeps the visit, and nothing typed is lost at it.

Whatever is asked for without a visit is answered with the question for the PIN, at the same address
and with every field of the form kept in it. With the right PIN the same request then goes on, so that
an edit that took longer than the visit is saved all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from kiosk.staff_page import forms
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from starlette.requests import Request

    from kiosk.staff_page.forms import Form
    from kiosk.staff_page.lock import Lock
    from kiosk.staff_page.paper import Paper
    from kiosk.staff_page.pin import PinFile
    from kiosk.staff_page.visits import Visit, Visits

COOKIE: Final = "kiosk_staff"
PATH: Final = "/staff"
OWN: Final = ("pin", "csrf", "asked_by")
"""Fields that belong to the door, not to the page behind it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """A request of somebody who has entered the PIN."""

    path: str
    named: Mapping[str, str] = field(default_factory=dict)
    """What the address names: an intent's id and so on."""
    query: Mapping[str, str] = field(default_factory=dict)
    form: Form = field(default_factory=dict)
    """What was filled in; empty where nothing was sent."""
    sent: bool = False
    """True where a form was sent."""
    csrf: str = ""


Page = Callable[[Call], Response]
"""A page behind the door; called in a thread, so it may take its time."""


class Door:
    """Lets staff in."""

    def __init__(self, pin: PinFile, lock: Lock, visits: Visits, paper: Paper) -> None:
        self._pin = pin
        self._lock = lock
        self._visits = visits
        self._paper = paper

    def leads_to(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint that asks for the PIN where needed, and then shows `page`."""

        async def endpoint(request: Request) -> Response:
            sent = request.method == "POST"
            form = await forms.read(request) if sent else {}
            if form is None:
                return PlainTextResponse("This form cannot be read.", 400)
            return await run_in_threadpool(self._enter, request, form, page, sent=sent)

        return endpoint

    def leave(self, request: Request) -> None:
        """End the visit that a request belongs to."""
        self._visits.end(request.cookies.get(COOKIE, ""))

    def _enter(self, request: Request, form: Form, page: Page, *, sent: bool) -> Response:
        try:
            pin_hash = self._pin.hash()
        except KioskError as error:
            _log.warning("The staff page is closed: %s", error)
            pin_hash = ""
        if not pin_hash:
            return PlainTextResponse("There is no such page.", 404)
        visit = self._visits.find(request.cookies.get(COOKIE, ""), pin_hash)
        if visit and (not sent or compare_digest(form.get("csrf", "").encode(), visit.csrf.encode())):
            return page(_call(request, form, visit, sent=sent))
        return self._by_pin(request, form, page, pin_hash)

    def _by_pin(self, request: Request, form: Form, page: Page, pin_hash: str) -> Response:
        if "pin" not in form:
            return self._ask(request, form)
        if not self._lock.count():
            return self._ask(request, form, _too_early(self._lock.wait()), 429)
        if not self._pin.fits(form["pin"]):
            wait = self._lock.wait()
            return self._ask(request, form, f"This PIN is wrong. {_too_early(wait)}", 403)
        self._lock.forgive()
        token, visit = self._visits.begin(pin_hash)
        if form.get("asked_by") == "GET":
            response: Response = RedirectResponse(_address(request), 303)
        else:
            response = page(_call(request, form, visit, sent=True))
        response.set_cookie(
            COOKIE, token, path=PATH, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return response

    def _ask(self, request: Request, form: Form, message: str = "", status: int = 403) -> Response:
        kept = {name: value for name, value in form.items() if name not in OWN}
        asked_by = form.get("asked_by", request.method)
        return self._paper.page(
            "pin.html",
            status=status,
            address=_address(request),
            kept=kept,
            asked_by=asked_by,
            message=message,
            ended=asked_by == "POST" or COOKIE in request.cookies,
            wait=self._lock.wait(),
        )


def _call(request: Request, form: Form, visit: Visit, *, sent: bool) -> Call:
    fields = {name: value for name, value in form.items() if name not in OWN}
    named: Mapping[str, Any] = request.path_params
    return Call(request.url.path, named, dict(request.query_params), fields, sent, visit.csrf)


def _address(request: Request) -> str:
    """Return the address within this server, so that nobody is sent elsewhere by it."""
    query = urlencode(list(request.query_params.multi_items()))
    # Two slashes at the beginning would name another server.
    return "/" + request.url.path.lstrip("/") + (f"?{query}" if query else "")


def _too_early(wait: int) -> str:
    if wait == 0:
        return "Try again."
    if wait > 60:  # noqa: PLR2004 - seconds in a minute
        minutes = -(-wait // 60)
        return f"Too many wrong PINs: it is locked. Wait {minutes} minutes, then try again."
    seconds = "1 second" if wait == 1 else f"{wait} seconds"
    return f"Wait {seconds}, then try again."

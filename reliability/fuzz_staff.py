"""What no form of the staff page would send: given to every address of it, with and without a visit."""

from __future__ import annotations

import http.client
import re
import shutil
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from kiosk import places
from kiosk.converse.session import Session
from kiosk.intents import content
from kiosk.learning import learn
from kiosk.learning.reload import Reloader
from kiosk.screen import Look, Screen
from kiosk.staff import Editor
from kiosk.staff.asked import Asked
from kiosk.staff_page import Desk, Entrance, staff_page
from kiosk.understand import Understander

PIN: Final = "480531"
PATHS: Final = (
    "", "answers/new", "answers/tingling", "answers/tingling/rename", "answers/tingling/retire", "answers/nosuch",
    "refused", "refused/new", "refused/mixed", "words", "words/new", "words/numb", "words/numb/rename", "clinic", "try",
    "history", "history/20260101-000000-000000", "asked", "use", "voice", "voice/0", "alive", "leave", "theme.css",
    "static/staff.css", "static/../app.py",
)  # fmt: skip
NAMES: Final = (
    "do", "answer", "title", "questions", "lines", "digest", "reason", "name", "group", "related", "source", "urgent",
    "question", "ids", "days", "city", "desk", "text", "rate", "pin", "asked_by", "new", "to",
)  # fmt: skip
VALUES: Final = (
    "",
    "on",
    "tingling",
    "save",
    "show",
    "state",
    "add",
    "delete",
    "keep",
    "{desk}",
    "1",
    "-1",
    "../x",
    "\0",
)
GUARDED: Final = "electric shock"
"""Stands in an answer: nobody may see it here who has not entered the PIN."""
LIMIT: Final = 20.0
FORM: Final = "application/x-www-form-urlencoded"


class Browser:
    """A program that may have entered the PIN."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._own = {"Origin": f"http://127.0.0.1:{port}", "Content-Type": FORM}
        _, headers, _ = self.send("POST", "", urlencode({"pin": PIN, "asked_by": "GET"}).encode(), {})
        self.cookie = {"Cookie": (headers["Set-Cookie"] or "").partition(";")[0]}
        page = self.send("GET", "answers/tingling", b"", self.cookie)[2]
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found, "the PIN opens the page"
        self.csrf = found[1]

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Return what comes back."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=LIMIT)) as link:
            link.request(method, f"/staff/{path}", body, self._own | headers)
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")


def staff_requests(stack: ExitStack) -> tuple[st.SearchStrategy[Any], Any]:
    """Any form at any address: it is answered below 500, changes no file, and shows nothing without the PIN."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    shutil.copytree(places.intents_dir(), folder / "intents")
    phrasebook = content.load(folder / "intents")
    understander = Understander(phrasebook, learn.learned_for(phrasebook, places.cache_dir()))
    session = stack.enter_context(Session(understander, None, None))
    asked = Asked(folder / "asked.sqlite")
    stack.callback(asked.close)
    reloader = Reloader(folder / "intents", places.cache_dir(), understander, session.adopt)
    entrance = Entrance.in_folder(folder / "staff")
    entrance.pin.set(PIN)
    desk = Desk(Editor(folder / "intents", folder / "history"), reloader, asked, places.cache_dir())
    screen = stack.enter_context(Screen(session, phrasebook, Look(), staff_page(desk, entrance, "/")))
    browser = Browser(screen.port)
    before = _files(folder / "intents")

    def holds(case: tuple[str, str, list[tuple[str, str]], bytes | None, bool, str]) -> None:
        method, path, fields, raw, entered, kind = case
        form = [*fields, ("csrf", browser.csrf)] if entered else fields
        body = urlencode(form).encode() if raw is None else raw
        headers = {"Content-Type": kind} | (browser.cookie if entered else {})
        status, _, text = browser.send(method, path, body, headers)
        assert status < 500, (status, case)  # noqa: PLR2004 - from there on it is the kiosk's fault
        assert "Traceback" not in text
        assert entered or GUARDED not in text
        assert _files(folder / "intents") == before
        entrance.lock.forgive()

    paths = st.one_of(st.sampled_from(PATHS), st.text(max_size=20).map(quote))
    values = st.one_of(st.sampled_from(VALUES), st.text(max_size=40))
    fields = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=6)
    raws = st.one_of(st.none(), st.none(), st.binary(max_size=100), st.just(b"a=1&" * 600))
    methods = st.sampled_from(("GET", "POST", "POST", "PUT", "HEAD", "DELETE"))
    kinds = st.sampled_from((FORM, FORM, FORM, "multipart/form-data; boundary=x", "application/json", ""))
    return st.tuples(methods, paths, fields, raws, st.booleans(), kinds), holds


def _files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*.yaml")}

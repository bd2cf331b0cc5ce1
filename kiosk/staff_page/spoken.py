"""Lets staff hear a text in the kiosk's voice: made on the kiosk, played by their own browser."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from kiosk.staff_page.answers import with_facts
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call

KEPT: Final = 20
"""Sounds that can be fetched; a page has one."""
LONGEST: Final = 2_000
"""Characters; half a minute more than any answer should take."""


class Spoken:
    """Sounds of texts, by a name that nobody can guess."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sounds: OrderedDict[str, Path] = OrderedDict()
        self._mutex = threading.Lock()

    def make(self, call: Call) -> Response:
        """Make the sound of a text, and tell where it is, or why there is none."""
        text = with_facts(call.form.get("answer", ""), self._desk.live.understander.phrasebook.clinic).strip()
        if self._desk.voice is None or not text or len(text) > LONGEST:
            return JSONResponse({"message": "There is no voice, or nothing to say."}, 422)
        try:
            path = self._desk.voice.synthesise(text)
        except KioskError as error:
            return JSONResponse({"message": str(error)}, 503)
        name = secrets.token_hex(8)
        with self._mutex:
            self._sounds[name] = path
            while len(self._sounds) > KEPT:
                self._sounds.popitem(last=False)
        return JSONResponse({"src": f"/staff/voice/{name}"})

    def play(self, call: Call) -> Response:
        """Return a sound that was made."""
        path = self._sounds.get(call.named["name"])
        if path is None or not path.is_file():
            return PlainTextResponse("There is no such sound.", 404)
        return FileResponse(path, media_type="audio/wav")

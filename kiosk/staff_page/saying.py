"""Lets staff say a question instead of typing it: the kiosk's own microphone hears it, while no patient is there.

What was heard goes into the field beside the form, and is then tried as any other question. Only on the
kiosk's own computer: from elsewhere it would be a way to listen to the waiting room.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final, assert_never

from starlette.responses import JSONResponse

from kiosk.hear.listen import Cancelled, Heard, Noise, Silence
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from starlette.responses import Response

    from kiosk.staff_page.desk import Ears
    from kiosk.staff_page.door import Call

BUSY: Final = "A patient is using the kiosk. Please try again when its screen shows the welcome."
CAME: Final = "A patient has come, so the kiosk no longer listens to you. Please try again in a moment."
NOTHING: Final = "No words were heard. Press the button, wait for the sound, and speak towards the kiosk."
NO_EARS: Final = "The kiosk cannot hear at the moment. Please type the question."


@dataclass(frozen=True, slots=True)
class Saying:
    """Listens for one member of staff at a time."""

    _ears: Ears | None
    _listening: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def page(self, call: Call) -> Response:
        """Listen to one question and return its `readings`, likeliest first, or a `message`; or stop listening."""
        if call.form.get("do") == "stop":
            self._stop.set()
            return JSONResponse({})
        if self._ears is None:
            return JSONResponse({"message": NO_EARS}, 404)
        if not self._listening.acquire(blocking=False):
            return JSONResponse({"message": "The kiosk is listening to somebody already."}, 409)
        try:
            self._stop.clear()
            return self._heard()
        except KioskError:
            return JSONResponse({"message": NO_EARS}, 503)
        finally:
            self._listening.release()

    def _heard(self) -> Response:
        assert self._ears
        outcome = self._ears.hear_aside(self._stop)
        match outcome:
            case Heard(transcript):
                return JSONResponse({"readings": [asdict(reading) for reading in transcript.readings]})
            case None:
                return JSONResponse({"message": BUSY}, 409)
            case Cancelled():
                return JSONResponse({"message": CAME}, 409)
            case Silence() | Noise():
                return JSONResponse({"message": NOTHING})
            case _:
                assert_never(outcome)

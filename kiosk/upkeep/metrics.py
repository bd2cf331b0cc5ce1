"""Figures for Prometheus: how much is asked, how it ends, how fast, what is lost. No words of anybody.

Served on the loopback in the text format; whoever watches forty kiosks fetches them with what already
runs on each, or through a tunnel.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from wsgiref.simple_server import WSGIServer

from kiosk.terms import KioskError

if TYPE_CHECKING:
    from kiosk.terms import Answer

LOOPBACK: Final = "127.0.0.1"
UNDERSTOOD: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
"""Seconds at which the histogram of understanding is cut; it takes some ms."""
VOICED: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
"""Seconds at which the histogram of the voice's beginning is cut."""


class Metrics:
    """Counts what happens and serves the figures until the end of the context; implements `logbook.Witness`."""

    def __init__(self, port: int) -> None:
        """Serve on `port` of the loopback, 0 for any that is free; raises `KioskError` if it is taken."""
        from prometheus_client import (  # noqa: PLC0415 - only where the settings want it
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            ProcessCollector,
            start_http_server,
        )

        kept = CollectorRegistry()
        # The memory and the starting time of this process, by which restarts are counted too.
        ProcessCollector("kiosk", registry=kept)
        self._questions = Counter("kiosk_questions", "Questions answered", ("way", "outcome", "urgent"), registry=kept)
        self._unheard = Counter("kiosk_unheard", "Turns that brought no question", registry=kept)
        self._failed = Counter("kiosk_failures", "What failed without ending the kiosk", ("doing",), registry=kept)
        self._lost = Counter("kiosk_device_losses", "Times a sound device was lost", ("part",), registry=kept)
        self._there = Gauge("kiosk_device_present", "1 while a sound device works", ("part",), registry=kept)
        for part in ("microphone", "loudspeaker"):
            self._there.labels(part).set(0)
            self._lost.labels(part)
        self._complaints = Counter("kiosk_microphone_complaints", "Times it sounded wrong", ("what",), registry=kept)
        self._understood = Histogram(
            "kiosk_understanding_seconds", "From the words to the answer", buckets=UNDERSTOOD, registry=kept
        )
        self._voiced = Histogram("kiosk_voice_seconds", "From the answer to the voice", buckets=VOICED, registry=kept)
        try:
            self._server: WSGIServer
            self._thread: threading.Thread
            self._server, self._thread = start_http_server(port, LOOPBACK, kept)
        except OSError as error:
            raise KioskError(
                f"The figures cannot be served on port {port}: {error.strerror}.",
                "Another kiosk may be running. Choose another port in [metrics] of the settings.",
            ) from error
        self.address = f"http://{LOOPBACK}:{self._server.server_port}/metrics"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answered(self, said: Answer, *, heard: bool, seconds: float) -> None:
        """Count a question."""
        self._questions.labels("heard" if heard else "typed", said.outcome, str(said.urgent).lower()).inc()
        self._understood.observe(seconds)

    def unheard(self) -> None:
        """Count a turn without a question."""
        self._unheard.inc()

    def spoke(self, seconds: float) -> None:
        """Take how long the voice took to begin."""
        self._voiced.observe(seconds)

    def failed(self, doing: str, error: Exception) -> None:  # noqa: ARG002 - errors may hold words; only the log tells
        """Count a failure by what was being done."""
        self._failed.labels(doing.lower()).inc()

    def device(self, part: str, *, present: bool) -> None:
        """Count a loss, and show whether the device is there."""
        self._there.labels(part).set(present)
        if not present:
            self._lost.labels(part).inc()

    def complained(self, what: str) -> None:
        """Count what was wrong with the microphone's sound."""
        self._complaints.labels(what).inc()

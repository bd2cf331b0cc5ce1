"""The log, the figures, and the sign of life: what they tell, and what they never do."""

from __future__ import annotations

import logging
import socket
import threading
import urllib.request

import pytest

from kiosk.terms import Answer, DeviceError, KioskError
from kiosk.upkeep import logbook, watchdog
from kiosk.upkeep.metrics import Metrics

SAID = Answer("A quick tingle.", "answer", ("tingling", "soreness"), score=87.4)


@pytest.fixture
def log(tmp_path):
    """The kiosk's log, begun for one test."""
    root = logging.getLogger("kiosk")
    before = (root.level, root.propagate, logging.raiseExceptions, list(root.handlers))

    def begin(**limits):
        return logbook.keep(tmp_path / "log", **{"megabytes": 1, "files": 3, **limits})

    yield begin
    for handler in set(root.handlers) - set(before[3]):
        root.removeHandler(handler)
        handler.close()
    root.level, root.propagate, logging.raiseExceptions = before[:3]


def test_a_line_tells_intents_score_and_milliseconds(log):
    path = log()
    logbook.Logbook().answered(SAID, heard=True, seconds=0.0123)
    assert path.read_text().rstrip().endswith("question heard: answer tingling+soreness, score 87, 12 ms")


def test_an_unforeseen_error_is_told_by_kind_and_place_alone():
    try:
        int("my leg is numb")
    except ValueError as error:
        told = logbook.told(error)
    assert told.startswith("ValueError at test_logbook.py:")
    assert "numb" not in told


def test_an_error_that_comes_with_a_line_is_told_by_kind_and_place_too(log):
    path = log()
    try:
        int("my leg is numb")
    except ValueError:
        logging.getLogger("kiosk.learning.reload").exception("It could not be read.")
    told = path.read_text()
    assert "It could not be read.\nValueError at test_logbook.py:" in told
    assert "numb" not in told


def test_what_a_thread_does_not_catch_is_told_in_the_log_without_words(log, monkeypatch, capsys):
    path = log()
    for hook in ("threading.excepthook", "sys.unraisablehook"):
        monkeypatch.setattr(hook, None)  # put back afterwards
    logbook.tell_unforeseen()
    thread = threading.Thread(target=int, args=("my leg is numb",))
    thread.start()
    thread.join()
    assert "Nobody foresaw this: ValueError at threading.py:" in path.read_text()
    assert "numb" not in path.read_text() + "".join(capsys.readouterr())


def test_our_own_errors_are_told_whole():
    assert logbook.told(DeviceError("The microphone is lost.", "Plug it in.")) == "The microphone is lost. Plug it in."


def test_the_log_rotates_and_never_outgrows_its_limit(log, tmp_path):
    log(megabytes=0.001)
    for _ in range(200):
        logbook.Logbook().unheard()
    kept = list((tmp_path / "log").iterdir())
    assert len(kept) == 3
    assert sum(path.stat().st_size for path in kept) <= 3000


def test_where_no_log_can_be_written_its_lines_are_printed_until_it_can(log, tmp_path, capsys):
    (tmp_path / "log").write_text("in the way")
    path = log()
    logbook.Logbook().unheard()
    assert capsys.readouterr().err == "no question was heard\n"
    (tmp_path / "log").unlink()
    logbook.Logbook().unheard()
    assert path.read_text().endswith("no question was heard\n")
    assert capsys.readouterr().err == ""


def test_figures_are_served_on_the_loopback_and_hold_no_words():
    with Metrics(0) as metrics:
        metrics.answered(SAID, heard=True, seconds=0.004)
        metrics.unheard()
        metrics.spoke(0.2)
        metrics.failed("Listening", ValueError("my zebra leg"))
        metrics.complained("is turned up too far")
        metrics.device("microphone", present=True)
        metrics.device("microphone", present=False)
        with urllib.request.urlopen(metrics.address, timeout=20) as served:  # noqa: S310 - our own server
            told = served.read().decode()
    assert metrics.address.startswith("http://127.0.0.1:")
    for line in (
        'kiosk_questions_total{outcome="answer",urgent="false",way="heard"} 1.0',
        "kiosk_unheard_total 1.0",
        'kiosk_microphone_complaints_total{what="is turned up too far"} 1.0',
        'kiosk_failures_total{doing="listening"} 1.0',
        'kiosk_device_losses_total{part="microphone"} 1.0',
        'kiosk_device_present{part="microphone"} 0.0',
        'kiosk_understanding_seconds_bucket{le="0.005"} 1.0',
        "kiosk_voice_seconds_count 1.0",
        "kiosk_process_resident_memory_bytes",
        "kiosk_process_start_time_seconds",
    ):
        assert line in told
    assert "zebra" not in told


def test_a_port_that_is_taken_is_told():
    with Metrics(0) as metrics, pytest.raises(KioskError, match="cannot be served on port"):
        Metrics(int(metrics.address.split(":")[2].split("/")[0]))


def test_systemd_is_told_by_a_datagram(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(str(tmp_path / "notify"))
        link.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        watchdog.notify(watchdog.READY)
        assert link.recv(64) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_where_no_systemd_listens_nothing_happens(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    watchdog.notify(watchdog.ALIVE)

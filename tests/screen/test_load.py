"""Many pages, and a page that sends garbage, do not keep a patient waiting."""

import http.client
import socket
import threading
import time
from contextlib import ExitStack

import pytest

from tests.screen.kiosk import Lips, Notes, kiosk
from tests.screen.script import TINGLING

PAGES = 200
QUESTION = f'{{"wish": "type", "text": "{TINGLING}"}}'.encode()
SOON = 2.0
"""Seconds that an answer may take to stand on a page under load; it takes some milliseconds."""


@pytest.fixture
def running(script):
    with kiosk(script, ears=Notes(), mouth=Lips()) as running:
        yield running


def wish(running, body: bytes) -> int:
    link = http.client.HTTPConnection("127.0.0.1", running.screen.port, timeout=20)
    link.request("POST", "/wishes", body, {"Origin": running.screen.address.rstrip("/")})
    status = link.getresponse().status
    link.close()
    return status


def follow(running) -> socket.socket:
    """Open a page's stream of views."""
    link = socket.create_connection(("127.0.0.1", running.screen.port), 20)
    link.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{running.screen.port}\r\n\r\n".encode())
    return link


def wait_for(link: socket.socket, words: bytes) -> None:
    read = b""
    while words not in read:
        piece = link.recv(65536)
        assert piece, read[-200:]
        read += piece


def test_two_hundred_pages_see_an_answer_at_once(running):
    with ExitStack() as stack:
        links = [stack.enter_context(follow(running)) for _ in range(PAGES)]
        for link in links:
            wait_for(link, b'"blank": true')
        begun = time.monotonic()
        assert wish(running, QUESTION) == 204
        for link in links:
            wait_for(link, b"electric shock")
        assert time.monotonic() - begun < SOON * 2
        running.mouth.go_on(9)


def test_a_page_that_sends_garbage_at_full_speed_does_not_delay_an_answer(running):
    over = threading.Event()
    sent = []

    def flood():
        while not over.is_set():
            sent.append(wish(running, b'{"wish": "type", "text": 7}'))

    threads = [threading.Thread(target=flood) for _ in range(2)]
    for thread in threads:
        thread.start()
    with follow(running) as link:
        wait_for(link, b'"blank": true')
        begun = time.monotonic()
        assert wish(running, QUESTION) == 204
        wait_for(link, b"electric shock")
        seconds = time.monotonic() - begun
    over.set()
    for thread in threads:
        thread.join()
    running.mouth.go_on(9)
    assert set(sent) == {400}
    assert seconds < SOON

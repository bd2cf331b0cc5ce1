"""Only the page itself is let in, nothing goes out, and words are never markup."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from kiosk.converse.turn import Asked, Asking, Phase, State
from kiosk.screen import Look, Screen
from kiosk.screen.live import LEVELS, Live
from kiosk.screen.wishes import LONGEST, event
from kiosk.terms import KioskError
from tests.screen.kiosk import Notes, kiosk

MARKUP = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script><b>bold</b>"


@pytest.fixture
def there(script):
    with kiosk(script, ears=Notes()) as there:
        yield there


@pytest.fixture
def send(there):
    """Send a request as any program on this computer can."""
    port = there.screen.port

    with ExitStack() as stack:

        def send(method="GET", path="/", body=None, **headers) -> http.client.HTTPResponse:
            connection = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)))
            named = {"Host": f"127.0.0.1:{port}", **{name.replace("_", "-"): value for name, value in headers.items()}}
            connection.request(method, path, body, named)
            return stack.enter_context(closing(connection.getresponse()))

        yield send


def own(there) -> str:
    return there.screen.address.rstrip("/")


def test_the_page_is_served_on_the_loopback_alone(there):
    assert there.screen._socket.getsockname()[0] == "127.0.0.1"  # noqa: SLF001
    outside = next((a[4][0] for a in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)), "127.0.0.1")
    if not outside.startswith("127."):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((outside, there.screen.port), timeout=2)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", ""])
def test_a_foreign_name_is_refused(there, send, host):
    """A page that has renamed itself to this address (DNS rebinding) sends its own name."""
    assert send(Host=host.format(port=there.screen.port)).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/events"), ("POST", "/wishes")])
def test_a_foreign_page_is_refused(there, send, origin, method, path):
    wish = json.dumps({"wish": "ask"})
    assert send(method, path, wish, Origin=origin.format(port=there.screen.port)).status == 403
    assert there.session.state.phase is Phase.IDLE


def test_a_foreign_frame_image_or_script_is_refused(send):
    assert send(Sec_Fetch_Site="cross-site").status == 403
    assert send(path="/static/main.js", Sec_Fetch_Site="same-site").status == 403


def test_a_wish_without_a_page_is_refused(send):
    assert send("POST", "/wishes", '{"wish": "ask"}').status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nonsense", b"\xff", b"[]", b"{}", b'"ask"', b'{"wish": 1}', b'{"wish": "burn"}', b'{"wish": ["ask"]}',
        b'{"wish": "type"}', b'{"wish": "type", "text": " "}', b'{"wish": "type", "text": ["x"]}',
        b'{"wish": "choose", "intent": "nosuch"}', b'{"wish": "choose", "intent": null}', b"[" * 4000, b" " * 9000,
        json.dumps({"wish": "type", "text": "x" * (LONGEST + 1)}).encode(),
    ],
)  # fmt: skip
def test_what_no_page_would_send_is_refused_and_breaks_nothing(there, send, body):
    assert send("POST", "/wishes", body, Origin=own(there)).status == 400
    assert there.session.state == there.session.state.welcome
    assert send("POST", "/wishes", b'{"wish": "ask"}', Origin=own(there)).status == 204


def test_control_signs_are_taken_out_of_what_is_typed(phrasebook):
    asked = event(b'{"wish": "type", "text": "hot\\u001b[31m\\n\\u0000 shower"}', phrasebook)
    assert isinstance(asked, Asked)
    assert asked.transcript.text == "hot [31m shower"
    assert event(b'{"wish": "ask"}', phrasebook) == Asking()


def test_nothing_inline_nothing_foreign_nothing_kept(send):
    policy = send().headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    for path in ("/", "/theme.css", "/static/main.js", "/nosuch"):
        assert send(path=path).headers["Cache-Control"] == "no-store"
        assert send(path=path).headers["Set-Cookie"] is None
    assert send(path="/static/../server.py").status == 404
    assert send(path="/static/%2e%2e/server.py").status == 404


def test_words_are_never_markup(visit):
    page = visit().type(MARKUP).wait_for("unknown")
    assert page.see(".unknown .question").inner_text() == MARKUP
    page.ask(MARKUP)
    assert page.page.inner_text("#words") == MARKUP
    page.fall_silent().wait_for("unknown")
    assert not page.page.locator(".question img, .question b, #words img, #said b").count()
    assert page.page.title() != "broken"
    assert page.faults == []


def test_a_whole_visit_stays_on_this_computer_and_leaves_nothing_behind(visit):
    page = visit().type("what is the weather tomorrow").wait_for("unknown").touch("#finish").wait_for("welcome")
    assert {url for url in page.requests if not url.startswith(page.kiosk.screen.address)} == set()
    assert page.page.context.cookies() == []
    kept = "[localStorage.length, sessionStorage.length, history.length, navigator.serviceWorker.controller]"
    assert page.page.evaluate(kept) == [0, 0, 2, None]
    assert page.page.evaluate("async () => (await caches.keys()).length + (await indexedDB.databases()).length") == 0


def test_words_are_not_logged(visit, caplog, capfd):
    caplog.set_level(0)
    page = visit().type("what is the weather tomorrow").wait_for("unknown")
    page.touch("#finish").wait_for("welcome")
    assert "weather" not in caplog.text + "".join(capfd.readouterr())


def test_a_port_that_is_taken_is_told(there, script):
    with pytest.raises(KioskError, match=f"port {there.screen.port}") as caught:
        Screen(there.session, script.phrasebook, Look(port=there.screen.port))
    assert "--port" in caught.value.mend


def test_levels_come_at_a_rate_that_eyes_can_use(phrasebook):
    """A second of levels, a hundred of them; words are not held back."""
    now = 0.0
    shown = []

    async def run():
        nonlocal now
        live = Live(phrasebook, clock=lambda: now)
        live.begin()

        async def watch():
            shown.extend([json.loads(seen) async for seen in live.views()])

        watching = asyncio.create_task(watch())
        for moment in range(100):
            now = moment / 100
            live.show(State(Phase.LISTENING, level=-60 + moment / 3, words="now" if moment == 99 else ""))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        live.end()
        await watching

    with ThreadPoolExecutor(1) as elsewhere:  # the browser's driver has a loop of its own in this thread
        elsewhere.submit(asyncio.run, run()).result()
    assert LEVELS - 2 <= len(shown) <= LEVELS + 2
    assert shown[-1]["words"] == "now"


def test_a_view_keeps_nothing_of_the_one_before(phrasebook):
    live = Live(phrasebook)
    live.show(State(Phase.LISTENING, words="my zebrafish"))
    assert "zebrafish" in repr(vars(live))
    live.show(State())
    assert "zebrafish" not in repr(vars(live))

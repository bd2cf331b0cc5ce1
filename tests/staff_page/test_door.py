"""Nobody comes in without the PIN, from elsewhere, or by a trick; and nobody who does loses what was typed."""

from __future__ import annotations

import http.client
import re
import ssl
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlencode

import pytest

from kiosk.converse.turn import Asked, Phase
from kiosk.staff_page import certificate, staff_page
from kiosk.staff_page.door import COOKIE
from kiosk.staff_page.lock import Lock
from kiosk.staff_page.network import Address, Network, parsed
from kiosk.terms import KioskError, Transcript
from tests.staff_page.clinic import PIN, Clock
from tests.waiting import until

MARKUP = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>{{7*7}}</textarea>"
PAGES = ("", "answers/tingling", "answers/new", "refused", "refused/mixed", "words", "words/numb", "clinic", "try",
         "history", "asked", "use")  # fmt: skip
FORM = "application/x-www-form-urlencoded"


class Browser:
    """Any program that speaks HTTP, with a memory for cookies."""

    def __init__(self, host: str, port: int, scheme="http", context=None) -> None:
        self.where = f"{host}:{port}"
        self.origin = f"{scheme}://{self.where}"
        self.cookie = ""
        self._connect = lambda: (
            http.client.HTTPSConnection(host, port, timeout=20, context=context)
            if scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=20)
        )

    def send(self, method="GET", path="/staff/", form=None, **headers):
        named = {"Host": self.where, **({"Cookie": self.cookie} if self.cookie else {})}
        if method == "POST":
            named |= {"Origin": self.origin, "Content-Type": FORM}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = urlencode(form) if isinstance(form, dict) else form
        with closing(self._connect()) as connection:
            connection.request(method, path, body, {name: value for name, value in named.items() if value})
            answer = connection.getresponse()
            answer.text = answer.read().decode("utf-8", "replace")
        if cookie := answer.headers["Set-Cookie"]:
            self.cookie = cookie.partition(";")[0]
        return answer

    def enter(self, pin=PIN, path="/staff/"):
        return self.send("POST", path, {"pin": pin, "asked_by": "GET"})

    def csrf(self) -> str:
        return re.search(r'name="csrf" value="([^"]+)"', self.send(path="/staff/answers/tingling").text)[1]


@pytest.fixture
def http_browser(there):
    return Browser("127.0.0.1", there.screen.port)


# --- without a PIN ---
def test_without_a_pin_there_is_no_staff_page_and_no_mark_of_it(switch_on):
    there = switch_on(pin="")
    browser = Browser("127.0.0.1", there.screen.port)
    for path in ("/staff/", "/staff/answers/tingling", "/staff/static/staff.css", "/staff/leave"):
        assert browser.send(path=path).status == 404
    assert 'id="staff"' not in browser.send(path="/").text
    there.entrance.pin.set(PIN)
    assert 'id="staff"' in browser.send(path="/").text
    assert browser.enter().status == 303
    there.entrance.pin.remove()
    assert browser.send().status == 404


def test_nothing_is_shown_before_the_pin(http_browser):
    for path in [*PAGES, "alive", "voice/x", "history/20261122-101010-123456"]:
        answer = http_browser.send(path=f"/staff/{path}")
        assert answer.status == 403, path
        assert "Staff: enter the PIN" in answer.text
        assert "tingl" not in answer.text.replace("answers/tingling", "")


def test_a_new_pin_ends_every_visit(switch_on):
    there = switch_on()
    http_browser = Browser("127.0.0.1", there.screen.port)
    http_browser.enter()
    assert http_browser.send().status == 200
    there.entrance.pin.set("731846")
    assert http_browser.send().status == 403


# --- guessing ---
def test_guessing_is_slowed_then_locked_and_a_restart_forgives_nothing(switch_on):
    there = switch_on()
    http_browser = Browser("127.0.0.1", there.screen.port)
    lock = there.entrance.lock
    lock._clock = clock = Clock()  # noqa: SLF001 - no second passes unless the test says so
    wrong = http_browser.enter("000000")
    assert wrong.status == 403
    assert "Wait 1 second" in wrong.text
    early = http_browser.enter()
    assert early.status == 429
    assert http_browser.cookie == ""
    for _ in range(4):
        clock.now += 8
        http_browser.enter("000000")
    assert "Wait 5 minutes" in http_browser.enter().text
    assert Lock(lock._path, clock).wait() == 300  # noqa: SLF001
    clock.now += 300
    assert http_browser.enter().status == 303


def test_a_pin_without_end_is_wrong(switch_on):
    assert Browser("127.0.0.1", switch_on().screen.port).enter("1" * 100_000).status == 403


# --- sessions and other origins ---
def test_the_cookie_is_kept_from_scripts_and_other_pages(http_browser):
    cookie = http_browser.enter().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/staff" in cookie
    assert len(cookie.partition("=")[2].partition(";")[0]) >= 43


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": "http://127.0.0.1:1"},
    {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Host": "evil.example"},
])  # fmt: skip
def test_another_origin_can_use_no_visit_even_with_its_cookie(there, http_browser, headers):
    http_browser.enter()
    form = {"csrf": http_browser.csrf(), "do": "keep:on"}
    assert http_browser.send("POST", "/staff/asked", form, **headers).status == 403
    assert not there.desk.asked.keeping


@pytest.mark.parametrize("csrf", ["", "x", "é"])
def test_a_form_of_another_page_is_not_taken(there, http_browser, csrf):
    http_browser.enter()
    assert http_browser.send("POST", "/staff/asked", {"csrf": csrf, "do": "keep:on"}).status == 403
    assert not there.desk.asked.keeping


def test_another_token_opens_nothing(http_browser):
    http_browser.enter()
    http_browser.cookie = http_browser.cookie[:-1] + ("A" if http_browser.cookie[-1] != "A" else "B")
    assert http_browser.send().status == 403
    http_browser.cookie = f"{COOKIE}="
    assert http_browser.send().status == 403


def test_leaving_ends_the_visit_for_good(http_browser):
    http_browser.enter()
    kept = http_browser.cookie
    assert http_browser.send("POST", "/staff/leave").headers["Location"] == "/"
    http_browser.cookie = kept
    assert http_browser.send().status == 403


@pytest.mark.parametrize("path", ["//evil.example/%2e%2e", "/staff//evil.example", "/staff/?next=//evil.example"])
def test_the_pin_leads_nowhere_else(http_browser, path):
    assert not (http_browser.enter(path=path).headers["Location"] or "/").startswith(("//", "http:"))


@pytest.mark.parametrize("body", [b"", b"x", b"\xff", b"a=%ff", b"&" * 5000, b"=" * 9000, b"a=b&" * 600])
def test_what_no_form_would_send_breaks_nothing(http_browser, body):
    http_browser.enter()
    assert http_browser.send("POST", "/staff/answers/tingling", body).status in (400, 403)
    assert http_browser.send("POST", "/staff/", b"{}", Content_Type="application/json").status == 400
    assert http_browser.send().status == 200


# --- tricks ---
@pytest.mark.parametrize("name", [
    "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%00", "tingling%00.yaml", "tingling.yaml", "a%2fb", "%ff", "TINGLING",
    "..%5c..%5cx", "%0d%0aSet-Cookie:x", "x" * 3000, "clinic", "%F0%9F%92%A9",
])  # fmt: skip
def test_no_path_leads_out_of_the_folder(there, http_browser, name):
    http_browser.enter()
    before = {path: path.read_bytes() for path in there.folder.rglob("*.yaml")}
    csrf = http_browser.csrf()
    # What is there by that name is told of as not being there; what is read as another address shows another page.
    for kind in ("answers", "refused", "words", "history"):
        answer = http_browser.send(path=f"/staff/{kind}/{name}")
        assert answer.status in (200, 303, 307, 404)
        assert "root:" not in answer.text
        form = {"csrf": csrf, "do": "weigh", "title": "x", "lines": "x", "new": "../x", "group": "..", "answer": "x"}
        assert http_browser.send("POST", f"/staff/{kind}/{name}", form).status in (303, 307, 404, 409, 422, 200, 405)
        assert http_browser.send("POST", f"/staff/{kind}/{name}/rename", form).status in (
            303,
            307,
            404,
            409,
            422,
            405,
            200,
        )
    assert {path: path.read_bytes() for path in there.folder.rglob("*.yaml")} == before
    assert not list(there.folder.parent.rglob("x*.yaml"))


@pytest.mark.parametrize("name", ["../evil", "..", "a/b", "", "Ü", "a" * 300, "con.yaml"])
@pytest.mark.parametrize(
    ("path", "field"), [("answers/tingling/rename", "new"), ("refused/new", "name"), ("words/new", "name")]
)
def test_no_new_name_leads_out_of_the_folder(there, http_browser, path, field, name):
    http_browser.enter()
    form = {"csrf": http_browser.csrf(), "do": "weigh", field: name, "title": "x", "lines": "x y z"}
    answer = http_browser.send("POST", f"/staff/{path}", form)
    assert answer.status in (404, 409, 422)
    assert not list(there.folder.parent.rglob("*evil*"))


def test_words_are_never_markup(visit, there):
    staff = visit("answers/tingling", there)
    staff.page.fill("#title", MARKUP)
    staff.page.fill("#answer", MARKUP)
    staff.page.fill("#questions", f"my fingers are tingling\n{MARKUP}")
    staff.page.fill("#question", MARKUP)
    staff.press("Ask")
    staff.see("#trial")
    staff.press("See the effect")
    staff.see("#found, #effect-title, #lost-title")
    assert staff.page.title() != "broken"
    assert staff.page.locator("main img, main script").count() == 0
    assert "{{7*7}}" in staff.page.content()
    assert staff.faults == []


def test_nothing_inline_and_nothing_kept(http_browser):
    http_browser.enter()
    for path in ("/staff/", "/staff/answers/tingling", "/staff/static/staff.css"):
        answer = http_browser.send(path=path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert " style=" not in answer.text
        assert " onclick" not in answer.text


# --- in the browser ---
def test_every_page_is_for_everyone(visit, there):
    staff = visit(there=there)
    for path in PAGES:
        staff.page.set_viewport_size({"width": 1280, "height": 800})
        staff.go(path)
        assert staff.axe() == [], path
        staff.page.set_viewport_size({"width": 390, "height": 800})
        assert staff.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert staff.too_small() == [], path
    assert staff.faults == []


def test_the_question_for_the_pin_is_for_everyone(visit):
    staff = visit(enter=False)
    staff.there.entrance.lock._clock = clock = Clock()  # noqa: SLF001 - no second passes unless the test says so
    assert staff.axe() == []
    staff.page.fill("#pin", "000000")
    staff.page.keyboard.press("Enter")
    assert "wrong" in staff.see("#pin-message").inner_text()
    assert staff.axe() == []
    staff.see("#pin-message", "You can try again now")
    clock.now += 1
    staff.enter()


def test_a_save_after_the_end_of_the_visit_asks_for_the_pin_and_goes_on(visit):
    clock = Clock()
    staff = visit("answers/tingling", clock=clock)
    staff.there.entrance.lock._clock = clock  # noqa: SLF001 - likewise
    staff.page.fill("#answer", "Typed for a very long time.")
    clock.now += 901
    staff.press("See the effect")
    assert "What you typed is kept" in staff.see("main", "Enter the PIN again").inner_text()
    assert staff.axe() == []
    staff.page.fill("#pin", "999999")
    staff.page.keyboard.press("Enter")
    staff.see("#pin-message", "You can try again now")
    clock.now += 1
    staff.page.fill("#pin", PIN)
    staff.page.keyboard.press("Enter")
    staff.effect()
    clock.now += 901
    staff.page.fill("#reason", "it took a while")
    staff.page.click("button[value=save]")
    staff.page.fill("#pin", PIN)
    staff.page.keyboard.press("Enter")
    staff.see(".good", "Saved")
    assert "Typed for a very long time." in staff.there.file("normal_sensations/tingling.yaml").read_text()


def test_the_page_tells_when_the_visit_has_ended_and_keeps_what_was_typed(visit, there):
    staff = visit(there=there)
    staff.page.clock.install()
    staff.go("answers/tingling")
    staff.page.fill("#answer", "Half a sentence")
    staff.page.clock.fast_forward("15:02")
    staff.see("#ended", "Your visit has ended")
    assert staff.axe() == []
    staff.press("Go on")
    assert staff.page.input_value("#answer") == "Half a sentence"


def test_a_page_on_which_nothing_was_typed_gives_way_to_the_patients(visit, there):
    staff = visit(there=there)
    staff.page.clock.install()
    staff.go("use")
    staff.page.clock.fast_forward("15:02")
    staff.page.wait_for_url(staff.there.screen.address)


def test_the_mark_on_the_patients_page_leads_there_when_it_is_held_and_disturbs_nobody(visit):
    staff = visit(enter=False)
    there = staff.there
    staff.page.goto(there.screen.address)
    mark = staff.see("#staff")
    assert min(mark.bounding_box()[side] for side in ("width", "height")) >= 48
    there.session.post(Asked(Transcript("my fingers are tingling")))
    staff.page.locator("html[data-view=answer]").wait_for()
    until(lambda: there.session.state.phase is Phase.ANSWERED)
    before = there.session.state
    mark.click()
    assert staff.page.url == there.screen.address
    mark.click(delay=1200)
    staff.see("#pin")
    assert "tingl" not in staff.page.content()
    assert there.session.state == before
    staff.enter().press("Finish")
    staff.page.locator("html[data-view=answer]").wait_for()
    staff.page.focus("#staff")
    staff.page.keyboard.press("Enter")
    staff.see("#pin")


# --- the clinic's network ---
@pytest.fixture
def network(there, tmp_path):
    page = staff_page(there.desk, there.entrance, home="")
    with Network(page, Address("127.0.0.1", 0), certificate.own(tmp_path / "aside")) as network:
        yield network


def trusting(network, tmp_path):
    context = ssl.create_default_context(cafile=str(tmp_path / "aside" / "certificate.pem"))
    return Browser("127.0.0.1", network.address.port, "https", context)


def test_over_the_network_there_is_tls_and_the_staff_page_alone(network, tmp_path):
    browser = trusting(network, tmp_path)
    assert browser.send().status == 403
    entered = browser.enter()
    assert entered.status == 303
    assert "Secure" in entered.headers["Set-Cookie"]
    assert browser.send().status == 200
    for path in ("/events", "/theme.css", "/static/main.js"):
        assert browser.send(path=path).status == 404
    assert browser.send("POST", "/wishes", b'{"wish": "ask"}').status in (404, 405)
    assert "patients' page" not in browser.send("POST", "/staff/leave").text
    plain = Browser("127.0.0.1", network.address.port)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        plain.send()


def test_over_the_network_nobody_can_listen_to_the_waiting_room(network, tmp_path):
    browser = trusting(network, tmp_path)
    browser.enter()
    assert 'id="say"' not in browser.send(path="/staff/try").text
    answer = browser.send("POST", "/staff/say", {"csrf": browser.csrf(), "do": "listen"})
    assert answer.status == 404
    assert "readings" not in answer.text


@pytest.mark.parametrize(("host", "status"), [
    ("evil.example:{port}", 403), ("127.0.0.1:{port}", 200), ("192.168.1.20:{port}", 200), ("[::1]:{port}", 200),
    ("127.0.0.1", 403), ("127.0.0.1.evil.example:{port}", 403),
])  # fmt: skip
def test_over_the_network_a_foreign_name_is_refused(network, tmp_path, host, status):
    browser = trusting(network, tmp_path)
    browser.enter()
    assert browser.send(Host=host.format(port=network.address.port)).status == status


def test_the_warning_says_who_can_come_in_and_how_to_know_the_kiosk(network, tmp_path):
    assert "everybody on the network" in network.warning
    assert network.fingerprint in network.warning
    own = certificate.own(tmp_path / "aside")
    assert own.fingerprint == network.fingerprint
    assert own.key.stat().st_mode & 0o777 == 0o600


def test_a_certificate_that_cannot_be_used_is_told(there, tmp_path):
    good = certificate.own(tmp_path / "own")
    other = certificate.own(tmp_path / "other")
    page = staff_page(there.desk, there.entrance, home="")
    for wrong in (certificate.Certificate(good.certificate, other.key), certificate.Certificate(good.key, good.key)):
        with pytest.raises(KioskError, match="certificate"):
            Network(page, Address("127.0.0.1", 0), wrong)
    with pytest.raises(KioskError, match="cannot be served at"):
        Network(page, Address("127.0.0.1", there.screen.port), good)


@pytest.mark.parametrize(("text", "host", "port"), [
    ("192.168.1.20", "192.168.1.20", 8759), ("10.0.0.7:443", "10.0.0.7", 443), ("[::1]:9000", "::1", 9000),
    ("[::1]", "::1", 8759), ("desk.local:1", "desk.local", 1),
])  # fmt: skip
def test_an_address_is_read(text, host, port):
    assert parsed(text) == Address(host, port)


@pytest.mark.parametrize("text", ["", ":80", "host:port", "host:70000"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r"address|literal"):
        parsed(text)


def test_the_command_names_what_it_cannot_serve():
    command = [sys.executable, "-m", "kiosk", "run", "--no-browser", "--staff-address", "nowhere:x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "--staff-address" in done.stderr

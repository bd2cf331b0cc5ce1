"""Installs and verifies the speech model, whose weights are too large for the repository.

A manifest names the model's files with their digests; where they come from does not matter, because
nothing is used before every digest is right. An install works in a hidden folder beside the target,
under a lock, and moves the files into place in one step, so that whatever interrupts it leaves the
target as it was.
"""

from __future__ import annotations

import hashlib
import http.client
import lzma
import os
import shutil
import stat
import struct
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from typing import IO, Final

from kiosk.terms import ModelError

PATIENCE: Final = 10.0
"""Seconds to wait for a connection, or for the next byte of a download."""
MAVEN_PATIENCE: Final = 600.0
"""Seconds for Maven to fetch its plugin and the model."""
PIECE: Final = 64 * 1024
"""Bytes read at a time."""
SLACK: Final = 64 * 1024 * 1024
"""Bytes an archive may unpack to beyond the model's files, for what else it carries."""
COPY_PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
BESIDES: Final = frozenset({"README", "uuid"})
"""Files that archives of the model hold besides those of the manifest; they may differ."""
UNREADABLE: Final = (
    EOFError,
    ValueError,
    RuntimeError,  # a password, or a compression that Python does not know
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
"""What `zipfile` raises when an archive is damaged, beside `OSError`."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model."""

    path: str
    """Below the model's folder, with slashes."""
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model is, and where it may be had."""

    name: str
    version: str
    language: str
    licence: str
    origin: str
    """The address of the official archive."""
    maven: str
    """The same files as a Maven artifact: group:artifact:version:packaging."""
    files: tuple[ModelFile, ...]

    @property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file that a source offers."""

    size: int
    open: Callable[[], IO[bytes]]


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in the TOML file `path`; raises `ModelError`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        files = tuple(ModelFile(**file) for file in table.pop("files"))
        return Manifest(files=files, **table)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The model's manifest {path} cannot be used: {error}.", "Install the kiosk anew.") from error


def verify(manifest: Manifest, target: Path) -> list[str]:
    """Return what is wrong with the files in `target`, one line each; an empty list when all are right."""
    found = ((file, _problem(file, target / file.path)) for file in manifest.files)
    return [f"{file.path} {problem}" for file, problem in found if problem]


def require(manifest: Manifest, target: Path) -> None:
    """Raise `ModelError` unless every file in `target` is right."""
    if problems := verify(manifest, target):
        more = f", and {len(problems) - 1} more like it" if len(problems) > 1 else ""
        what = f"The speech model in {target} cannot be used: {problems[0]}{more}."
        raise ModelError(what, "Install it with: kiosk model install")


def install(
    manifest: Manifest,
    target: Path,
    source: Path | None = None,
    *,
    report: Callable[[str], None],
    progress: Callable[[int, int], None] = lambda _received, _total: None,
) -> None:
    """Put the model's files into the folder `target`, from the first source that has them.

    `source` is a folder, a zip or an aar to look in first. `report` is told in lines what is tried;
    `progress` is told the bytes received and the bytes there are (0 if unknown) while downloading.
    Raises `ModelError` when no source works; `target` is then as it was.
    """
    target = target.resolve()
    total = len(manifest.files)
    right = total - len(verify(manifest, target))
    report(f"Looking in {target}: {right} of the {total} files of {manifest.name} are there and right.")
    if right == total:
        return
    _refuse_to_replace(manifest, target, right)
    with _workspace(target, report) as work:
        if verify(manifest, target):  # another install may have been at work meanwhile
            _Installation(manifest, work, report, progress).fetch(source)
            _move(work / "new", target, aside=work / "old")
    report(f"The model is installed in {target}.")


@dataclass(frozen=True, slots=True)
class _Installation:
    """One install at work in its folder `work`; `work/new` is where the files are put."""

    manifest: Manifest
    work: Path
    report: Callable[[str], None]
    progress: Callable[[int, int], None]

    def fetch(self, source: Path | None) -> None:
        """Fill `work/new` from the first source that works."""
        failures = []
        for name, attempt in self.sources(source):
            self.report(f"Trying {name}.")
            try:
                attempt()
            except (ModelError, OSError) as error:
                complaint = " ".join(str(error).split())
                self.report(f"That did not work: {complaint}.")
                failures.append(f"\n  {name}: {complaint}.")
            else:
                return
        raise ModelError(
            f"The speech model {self.manifest.name} could not be had. Tried:{''.join(failures)}",
            f"Download {self.manifest.origin} on another computer, bring it on a USB stick,\n"
            "  then run: kiosk model install --from PATH",
        )

    def sources(self, source: Path | None) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield each source's name, and what fills `work/new` from it or raises `ModelError`."""
        if source:
            yield str(source), lambda: self.take(source)
        yield f"the official archive, {self.manifest.origin}", self.take_official
        if mvn := shutil.which("mvn"):
            yield f"Maven, {self.manifest.maven}", lambda: self.take_from_maven(mvn)

    def take(self, path: Path) -> None:
        """Take the files from an archive, or a folder that has them or an archive of them in it."""
        if not path.exists():
            raise ModelError("there is no such file or folder")
        if not path.is_dir():
            self.take_archive(path)
            return
        try:
            self.copy(_in_folder(path))
        except ModelError:
            archives = [archive for archive in sorted(path.glob("*vosk*")) if archive.suffix in (".zip", ".aar")]
            if not archives:
                raise
            self.take_archive(archives[-1])

    def take_archive(self, path: Path) -> None:
        try:
            with zipfile.ZipFile(path) as archive:
                self.copy(_in_archive(archive, self.manifest.size + SLACK))
        except UNREADABLE as error:
            raise ModelError(f"{path.name} is damaged or no zip archive ({error})") from error

    def take_official(self) -> None:
        archive = self.work / "download.zip"
        try:
            self.download(archive)
        except urllib.error.HTTPError as error:
            raise ModelError(f"the server answered {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise ModelError(f"it cannot be downloaded ({getattr(reason, 'strerror', None) or reason})") from error
        self.take_archive(archive)

    def download(self, archive: Path) -> None:
        received = 0
        # The address comes from the kiosk's own manifest.
        with urllib.request.urlopen(self.manifest.origin, timeout=PATIENCE) as answer, archive.open("wb") as file:  # noqa: S310
            total = int(answer.headers.get("Content-Length", 0))
            while piece := answer.read(PIECE):
                received += file.write(piece)
                if received > self.manifest.size + SLACK:
                    raise ModelError("it is far larger than the model")
                self.progress(received, total)
        if total and received < total:
            raise ModelError(f"the download broke off after {received} of {total} bytes")

    def take_from_maven(self, mvn: str) -> None:
        folder = self.work / "maven"
        folder.mkdir(exist_ok=True)
        options = [f"-Dartifact={self.manifest.maven}", f"-DoutputDirectory={folder}", "-Dmdep.useBaseVersion=true"]
        try:
            done = subprocess.run(  # noqa: S603  the command is ours, its place is the PATH's
                [mvn, "-B", COPY_PLUGIN, *options],
                cwd=folder,  # where no project of Maven's can be
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=MAVEN_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ModelError(f"mvn was not done after {MAVEN_PATIENCE:.0f} seconds") from error
        except OSError as error:
            raise ModelError(f"mvn does not start ({error.strerror})") from error
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace").splitlines()
            complaint = next((line for line in said if line.startswith("[ERROR]")), f"status {done.returncode}")
            raise ModelError(f"mvn failed ({complaint[:200]})")
        archives = sorted(folder.iterdir())
        if not archives:
            raise ModelError("mvn brought no file")
        self.take_archive(archives[0])

    def copy(self, offered: Mapping[str, _Entry]) -> None:
        """Copy the model's files to `work/new`; raises `ModelError` unless every digest is right."""
        root = _root(offered, self.manifest)
        new = self.work / "new"
        shutil.rmtree(new, ignore_errors=True)
        for file in self.manifest.files:
            place = new / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            with offered[root + file.path].open() as source, place.open("wb") as copy:
                digest = _copy(source, copy, file.size)
            if digest != file.sha256:
                raise ModelError(f"{file.path} is damaged in it: its digest is wrong")


def _problem(file: ModelFile, path: Path) -> str:
    try:
        size = path.stat().st_size
        if size != file.size:
            return f"has {size} bytes instead of {file.size}"
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return "" if digest == file.sha256 else "is damaged: its digest is wrong"


def _refuse_to_replace(manifest: Manifest, target: Path, right: int) -> None:
    """Raise `ModelError` if `target` holds anything but this model, whole or in part."""
    if target.exists() and not target.is_dir():
        raise ModelError(f"{target} is a file.", "Name a folder with --dir DIR.")
    ours = {file.path for file in manifest.files} | BESIDES
    foreign = any(not path.is_dir() and path.relative_to(target).as_posix() not in ours for path in target.rglob("*"))
    damaged = sum((target / file.path).exists() for file in manifest.files) - right
    # Another small model has files of the same names, but few of the same content.
    if foreign or damaged > len(manifest.files) / 2:
        raise ModelError(
            f"{target} holds something else than the model {manifest.name}, so nothing was put there.",
            "Name a new or empty folder with --dir DIR, or empty this one.",
        )


def _in_folder(folder: Path) -> dict[str, _Entry]:
    """Return the files in `folder` at any depth, by their path below it."""
    paths = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return {
        path.relative_to(folder).as_posix(): _Entry(path.stat().st_size, partial(FileIO, path))
        for path in paths
        if path.is_file()
    }


def _in_archive(archive: zipfile.ZipFile, most: int) -> dict[str, _Entry]:
    """Return the files of an archive; raises `ModelError` if it is not one that can be trusted."""
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    for member in archive.infolist():
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or not parts[0] or ":" in parts[0]:
            raise ModelError(f"the archive is refused: {member.filename!r} in it leads out of its folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ModelError(f"the archive is refused: {member.filename!r} in it is a link")
    if sum(member.file_size for member in members) > most:
        raise ModelError("the archive is refused: it would unpack to far more than the model")
    return {member.filename: _Entry(member.file_size, partial(archive.open, member)) for member in members}


def _root(offered: Mapping[str, _Entry], manifest: Manifest) -> str:
    """Return what stands before the manifest's paths in `offered`: "", or a folder with its slash."""
    first = manifest.files[0].path
    roots = [name.removesuffix(first) for name in offered if f"/{name}".endswith(f"/{first}")]
    unfit = "it does not hold this model"
    for root in sorted(roots, key=len):
        wrong = [file for file in manifest.files if root + file.path not in offered]
        wrong += [file for file in manifest.files if file not in wrong and offered[root + file.path].size != file.size]
        if not wrong:
            return root
        unfit = f"{root}{wrong[0].path} in it is missing or has not {wrong[0].size} bytes"
    raise ModelError(unfit)


def _copy(source: IO[bytes], copy: IO[bytes], size: int) -> str:
    """Copy at most `size` bytes, down to the disk, and return their digest."""
    digest = hashlib.sha256()
    while size and (piece := source.read(min(size, PIECE))):
        digest.update(piece)
        copy.write(piece)
        size -= len(piece)
    copy.flush()
    os.fsync(copy.fileno())
    return digest.hexdigest()


def _move(new: Path, target: Path, aside: Path) -> None:
    """Put the folder `new` in the place of `target`."""
    try:
        if target.exists():
            target.rename(aside)
        new.rename(target)
    except OSError as error:
        if aside.exists():
            aside.rename(target)
        raise ModelError(f"The model cannot be moved to {target}: {error.strerror}.", "Name another --dir.") from error


@contextmanager
def _workspace(target: Path, report: Callable[[str], None]) -> Iterator[Path]:
    """Yield a folder on the target's file system that only this process uses, clean before and after.

    The folder stays, empty but for the lock: a lock that is removed protects nobody who waits for it.
    """
    work = target.parent / f".{target.name}.installing"
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock = (work / "lock").open("ab")
    except OSError as error:
        what = f"The model cannot be installed in {target.parent}: {error.strerror}."
        raise ModelError(what, "Name another folder with --dir DIR.") from error
    with lock:
        _wait_for(lock, report)
        if (work / "old").exists() and not target.exists():  # an install was killed between its two moves
            (work / "old").rename(target)
        _sweep(work)
        try:
            yield work
        finally:
            _sweep(work)


def _sweep(work: Path) -> None:
    (work / "download.zip").unlink(missing_ok=True)
    for name in ("new", "old", "maven"):
        shutil.rmtree(work / name, ignore_errors=True)


def _wait_for(lock: IO[bytes], report: Callable[[str], None]) -> None:
    """Lock the file against other installs, when they are done; the system unlocks it when it is closed."""
    told = False
    while not _locked(lock):
        if not told:
            report("Another install is at work; waiting for it.")
        told = True
        time.sleep(0.2)


if sys.platform == "win32":
    import msvcrt

    def _locked(lock: IO[bytes]) -> bool:
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _locked(lock: IO[bytes]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

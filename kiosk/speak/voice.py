"""A voice: text into sound by pyttsx3.

Every answer is made into a WAV once and kept, so that it can be played at once the next time, and
stopped at once, which pyttsx3 cannot do itself.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from kiosk.terms import VoiceError

RATE: Final = 150
"""Words a minute; engines speak 200. Slower is kinder to people who are old or listen in a second language."""
CACHE_LIMIT: Final = 200_000_000
"""Bytes of kept answers: about an hour and a quarter of speech."""
LEAST_FREE: Final = 16_000_000
"""Bytes that must be free on the disk: where it is full, the engine hangs instead of failing."""
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder with a name that nobody can guess is made in it
"""Where Linux keeps files in memory: sounds are kept there while the disk takes none."""
SPARE_LIMIT: Final = 40_000_000
"""Bytes of sounds kept there: all shipped answers are 30 MB."""
START_LIMIT: Final = 30.0
"""Seconds the engine may take to start; it takes 0.3, the first time on Windows some seconds."""
SAY_LIMIT: Final = 10.0
"""Seconds the engine may take for one text; an answer takes 0.03, on macOS about 2."""
ATTEMPTS: Final = 2
INSTALL: Final = "On Debian and Ubuntu: sudo apt-get install libespeak-ng1"

SAMPLE: Final = 2
"""Bytes of one 16-bit sample."""

WORKER: Final = (sys.executable, "-P", str(Path(__file__).with_name("engine.py")))
"""By its path and without this folder on the search path, where our modules would hide others."""


@dataclass(frozen=True, slots=True)
class InstalledVoice:
    """A voice that the computer's speech engine offers."""

    id: str
    """What to put into the settings."""
    name: str
    languages: tuple[str, ...]


def voices(worker: Sequence[str] = WORKER) -> tuple[InstalledVoice, ...]:
    """Return the voices that can be chosen from; raises `VoiceError`."""
    engine = _Engine(worker, SAY_LIMIT)
    try:
        listed = engine.ask({"voices": True})["voices"]
    finally:
        engine.end()
    return tuple(InstalledVoice(id_, name, tuple(languages)) for id_, name, languages in listed)


class Pyttsx3Voice:
    """Speaks with the computer's speech engine; implements `terms.Voice`. May be asked by several threads.

    Call `close`, or use it as a context manager, to end the engine's process; it also ends with ours.
    """

    def __init__(  # noqa: PLR0913 - all but the first have a default that fits
        self,
        *,
        cache_dir: Path,
        rate: int = RATE,
        volume: float = 1.0,
        voice: str = "",
        cache_limit: int = CACHE_LIMIT,
        limit: float = SAY_LIMIT,
        worker: Sequence[str] = WORKER,
    ) -> None:
        """Speak `rate` words a minute at `volume` (0 to 1) with the voice of this id, empty for an English one.

        Sounds are kept in `cache_dir` up to `cache_limit` bytes; for as long as that cannot be written, in a
        temporary folder. The engine is started when it is first needed, by the command `worker`; it
        is ended if it takes longer than `limit` seconds for a text.
        """
        self._manner = {"rate": rate, "volume": volume, "voice": voice}
        self._folder = cache_dir
        self._spare: tempfile.TemporaryDirectory[str] | None = None
        self._cache_limit = cache_limit
        self._engine = _Engine(worker, limit)
        self._lock = threading.Lock()

    def synthesise(self, text: str) -> Path:
        """Return a 16-bit mono WAV in which `text` is spoken, in some ms where it has to be made.

        Raises `VoiceError` if there is nothing to say, or the engine is missing or fails.
        """
        spoken = " ".join(text.split())
        if not spoken:
            raise VoiceError("There is nothing to say.")
        name = f"{self._digest(spoken)}.wav"
        # Not behind the lock: a hanging engine must not hold up what is there already.
        if kept := self._kept(name):
            return kept
        with self._lock:
            with suppress(OSError):
                return self._stored(spoken, self._folder / name)
            try:
                return self._stored(spoken, self._spare_folder() / name)
            except OSError as error:
                raise VoiceError(
                    f"The sound of the answer cannot be stored in {self._folder}, nor elsewhere: {error.strerror}.",
                    "Free some space on the disk.",
                ) from error

    def _kept(self, name: str) -> Path | None:
        """Return the sound of this name if it is there, in the cache or in the spare folder."""
        for folder in (self._folder, Path(self._spare.name) if self._spare else None):
            if folder and is_wav(folder / name):
                with suppress(OSError):  # a cache that is only read has no use for dates
                    os.utime(folder / name)
                return folder / name
        return None

    def close(self) -> None:
        """End the engine's process and drop the temporary folder, if there is one."""
        with self._lock:
            self._engine.end()
            if self._spare:
                self._spare.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _digest(self, spoken: str) -> str:
        """Return a name for what `spoken` sounds like: it changes with everything that changes the sound."""
        try:
            version = metadata.version("pyttsx3")
        except metadata.PackageNotFoundError as error:
            raise VoiceError("The package pyttsx3 is not installed.", "Run the set-up again.") from error
        manner = json.dumps([spoken, self._manner, version, sys.platform], sort_keys=True)
        return hashlib.sha256(manner.encode()).hexdigest()[:32]

    def _stored(self, spoken: str, path: Path) -> Path:
        """Return `path` with `spoken` made into it, unless it is by now; raises `OSError` and `VoiceError`."""
        if is_wav(path):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        handle, name = tempfile.mkstemp(".wav", "making-", path.parent)
        os.close(handle)
        aside = Path(name)
        try:
            self._make(spoken, aside)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        most = self._cache_limit if path.parent == self._folder else min(self._cache_limit, SPARE_LIMIT)
        _shrink(path.parent, most, besides=path)
        return path

    def _make(self, spoken: str, aside: Path) -> None:
        for _ in range(ATTEMPTS):
            said = self._engine.ask({"text": spoken, "path": str(aside), **self._manner})
            if "error" in said:
                raise VoiceError(
                    f"The speech engine cannot say it: {said['error']}.",
                    "Check the voice in the settings; leave it empty for the usual one.",
                )
            if is_wav(aside) or _converted(aside):
                return
            # espeak loses one text in some thousands and writes an empty file (measured); a new process does not.
            self._engine.end()
        raise VoiceError("The speech engine makes no sound.", "Choose another voice in the settings.")

    def _spare_folder(self) -> Path:
        """Return a folder beside the disk that is full: in memory, where the system has such a place."""
        if self._spare is None:
            there = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= SPARE_LIMIT + LEAST_FREE
            self._spare = tempfile.TemporaryDirectory(prefix="kiosk-voice-", dir=MEMORY if there else None)
        return Path(self._spare.name)


class _Engine:
    """The process that owns the speech engine: started when needed, ended when it hangs."""

    def __init__(self, command: Sequence[str], limit: float) -> None:
        self._command = command
        self._limit = limit
        self._process: subprocess.Popen[str] | None = None
        self._replies: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the reply to `request`; raises `VoiceError` if there is no engine, or it fails repeatedly."""
        for _ in range(ATTEMPTS):
            try:
                process = self._process or self._start()
                assert process.stdin
                print(json.dumps(request), file=process.stdin, flush=True)
                return self._reply(self._limit)
            except (OSError, EOFError, queue.Empty):
                self.end()
        raise VoiceError("The speech engine crashes or does not answer.", f"Try again. {INSTALL}")

    def end(self) -> None:
        """End the process, if there is one, whatever it is doing."""
        if self._process is None:
            return
        with self._process as process:
            process.kill()
        self._process = None

    def _start(self) -> subprocess.Popen[str]:
        """Start the process and wait until the engine is ready."""
        self._replies = queue.SimpleQueue()
        self._process = process = subprocess.Popen(  # noqa: S603 - our own program
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )
        threading.Thread(target=self._read, args=(process, self._replies), daemon=True).start()
        ready = self._reply(START_LIMIT)
        if "error" in ready:
            self.end()
            raise VoiceError(f"The speech engine does not start: {ready['error']}.", INSTALL)
        return process

    def _reply(self, limit: float) -> dict[str, Any]:
        line = self._replies.get(timeout=limit)
        if not line:
            raise EOFError
        reply: dict[str, Any] = json.loads(line)
        return reply

    @staticmethod
    def _read(process: subprocess.Popen[str], replies: queue.SimpleQueue[str]) -> None:
        """Pass the replies on, and an empty one at their end."""
        assert process.stdout
        with suppress(ValueError):  # closed under us by `end`
            for line in process.stdout:
                replies.put(line)
        replies.put("")


def is_wav(path: Path) -> bool:
    """Tell whether `path` is a whole 16-bit mono WAV with something in it."""
    try:
        with wave.open(str(path), "rb") as sound:
            length = SAMPLE * sound.getnframes()
            kind = (sound.getnchannels(), sound.getsampwidth())
            return kind == (1, SAMPLE) and 0 < length < path.stat().st_size
    except (OSError, EOFError, wave.Error):
        return False


def _converted(path: Path) -> bool:
    """Make what an engine wrote into `path` a 16-bit mono WAV: macOS writes AIFF whatever the name."""
    import soundfile  # noqa: PLC0415 - needed on some systems only

    try:
        samples, rate = soundfile.read(str(path), dtype="int16", always_2d=True)
    except soundfile.SoundFileError:
        return False
    if len(samples):
        soundfile.write(str(path), samples[:, 0], rate, "PCM_16", format="WAV")
    return len(samples) > 0


def _shrink(folder: Path, most: int, *, besides: Path) -> None:
    """Delete the sounds that were not used for longest until the rest take at most `most` bytes."""
    with suppress(OSError):  # another kiosk may delete too, and Windows keeps what is open
        kept = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in folder.glob("*.wav"))
        total = sum(size for _, size, _ in kept)
        for _, size, path in kept:
            if total <= most:
                break
            if path != besides:
                path.unlink()
                total -= size

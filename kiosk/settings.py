"""The settings of one kiosk: its voice, its devices, its patience. Read from a TOML file.

`docs/kiosk.example.toml` shows every key. What a file leaves out keeps its default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kiosk.terms import SettingsError

FILE: Final = "kiosk.toml"
VARIABLE: Final = "KIOSK_SETTINGS"


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How the answers are spoken."""

    rate: int = 150
    """Words a minute."""
    volume: float = 1.0
    """0 to 1."""
    id: str = ""
    """The engine's name of the voice; empty for an English one of its choice."""


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """Which devices are used: a number or a part of a name as `kiosk devices` shows them; empty for the default."""

    microphone: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class ListeningSettings:
    """When a question counts as asked; all in seconds."""

    cap_seconds: float = 15.0
    """The longest question."""
    no_speech_seconds: float = 5.0
    """How long to wait for the first word."""
    silence_seconds: float = 1.35
    """How long a silence ends a question that sounds unfinished; nobody waits longer."""
    finished_seconds: float = 0.35
    """How long a silence ends a question that sounds finished."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which speech model is used."""

    dir: Path | None = None
    """The folder of another Vosk model than the kiosk's own; in the file it may be relative to the file."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The page in the waiting room."""

    port: int = 8757
    """Where it is served on this computer; 0 for any that is free."""
    idle_seconds: float = 30.0
    """How long nobody needs to use it until the patient's words are forgotten."""
    talk_key: str = ""
    """A key that asks, beside the space bar, as browsers name it: F13, PageDown and so on."""
    hands_free: bool = False
    """Whether it also waits for the wake phrase."""
    wake_phrase: str = "hello clinic"


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """What is kept for staff."""

    keep_days: int = 30
    """How long the words of questions asked in vain are kept, where staff have switched that on."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The log, which tells what happened and never what was said."""

    dir: Path | None = None
    """Its folder; in the file it may be relative to the file."""
    megabytes: float = 1.0
    """The largest file of it."""
    files: int = 5
    """How many of them are kept."""


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Figures for Prometheus, served on this computer only."""

    on: bool = False
    port: int = 8758


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a kiosk."""

    voice: VoiceSettings = field(default_factory=VoiceSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    listening: ListeningSettings = field(default_factory=ListeningSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    staff: StaffSettings = field(default_factory=StaffSettings)
    log: LogSettings = field(default_factory=LogSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)


@dataclass(frozen=True, slots=True)
class _YesNo:
    """true or false."""

    allowed: str = "true or false"

    def fits(self, value: object) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class _Text:
    """Any text in quotes."""

    allowed: str = "a text in quotes"

    def fits(self, value: object) -> bool:
        return isinstance(value, str)


@dataclass(frozen=True, slots=True)
class _Number:
    """A number from `least` to `most`."""

    least: float
    most: float
    unit: str = ""
    whole: bool = False

    @property
    def allowed(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.least:g} to {self.most:g}{self.unit and f' {self.unit}'}"

    def fits(self, value: object) -> bool:
        kinds = int if self.whole else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and self.least <= value <= self.most


RULES: Final[Mapping[str, Mapping[str, _Text | _Number | _YesNo]]] = {
    "voice": {"rate": _Number(60, 400, "words a minute", whole=True), "volume": _Number(0, 1), "id": _Text()},
    "sound": {"microphone": _Text(), "speaker": _Text()},
    "listening": {
        "cap_seconds": _Number(2, 60, "seconds"),
        "no_speech_seconds": _Number(1, 60, "seconds"),
        "silence_seconds": _Number(0.3, 5, "seconds"),
        "finished_seconds": _Number(0.2, 5, "seconds"),
    },
    "model": {"dir": _Text()},
    "screen": {
        "port": _Number(0, 65535, whole=True),
        "idle_seconds": _Number(25, 600, "seconds"),
        "talk_key": _Text(),
        "hands_free": _YesNo(),
        "wake_phrase": _Text(),
    },
    "staff": {"keep_days": _Number(1, 365, "days", whole=True)},
    "log": {"dir": _Text(), "megabytes": _Number(0.1, 1000, "megabytes"), "files": _Number(2, 100, whole=True)},
    "metrics": {"on": _YesNo(), "port": _Number(0, 65535, whole=True)},
}
"""What each key of each section may hold."""


def find(folders: Iterable[Path], named: Path | None = None) -> Path | None:
    """Return the settings file to use, if any.

    The first of: `named`, the one that the variable KIOSK_SETTINGS names, and `kiosk.toml` in one of
    `folders`. The first two need not exist: `load` complains about those.
    """
    if named is None and (value := os.environ.get(VARIABLE)):
        named = Path(value).expanduser()
    return named or next((folder / FILE for folder in folders if (folder / FILE).is_file()), None)


def load(file: Path | None) -> Settings:
    """Return the settings in `file`, or the defaults where it is None.

    Raises `SettingsError`, telling the file, the key and what is allowed.
    """
    tables = _tables(file) if file else {}
    for section, table in tables.items():
        _check(f"{file}: ", section, table)
    log = tables.get("log", {})
    return Settings(
        voice=VoiceSettings(**tables.get("voice", {})),
        sound=SoundSettings(**tables.get("sound", {})),
        listening=ListeningSettings(**tables.get("listening", {})),
        model=ModelSettings(_folder(file, tables.get("model", {}))),
        screen=ScreenSettings(**tables.get("screen", {})),
        staff=StaffSettings(**tables.get("staff", {})),
        log=LogSettings(**{**log, "dir": _folder(file, log)}),
        metrics=MetricsSettings(**tables.get("metrics", {})),
    )


def _folder(file: Path | None, table: Mapping[str, Any]) -> Path | None:
    """Return the folder `dir` of a section, relative to the file it stands in."""
    return file.absolute().parent / Path(table["dir"]).expanduser() if file and table.get("dir") else None


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.", "Check its name.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file} is not text in UTF-8.", "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not TOML: {error}.", "Write each setting like this: rate = 150") from error


def _check(where: str, section: str, table: object) -> None:
    """Raise `SettingsError` unless `section` is a table of known keys with values that are allowed."""
    if section not in RULES:
        raise SettingsError(f"{where}{section!r} is no section.", f"The sections are: {', '.join(RULES)}.")
    if not isinstance(table, dict):
        raise SettingsError(f"{where}{section!r} must be a section.", f"Write it on a line of its own: [{section}]")
    rules = RULES[section]
    for key, value in table.items():
        if key not in rules:
            raise SettingsError(f"{where}[{section}] has no key {key!r}.", f"Its keys are: {', '.join(rules)}.")
        if not rules[key].fits(value):
            raise SettingsError(f"{where}{key} in [{section}] is {value!r}.", f"It must be {rules[key].allowed}.")

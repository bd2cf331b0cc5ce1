"""Where things live: the intents, the model and its manifest, the cache, the settings.

In a checkout the intents and the models stand beside the package; in a wheel they are shipped inside
it, laid out alike. What is installed or made later goes beside the package in a checkout, otherwise
where the system keeps a user's files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

APP: Final = "clinic-kiosk"
MODEL: Final = "vosk-model-small-en-us-0.15"

_PACKAGE: Final = Path(__file__).resolve().parent
_SHIPPED: Final = _PACKAGE / "shipped"
_IN_CHECKOUT: Final = not _SHIPPED.is_dir()
_DATA: Final = _PACKAGE.parent if _IN_CHECKOUT else _SHIPPED


def intents_dir() -> Path:
    """Return the folder of intents; the variable KIOSK_INTENTS names another."""
    return _named("KIOSK_INTENTS") or _DATA / "intents"


def model_manifest() -> Path:
    """Return the file that tells which model the kiosk uses and the digests of its files."""
    return _DATA / "models" / f"{MODEL}.toml"


def model_dir() -> Path:
    """Return the folder the model is, or will be, installed in; KIOSK_MODEL names another."""
    home = _DATA if _IN_CHECKOUT else platformdirs.user_data_path(APP, appauthor=False)
    return _named("KIOSK_MODEL") or home / "models" / MODEL


def cache_dir() -> Path:
    """Return the folder for what can be made again; KIOSK_CACHE names another. It may not exist yet."""
    return _named("KIOSK_CACHE") or platformdirs.user_cache_path(APP, appauthor=False)


def data_dir() -> Path:
    """Return the folder for what must last: earlier versions, what was asked; KIOSK_DATA names another."""
    return _named("KIOSK_DATA") or platformdirs.user_data_path(APP, appauthor=False)


def history_dir() -> Path:
    """Return the folder of earlier versions of the intent files. It may not exist yet."""
    return data_dir() / "history"


def asked_file() -> Path:
    """Return the file that holds what patients asked. It may not exist yet."""
    return data_dir() / "asked.sqlite"


def test_questions_dir() -> Path | None:
    """Return the folder of the project's test questions; None where they are not there, as in a wheel."""
    folder = _PACKAGE.parent / "tests" / "questions"
    return folder if folder.is_dir() else None


def log_dir() -> Path:
    """Return the folder of the log; KIOSK_LOG names another. It may not exist yet."""
    return _named("KIOSK_LOG") or platformdirs.user_log_path(APP, appauthor=False)


def config_dir() -> Path:
    """Return the folder where the system keeps a user's settings. It may not exist."""
    return platformdirs.user_config_path(APP, appauthor=False)


def staff_dir() -> Path:
    """Return the folder of the staff page's own: the PIN's hash, its certificate. It may not exist yet."""
    return data_dir() / "staff"


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else None

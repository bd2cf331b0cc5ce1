"""What stands in a file of `intents/` at this moment, to be set beside what somebody typed."""

from __future__ import annotations

import hashlib
from pathlib import Path


def on_disk(folder: Path, file: str) -> tuple[str, str]:
    """Return a file's text and its digest, as `kiosk.staff` makes them; both empty where there is none."""
    try:
        raw = (folder / file).read_bytes()
    except FileNotFoundError:
        return "", ""
    return raw.decode("utf-8", "replace"), hashlib.sha256(raw).hexdigest()

"""How long until the kiosk answers, shows its page and hears; and what it costs while it runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.endpointing import trimmed
from bench.questions import Asked
from bench.soundcard import SoundCard
from evaluation.voices import speak
from kiosk import places
from reliability.load import Page

KIOSK: Final = (sys.executable, "-m", "kiosk")
ADDRESS: Final = re.compile(r"The page is at (\S+:(\d+)/)")
HEARS: Final = b'"can_hear": true'
"""What the page is told once a question can be asked aloud."""
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the command to the page, and to where it can hear."""

    page: float
    ready: float
    address: str = ""
    """Of the page."""


def text_start() -> float:
    """Return the seconds from the command to its end, for one typed question."""
    began = time.perf_counter()
    subprocess.run((*KIOSK, "ask", "is tingling normal"), check=True, capture_output=True)
    return time.perf_counter() - began


@contextmanager
def running() -> Iterator[tuple[subprocess.Popen[str], Start]]:
    """Run the kiosk with its page, and tell how long it took to come up."""
    began = time.perf_counter()
    command = (*KIOSK, "run", "--no-browser", "--port", "0")
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, _start(process, began)
        finally:
            process.terminate()


def _start(process: subprocess.Popen[str], began: float) -> Start:
    assert process.stderr
    found = next(filter(None, map(ADDRESS.search, process.stderr)))
    with urllib.request.urlopen(found[1]) as answer:
        answer.read()
    page = time.perf_counter() - began
    stream = Page(int(found[2]))
    stream.wait_for(HEARS)
    ready = time.perf_counter() - began
    stream.close()
    return Start(page, ready, found[1])


# --- cost ---
def family(pid: int) -> list[int]:
    """Return a process and all that it started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, new = [pid], [pid]
    while new:
        new = [child for each in new for child in children.get(each, ())]
        found += new
    return found


def seconds_of(pids: Sequence[int]) -> float:
    """Return the processor seconds that processes have used."""
    used = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
    return used / TICKS


def share(pids: Sequence[int], seconds: float) -> float:
    """Return the share of one core that processes use over so many seconds."""
    before, began = seconds_of(pids), time.perf_counter()
    time.sleep(seconds)
    return (seconds_of(pids) - before) / (time.perf_counter() - began)


def wish(address: str, what: str) -> None:
    """Do what the page does when somebody touches it."""
    body = json.dumps({"wish": what}).encode()
    request = urllib.request.Request(address + "wishes", body, {"Origin": address.rstrip("/")})
    urllib.request.urlopen(request).close()


def asking(address: str, pids: Sequence[int], aloud: Sequence[Asked], card: SoundCard) -> float:
    """Return the processor seconds that a question asked aloud costs, from the touch to where its answer is stopped."""
    before = seconds_of(pids)
    for each in aloud:
        wish(address, "ask")
        ended = card.say(*trimmed(*speak(each.text, each.voice, 1.0)))
        card.speaker.first_after(ended)
        wish(address, "finish")
    return (seconds_of(pids) - before) / len(aloud)


def megabytes(pids: Sequence[int]) -> float:
    """Return the resident memory of processes, what several share counted for each."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            total += int(found[1]) if found else 0
    return total / 1024


def disk() -> dict[str, float]:
    """Return the megabytes on disk, by what takes them."""
    package = Path(__file__).resolve().parent.parent / "kiosk"
    folders = {
        "code and intents": (package, places.intents_dir()),
        "speech model": (places.model_dir(),),
        "cache": (places.cache_dir(),),
        "Python packages": (Path(sys.prefix),),
    }
    return {name: sum(map(_size, each)) for name, each in folders.items()}


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6

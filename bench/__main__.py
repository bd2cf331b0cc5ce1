"""`python -m bench`: measures, prints what it measured, and writes docs/performance.md."""

from __future__ import annotations

import os

# One thread a process: NumPy's own threads wait for each other when other work keeps the cores busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.parts import FULL, QUICK, Bench
from evaluation.report import pieces
from kiosk.terms import KioskError

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
PARTS: Final = ("answering", "endpoint", "starting", "pages", "understanding", "slow")
HEAD: Final = """\
# How quick it is, and what it costs

Written by `make bench`, on the machine at hand; do not edit. Every time is a median and a 95th percentile.
"""


def main(argv: Sequence[str]) -> int:
    """Measure what `argv` asks for; 1 if something is missing, told on standard error."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure how quick the kiosk is.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"by default all of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a few runs of each; writes no page")
    args = parser.parse_args(argv)
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    plots = PAGE.with_suffix("")
    plots.mkdir(parents=True, exist_ok=True)
    bench = Bench(
        QUICK if args.quick else FULL, plots, lambda line: print(f"bench: {line}", file=sys.stderr, flush=True)
    )
    try:
        for part in args.parts or PARTS:
            told = f"{getattr(bench, part)()}\n\n{_machine()}"
            print(f"{told}\n", flush=True)
            if not args.quick:
                pieces(PAGE, HEAD, PARTS, {part: told})
    except KioskError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _machine() -> str:
    """Return what was measured on, and how busy it was."""
    names = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    load = f"{os.getloadavg()[0]:.1f}"
    return (
        f"*{datetime.now(UTC):%Y-%m-%d}, {names[0] if names else platform.machine()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; load average at the end {load}.*"
    )


def _cpuinfo() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

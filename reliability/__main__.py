"""The door: `python -m reliability COMMAND`."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reliability.soak import Look

MOST_GROWTH: Final = 0.05
LOADS: Final = (
    ("one page, nothing else", 1, 0),
    ("200 pages, all of them must show it", 200, 0),
    ("one page; 1 client sends garbage", 1, 1),
    ("one page; 8 clients send garbage", 1, 8),
)
"""What else there is, how many pages show the answer, and how many clients send garbage."""
MOST_SECONDS: Final = 2.0
"""How long a patient may wait for the answer under any of these."""


def main() -> int:
    """Do what the arguments say; returns 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="reliability", description="How long the kiosk goes on.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    soak = commands.add_parser("soak", help="thousands of spoken questions in one process")
    soak.add_argument("--questions", type=int, default=5000)
    soak.set_defaults(run=_soak)
    fuzz = commands.add_parser("fuzz", help="what is no question, no sound, no wish and no file")
    fuzz.add_argument("--cases", type=int, default=2000, help="of each kind")
    fuzz.set_defaults(run=_fuzz)
    load = commands.add_parser("load", help="many pages, and clients that send garbage, while a patient asks")
    load.add_argument("--times", type=int, default=20, help="questions of each kind")
    load.set_defaults(run=_load)
    args = parser.parse_args()
    status: int = args.run(args)
    return status


def _soak(args: argparse.Namespace) -> int:
    from reliability.soak import soak

    print("| questions | memory, MB | threads | files | processes |\n|---|---|---|---|---|", flush=True)
    done = soak(args.questions, _print_look)
    asked = sum(done.outcomes.values())
    middle = statistics.median(done.times)
    print(f"\nasked {asked} in {done.seconds:.0f} s, {middle:.2f} s each (median); without an outcome: {done.lost}")
    print("outcomes: " + ", ".join(f"{name} {count}" for name, count in done.outcomes.most_common()))
    print(f"memory grew by {done.growth:.1%} after warm-up; left behind: {', '.join(done.left) or 'nothing'}")
    return int(bool(done.lost or done.left) or done.growth >= MOST_GROWTH)


def _print_look(at: Look) -> None:
    print(f"| {at.questions} | {at.memory:.1f} | {at.threads} | {at.files} | {at.children} |", flush=True)


def _load(args: argparse.Namespace) -> int:
    from reliability.load import answered, garbage, kiosk

    print("| while the patient asks | answer shown after, s (median) | slowest |\n|---|---|---|", flush=True)
    slowest = 0.0
    with kiosk() as port:
        for what, pages, clients in LOADS:
            with garbage(port, clients) as sent:
                begun, before = time.monotonic(), sent()
                times = sorted(answered(port, pages) for _ in range(args.times))
                pace = (sent() - before) / (time.monotonic() - begun)
            told = f"{what}, {pace:.0f} pieces a second" if clients else what
            print(f"| {told} | {statistics.median(times):.3f} | {times[-1]:.3f} |", flush=True)
            slowest = max(slowest, times[-1])
    return int(slowest >= MOST_SECONDS)


def _fuzz(args: argparse.Namespace) -> int:
    from reliability.fuzz import every

    print("| what | cases | faults |\n|---|---|---|", flush=True)
    bad = 0
    for name, cases, fault in every(args.cases):
        print(f"| {name} | {cases} | {fault or 'none'} |", flush=True)
        bad += bool(fault)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())

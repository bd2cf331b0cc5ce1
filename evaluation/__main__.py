"""`python -m evaluation`: measures, prints what it measured, and writes docs/evaluation.md."""

from __future__ import annotations

import os

# One thread a process: NumPy's own threads wait for each other when other work keeps the cores busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from evaluation import questions, report
from evaluation.parts import Evaluation
from kiosk import places
from kiosk.terms import KioskError

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "evaluation.md"
PARTS: Final = {"text": ("text", "rivals", "curve"), "speech": ("speech",), "growth": ("growth",)}
"""What each option measures."""
USUAL: Final = ("text", "speech")


def main(argv: Sequence[str]) -> int:
    """Measure what `argv` asks for; 1 if something is missing, told on standard error."""
    args = _parser().parse_args(argv)
    try:
        _measure(args, argv)
    except KioskError as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(args: argparse.Namespace, argv: Sequence[str]) -> None:
    # Only what everybody can measure again belongs on the page.
    page = None if args.quick or args.questions or args.intents else PAGE
    evaluation = Evaluation(
        questions=questions.read(args.questions or (questions.OWN,)),
        intents=args.intents or places.intents_dir(),
        model_dir=places.model_dir(),
        cache=places.cache_dir() / "evaluation",
        plots=page.with_suffix("") if page else None,
        command=shlex.join(("python", "-m", "evaluation", *argv)),
        quick=args.quick,
        workers=args.workers,
        progress=_tell,
    )
    chosen = [part for part in PARTS if getattr(args, part)] or USUAL
    for part in (name for option in chosen for name in PARTS[option]):
        told = getattr(evaluation, part)()
        print(f"{told}\n", flush=True)
        if page:
            report.write(page, {part: told})


def _tell(line: str) -> None:
    print(f"evaluation: {line}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description="Measure how well the kiosk understands.")
    parser.add_argument("questions", nargs="*", type=Path, metavar="FILE", help="other questions than tests/questions")
    parser.add_argument("--text", action="store_true", help="typed questions, rivals and learning curve")
    parser.add_argument("--speech", action="store_true", help="questions asked aloud; the first run takes long")
    parser.add_argument("--growth", action="store_true", help="the cost of 1,000 to 100,000 sample questions")
    parser.add_argument("--quick", action="store_true", help="a small part of each, in three minutes; writes no page")
    parser.add_argument("--intents", type=Path, metavar="DIR", help="another folder of intents; writes no page")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, metavar="N", help="processes at once")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

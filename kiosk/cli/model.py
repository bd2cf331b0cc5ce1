"""`kiosk model install` and `kiosk model verify`."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk import places


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("model", help="install or verify the speech model")
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")

    install = actions.add_parser(
        "install",
        help="install it from the first source that works",
        description="Install the speech model from the first source that works: the files already there, PATH, "
        "the official archive, Maven. Nothing is used unless every file's digest is right.",
    )
    install.add_argument("--from", dest="source", type=Path, metavar="PATH", help="a zip, an aar or a folder")
    install.set_defaults(run=_install)

    verify = actions.add_parser("verify", help="compare every file's digest with the manifest")
    verify.set_defaults(run=_verify)

    for action in (install, verify):
        action.add_argument("--dir", type=Path, metavar="DIR", help="the model's folder, if another than usual")


def _install(args: argparse.Namespace) -> int:
    from tqdm import tqdm

    from kiosk.transcribe import models

    manifest = models.read_manifest(places.model_manifest())
    target = args.dir or places.model_dir()
    with tqdm(unit="B", unit_scale=True, delay=0.1, disable=None, leave=False) as bar:

        def progress(received: int, total: int) -> None:
            bar.total = total or None
            bar.update(received - bar.n)

        def report(line: str) -> None:
            bar.clear()
            print(line, flush=True)

        models.install(manifest, target, args.source, report=report, progress=progress)
    return 0


def _verify(args: argparse.Namespace) -> int:
    from kiosk.transcribe import models

    manifest = models.read_manifest(places.model_manifest())
    target = args.dir or places.model_dir()
    problems = models.verify(manifest, target)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{target} does not hold {manifest.name} as it should be. Install it with: kiosk model install")
        return 1
    print(f"All {len(manifest.files)} files of {manifest.name} in {target} are right.")
    return 0

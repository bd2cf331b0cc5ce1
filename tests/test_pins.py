"""The pins in `requirements/` fit the project's dependencies."""

import re
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> set[str]:
    """Return the pins of a file of requirements: name==version."""
    text = (CHECKOUT / "requirements" / name).read_text(encoding="utf-8")
    return set(re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[><=~! ;\[]", requirement)[0].lower().replace(".", "-") for requirement in requirements}


def test_everything_the_kiosk_needs_is_pinned():
    needed = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
    assert names(needed) <= names(list(pins("runtime.txt")))


def test_everything_developers_need_is_pinned():
    assert names(PROJECT["project"]["optional-dependencies"]["test"]) <= names(list(pins("dev.txt")))


def test_developers_have_what_the_kiosk_has():
    assert pins("runtime.txt") <= pins("dev.txt")


def test_every_pin_has_its_digest_and_no_file_names_a_server():
    for path in (CHECKOUT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        for pinned in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
            assert "--hash=sha256:" in pinned

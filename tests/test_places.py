"""The kiosk finds its files in a checkout and in a wheel, and elsewhere when told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import places

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in ("KIOSK_INTENTS", "KIOSK_MODEL", "KIOSK_CACHE"):
        monkeypatch.delenv(name, raising=False)


def test_in_a_checkout_the_files_stand_beside_the_package():
    assert places.intents_dir() == CHECKOUT / "intents"
    assert places.model_manifest() == CHECKOUT / "models" / "vosk-model-small-en-us-0.15.toml"
    assert places.model_dir() == CHECKOUT / "models" / "vosk-model-small-en-us-0.15"


def test_variables_name_other_places(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("INTENTS", "MODEL", "CACHE"):
        monkeypatch.setenv(f"KIOSK_{name}", f"~/{name}")
    assert places.intents_dir() == tmp_path / "INTENTS"
    assert places.model_dir() == tmp_path / "MODEL"
    assert places.cache_dir() == tmp_path / "CACHE"


def test_an_empty_variable_counts_as_none(monkeypatch):
    monkeypatch.setenv("KIOSK_INTENTS", "")
    assert places.intents_dir() == CHECKOUT / "intents"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder in which a wheel of this checkout is unpacked, as pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=CHECKOUT,
        check=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(folder / "site")], check=True)
    return folder / "site"


def in_wheel(site: Path, *arguments: str, **variables: str) -> str:
    """Run Python with the wheel's package, from another folder than the checkout."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=site.parent,
        env={**os.environ, "PYTHONPATH": str(site), "XDG_DATA_HOME": str(site.parent / "data"), **variables},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_a_wheel_brings_its_intents_and_its_manifest(site):
    told = in_wheel(site, "-c", "from kiosk.places import *; print(intents_dir(), model_manifest(), model_dir())")
    model = "vosk-model-small-en-us-0.15"
    assert told.split() == [
        f"{site}/kiosk/shipped/intents",
        f"{site}/kiosk/shipped/models/{model}.toml",
        f"{site.parent}/data/clinic-kiosk/models/{model}",
    ]


@pytest.mark.usefixtures("understander")
def test_a_wheel_works_where_no_checkout_is(site, kiosk_cache):
    assert "can be used" in in_wheel(site, "-m", "kiosk", "intents", "check", "--quick")
    kept = str(kiosk_cache)  # what the checkout has learned is the same, and takes a minute
    assert "tingl" in in_wheel(site, "-m", "kiosk", "ask", "is tingling normal", KIOSK_CACHE=kept).lower()


def test_a_wheel_learns_where_no_checkout_is(site, small_clinic, tmp_path):
    variables = {"KIOSK_INTENTS": str(small_clinic[0]), "KIOSK_CACHE": str(tmp_path)}
    assert "tingl" in in_wheel(site, "-m", "kiosk", "ask", "is tingling normal", **variables).lower()
    assert list(tmp_path.iterdir())

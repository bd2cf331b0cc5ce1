"""Settings come from a TOML file; what cannot be used is told with file, key and what is allowed."""

import tomllib
from pathlib import Path

import pytest

from kiosk import settings
from kiosk.settings import ListeningSettings, Settings, VoiceSettings, find, load
from kiosk.terms import SettingsError

EXAMPLE = Path(__file__).parents[1] / "docs" / "kiosk.example.toml"


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv(settings.VARIABLE, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.toml"


def test_without_a_file_the_defaults_hold():
    assert load(None) == Settings()
    assert load(None).voice == VoiceSettings(rate=150, volume=1.0, id="")
    assert load(None).listening == ListeningSettings(
        cap_seconds=15, no_speech_seconds=5, silence_seconds=1.35, finished_seconds=0.35
    )


def test_the_example_shows_every_key_with_its_default():
    assert load(EXAMPLE) == Settings()
    shown = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert {section: set(keys) for section, keys in shown.items()} == {
        section: set(rules) for section, rules in settings.RULES.items()
    }


def test_what_a_file_leaves_out_keeps_its_default(file):
    file.write_text("[voice]\nrate = 120\n\n[listening]\nsilence_seconds = 2\n")
    assert load(file) == Settings(voice=VoiceSettings(rate=120), listening=ListeningSettings(silence_seconds=2))


def test_a_file_written_on_windows_is_read(file):
    file.write_bytes("\ufeff[voice]\r\nrate = 120\r\n".encode())
    assert load(file).voice.rate == 120


@pytest.mark.parametrize(
    ("text", "said", "allowed"),
    [
        ("[voice]\nrats = 1", "[voice] has no key 'rats'", "Its keys are: rate, volume, id."),
        ("[vice]\nrate = 1", "'vice' is no section", "The sections are: voice, sound, listening, model, screen"),
        ("rate = 150", "'rate' is no section", "The sections are"),
        ("voice = 150", "'voice' must be a section", "[voice]"),
        ("[[voice]]\nrate = 150", "'voice' must be a section", "[voice]"),
        ("[voice]\nrate = 401", "rate in [voice] is 401", "a whole number from 60 to 400 words a minute"),
        ("[voice]\nrate = 59", "rate in [voice] is 59", "a whole number from 60 to 400"),
        ("[voice]\nrate = 150.5", "rate in [voice] is 150.5", "a whole number"),
        ("[voice]\nrate = true", "rate in [voice] is True", "a whole number"),
        ('[voice]\nrate = "fast"', "rate in [voice] is 'fast'", "a whole number"),
        ("[voice]\nvolume = 1.1", "volume in [voice] is 1.1", "a number from 0 to 1"),
        ("[voice]\nvolume = nan", "volume in [voice] is nan", "a number from 0 to 1"),
        ("[voice]\nvolume = inf", "volume in [voice] is inf", "a number from 0 to 1"),
        ("[sound]\nmicrophone = 3", "microphone in [sound] is 3", "a text in quotes"),
        ("[listening]\nsilence_seconds = 0", "silence_seconds in [listening] is 0", "from 0.3 to 5 seconds"),
        ("[model]\ndir = []", "dir in [model] is []", "a text in quotes"),
    ],
)
def test_tells_file_key_and_what_is_allowed(file, text, said, allowed):
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert caught.value.what.startswith(f"{file}: {said}")
    assert allowed in caught.value.mend


def test_tells_the_line_of_what_is_not_toml(file):
    file.write_text("[voice]\nrate = fast\n")
    with pytest.raises(SettingsError, match=r"is not TOML: .*line 2"):
        load(file)


def test_tells_a_file_in_another_encoding(file):
    file.write_bytes(b'[voice]\nid = "\xe9"\n')
    with pytest.raises(SettingsError, match="UTF-8"):
        load(file)


def test_tells_a_file_that_is_missing(file):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load(file)


def test_a_models_folder_may_be_relative_to_the_file(file, tmp_path):
    file.write_text('[model]\ndir = "models/indian"\n')
    assert load(file).model.dir == tmp_path / "models" / "indian"
    file.write_text("[model]\ndir = '/opt/indian'\n")
    assert load(file).model.dir == Path("/opt/indian")


def test_the_named_file_comes_first_then_the_variable_then_the_folders(tmp_path, monkeypatch):
    work, config = tmp_path / "work", tmp_path / "config"
    for folder in (work, config):
        folder.mkdir()
    assert find((work, config)) is None
    (config / "kiosk.toml").touch()
    assert find((work, config)) == config / "kiosk.toml"
    (work / "kiosk.toml").touch()
    assert find((work, config)) == work / "kiosk.toml"
    monkeypatch.setenv("KIOSK_SETTINGS", "elsewhere.toml")
    assert find((work, config)) == Path("elsewhere.toml")
    assert find((work, config), Path("named.toml")) == Path("named.toml")

"""The service's files: where they lie, what they forbid, and that they go again."""

import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.terms import KioskError
from kiosk.upkeep import service

HARDENED = (
    "User=clinic-kiosk",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=\n",
    "ProtectSystem=strict",
    "ProtectHome=tmpfs",
    "PrivateTmp=yes",
    "IPAddressDeny=any",
    "IPAddressAllow=localhost",
    "RestrictAddressFamilies=AF_UNIX AF_INET\n",
    "SystemCallFilter=@system-service",
    "WatchdogSec=30",
    "Restart=always",
    "LimitCORE=0",
    "WantedBy=multi-user.target",
)
MOST_EXPOSED = 2.0
"""Of ten, as systemd-analyze reckons; 0 is a service that can do nothing, 9.6 one without any fence."""


@pytest.fixture
def root(tmp_path):
    assert main(["service", "install", "--root", str(tmp_path)]) == 0
    return tmp_path


def test_it_is_installed_to_start_with_the_system(root):
    link = root / service.WANTS
    assert link.is_symlink()
    assert (root / link.readlink().relative_to("/")).samefile(root / service.UNIT)


@pytest.mark.parametrize("line", HARDENED)
def test_it_runs_fenced_in(root, line):
    assert line in (root / service.UNIT).read_text()


def test_its_user_can_reach_sound_and_nothing_else(root):
    assert (root / service.USER).read_text().splitlines()[1:] == [
        'u clinic-kiosk - "Clinic kiosk" /var/lib/clinic-kiosk',
        "m clinic-kiosk audio",
    ]


def test_the_browser_starts_with_the_desktop(root):
    assert "-m kiosk service browser" in (root / service.AUTOSTART).read_text()


def test_systemd_takes_the_unit_and_finds_it_little_exposed(root):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.fail("systemd-analyze not found. Install it with: sudo apt-get install systemd", pytrace=False)
    unit = str(root / service.UNIT)
    verified = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    told = subprocess.run(
        [analyze, "security", "--offline=true", unit], capture_output=True, text=True, check=True
    ).stdout
    exposure = float(told.split("exposure level for clinic-kiosk.service: ")[1].split()[0])
    assert exposure < MOST_EXPOSED


def test_removing_leaves_nothing_behind(root, capsys):
    assert main(["service", "remove", "--root", str(root)]) == 0
    assert not [path for path in root.rglob("*") if not path.is_dir()]
    assert capsys.readouterr().out.count("deleted: ") == 4
    assert main(["service", "remove", "--root", str(root)]) == 0


def test_showing_tells_whether_it_is_there_as_it_would_be_written(root, capsys):
    (root / service.USER).unlink()
    (root / service.AUTOSTART).write_text("other")
    main(["service", "show", "--root", str(root)])
    told = capsys.readouterr().out
    for state in ("(there)", "(not there)", "(there, but different)"):
        assert state in told


def test_paths_are_written_so_that_systemd_reads_them_as_they_are():
    odd = service.Service(
        python=Path('/opt/100% "kiosk"/bin/python'), home=Path("/home/a b"), shipped=Path("/home/a b")
    )
    unit = service.files(odd)[service.UNIT]
    assert 'ExecStart="/opt/100%% \\"kiosk\\"/bin/python" -m kiosk run' in unit
    assert 'BindReadOnlyPaths="/home/a b"' in unit


def test_it_answers_from_a_copy_that_staff_can_change_or_from_the_folder_that_is_named(tmp_path):
    (tmp_path / "mine").mkdir()
    main(["service", "install", "--root", str(tmp_path)])
    copied = (tmp_path / service.UNIT).read_text()
    main(["service", "install", "--root", str(tmp_path), "--intents", str(tmp_path / "mine")])
    named = (tmp_path / service.UNIT).read_text()
    assert "KIOSK_INTENTS=/var/lib/clinic-kiosk/intents" in copied
    assert f"KIOSK_INTENTS={tmp_path / 'mine'}" in named
    assert ("ExecStartPre=" in copied, "ExecStartPre=" in named) == (True, False)


def test_the_copy_is_made_once_and_whole(tmp_path):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "a.yaml").write_text("first")
    (tmp_path / ".intents").mkdir()  # what a power failure has left of an earlier try
    (tmp_path / ".intents" / "half").write_text("")
    command = ["sh", "-c", service.SEED.replace("$$", "$"), "sh", str(shipped)]
    subprocess.run(command, cwd=tmp_path, check=True)
    (shipped / "a.yaml").write_text("second")
    subprocess.run(command, cwd=tmp_path, check=True)
    assert [path.name for path in (tmp_path / "intents").iterdir()] == ["a.yaml"]
    assert (tmp_path / "intents" / "a.yaml").read_text() == "first"


def test_where_nothing_can_be_written_it_is_told(tmp_path):
    (tmp_path / "etc").write_text("in the way")
    with pytest.raises(KioskError, match="cannot be changed"):
        service.install(service.Service(Path("/usr/bin/python"), Path("/opt"), Path("/opt/intents")), tmp_path)

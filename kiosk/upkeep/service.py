"""The kiosk as a service of systemd: the files that make it one, and where they lie.

The service runs as a user of its own without any privilege, sees a read-only system, and speaks to
the loopback only, which the kernel sees to. The page's browser belongs to whoever is logged in at the
screen, and is started with the desktop.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.terms import KioskError

NAME: Final = "clinic-kiosk"
UNIT: Final = Path(f"etc/systemd/system/{NAME}.service")
WANTS: Final = Path(f"etc/systemd/system/multi-user.target.wants/{NAME}.service")
USER: Final = Path(f"etc/sysusers.d/{NAME}.conf")
AUTOSTART: Final = Path(f"etc/xdg/autostart/{NAME}.desktop")
SETTINGS: Final = Path(f"/etc/{NAME}/kiosk.toml")
STATE: Final = Path(f"/var/lib/{NAME}")
"""What the service may write and must last: the PIN, its intents, earlier versions of them, what was asked."""
INTENTS: Final = STATE / "intents"
"""The service's own copy of the intents, which staff change; where others are named, there is none."""
SEED: Final = """[ -d intents ] || { rm -rf .intents && cp -r "$$1" .intents && sync && mv .intents intents; }"""
"""Makes that copy at the first start: whole, or not at all. `$$` is how a unit writes a dollar."""
HIDDEN: Final = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - names, nothing is put there
"""What `ProtectHome` and `PrivateTmp` hide: what the kiosk needs of it is shown again, to be read only."""

_USER: Final = f"""\
# The kiosk's own user: no password, no shell, and of the devices only sound.
u {NAME} - "Clinic kiosk" /var/lib/{NAME}
m {NAME} audio
"""
_UNIT: Final = """\
[Unit]
Description=Clinic kiosk: answers patients' questions
After=sound.target
# It is started again however often it fails.
StartLimitIntervalSec=0

[Service]
Type=notify
{seed}ExecStart={command}
{environment}
WorkingDirectory=/var/lib/{name}
StateDirectory={name}
CacheDirectory={name}
LogsDirectory={name}
StateDirectoryMode=0700
CacheDirectoryMode=0700
LogsDirectoryMode=0750

# The kiosk's own working loop feeds the watchdog: what hangs is started again.
Restart=always
RestartSec=2
WatchdogSec=30
TimeoutStartSec=300
TimeoutStopSec=15

# A user of its own, without privileges.
User={name}
SupplementaryGroups=audio
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
LockPersonality=yes
KeyringMode=private
RemoveIPC=yes

# The loopback, and no other address: the kernel drops what is for elsewhere.
IPAddressDeny=any
IPAddressAllow=localhost
RestrictAddressFamilies=AF_UNIX AF_INET

# A system that cannot be written to, and of it only what is needed.
ProtectSystem=strict
ProtectHome=tmpfs
PrivateTmp=yes
PrivateMounts=yes
DevicePolicy=closed
DeviceAllow=char-alsa rw
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
{shown}
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# No memory on the disk after a crash: words of a patient would be in it.
LimitCORE=0
# Not MemoryDenyWriteExecute: PortAudio calls Python back through code that is made while it runs.

MemoryMax=1500M
TasksMax=200

[Install]
WantedBy=multi-user.target
"""
_AUTOSTART: Final = """\
[Desktop Entry]
Type=Application
Name=Clinic kiosk
Comment=Shows the kiosk's page full-screen
Exec={command}
NoDisplay=true
X-GNOME-Autostart-enabled=true
"""


@dataclass(frozen=True, slots=True)
class Service:
    """What the service is started with."""

    python: Path
    """The interpreter that has the kiosk's packages."""
    home: Path
    """The folder that holds the kiosk's program."""
    shipped: Path
    """The folder of intents that the service begins with."""
    intents: Path | None = None
    """The folder of intents to answer from as it is, without a copy that staff can change."""
    settings: Path = SETTINGS
    port: int = 8757


def files(service: Service) -> Mapping[Path, str]:
    """Return the service's files by their paths below the root."""
    environment = {
        "KIOSK_CACHE": f"/var/cache/{NAME}",
        "KIOSK_LOG": f"/var/log/{NAME}",
        "KIOSK_DATA": str(STATE),
        "KIOSK_INTENTS": str(service.intents or INTENTS),
        **({"KIOSK_SETTINGS": str(service.settings)} if service.settings.is_file() else {}),
    }
    needed = (service.python.parent.parent, service.home, Path(sys.base_prefix), service.intents or service.shipped)
    shown = sorted({str(each) for each in needed if str(each).startswith(HIDDEN)})
    seed = f"""ExecStartPre=/bin/sh -c '{SEED}' sh "{_escaped(str(service.shipped))}"\n"""
    unit = _UNIT.format(
        name=NAME,
        seed="" if service.intents else seed,
        command=_command(service.python, "run", "--no-browser", "--port", str(service.port)),
        environment="\n".join(f'Environment="{name}={_escaped(value)}"' for name, value in environment.items()),
        shown="\n".join(f'BindReadOnlyPaths="{_escaped(path)}"' for path in shown),
    )
    browser = _command(service.python, "service", "browser", "--port", str(service.port))
    return {USER: _USER, UNIT: unit, AUTOSTART: _AUTOSTART.format(command=browser)}


def install(service: Service, root: Path) -> list[Path]:
    """Write the files below `root` and have the service start with the system; returns them. Raises `KioskError`."""
    written = []
    try:
        for path, text in files(service).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            written.append(root / path)
        link = root / WANTS
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(f"/{UNIT}")
    except OSError as error:
        raise _refused(error) from error
    return [*written, link]


def remove(root: Path) -> list[Path]:
    """Delete the files below `root`; returns those that were there. Raises `KioskError`."""
    there = [
        root / path for path in (WANTS, UNIT, AUTOSTART, USER) if (root / path).is_symlink() or (root / path).exists()
    ]
    try:
        for path in there:
            path.unlink()
    except OSError as error:
        raise _refused(error) from error
    return there


def own_folder() -> Path | None:
    """Return the folder of what the installed service keeps, where the administrator may look; else None."""
    return STATE if hasattr(os, "geteuid") and os.geteuid() == 0 and STATE.is_dir() else None


def hand_over(path: Path) -> None:
    """Make what the administrator has put into the service's folder, and its folder, the service's own."""
    owner = STATE.stat()
    for each in (path.parent, path):
        os.chown(each, owner.st_uid, owner.st_gid)


def _refused(error: OSError) -> KioskError:
    return KioskError(f"{error.filename} cannot be changed: {error.strerror}.", "Run it as root, with sudo.")


def _command(python: Path, *words: str) -> str:
    return " ".join([f'"{_escaped(str(python))}"', "-m", "kiosk", *words])


def _escaped(text: str) -> str:
    """Return `text` as it stands between quotes in a unit: systemd reads % and backslashes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")

"""A certificate of the kiosk's own, for staff who reach it over the clinic's network.

Nobody vouches for it, so browsers warn the first time; staff compare the fingerprint that the kiosk
tells at its start, and then trust it for good.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.terms import KioskError

FILES: Final = ("certificate.pem", "key.pem")
LASTS: Final = dt.timedelta(days=825)
"""The longest that all browsers take."""
SPARE: Final = dt.timedelta(days=30)
"""It is made anew so long before its end."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key, in files."""

    certificate: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        """Its SHA-256 as browsers show it; raises `KioskError` if it cannot be read."""
        try:
            read = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError) as error:
            raise KioskError(
                f"The certificate {self.certificate} cannot be read.", "Name a PEM file with --staff-cert."
            ) from error
        return read.fingerprint(hashes.SHA256()).hex(":").upper()


def own(folder: Path) -> Certificate:
    """Return the kiosk's own certificate in `folder`, made anew where it is missing or near its end.

    Raises `KioskError` if it cannot be kept.
    """
    made = Certificate(*(folder / name for name in FILES))
    with suppress(OSError, ValueError):
        read = x509.load_pem_x509_certificate(made.certificate.read_bytes())
        if made.key.is_file() and read.not_valid_after_utc - SPARE > dt.datetime.now(dt.UTC):
            return made
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pem = serialization.Encoding.PEM
        plain = serialization.NoEncryption()
        _write(made.key, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        _write(made.certificate, _signed(key).public_bytes(pem))
    except OSError as error:
        raise KioskError(
            f"The certificate cannot be kept in {folder}: {error.strerror}.",
            "Free some space on the disk, or name a certificate with --staff-cert and --staff-key.",
        ) from error
    return made


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clinic kiosk")])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))  # for clocks that are late
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _names() -> list[x509.GeneralName]:
    """Return what this computer is called in the clinic's network, as far as it knows."""
    host = socket.gethostname()
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys((host, f"{host}.local", "localhost"))]
    with suppress(OSError):
        found = {info[4][0] for info in socket.getaddrinfo(host, None, socket.AF_INET)}
        names += [x509.IPAddress(ipaddress.ip_address(each)) for each in sorted(map(str, found | {"127.0.0.1"}))]
    return names


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)

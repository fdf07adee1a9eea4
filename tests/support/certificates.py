"""Certificates for tests, made by the `openssl` program where there is one."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


def make_certificate(folder: Path, name: str, days: int = 2) -> tuple[ssl.SSLContext, Path]:
    """Return a server context for `name` (an address or host) and the file that clients must trust, for `days`."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = f"IP:{name}" if name[0].isdigit() else f"DNS:{name}"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", "/CN=test"]
    command += ["-addext", f"subjectAltName={subject}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate

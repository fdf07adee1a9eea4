"""Fixtures of the review APIs: an installation whose accounts lead to servers on this machine."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_httpserver import HTTPServer

from feedback_service.clock import ManualClock
from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.apis.desk import ApiDesk
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.places import kind_of
from tests.sources.conftest import MakeFetcher, make_settings
from tests.support.builders import NOW

MakeDesk = Callable[..., "Stage"]


class Stage:
    """The review APIs of an installation in `folder`, on a clock that stands still."""

    def __init__(self, folder: Path, fetcher: Fetcher, clock: ManualClock, **values: object) -> None:
        self.folder = folder
        self.fetcher = fetcher
        self.clock = clock
        self.desk = ApiDesk(make_settings(folder, **values), fetcher, clock)

    def poll(self, place: str, after: Polled | None = None) -> Polled:
        """Poll as the scan does, with what the poll before left behind."""
        kind = kind_of(place)
        assert kind is not None
        asked = Asked(place, after.page.validators, after.body_digest) if after else Asked(place)
        return self.desk.adapters[kind].poll(asked)

    def write_accounts(self, text: str, mode: int = 0o600) -> None:
        """Write accounts.toml."""
        self.write("accounts.toml", text.encode(), mode)

    def write(self, name: str, content: bytes, mode: int = 0o600) -> None:
        """Write a file of the instance."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)


@pytest.fixture
def make_stage(tmp_path: Path, make_fetcher: MakeFetcher) -> MakeDesk:
    """Make stages with settings of their own."""

    def make(**values: object) -> Stage:
        return Stage(tmp_path, make_fetcher(**values), ManualClock(NOW), **values)

    return make


@pytest.fixture
def stage(make_stage: MakeDesk) -> Stage:
    """An installation with no accounts yet."""
    return make_stage()


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    """A key such as App Store Connect gives."""
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    """A key such as a service account has."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """Return a private key as services hand it out."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def trustpilot(stage: Stage, httpserver: HTTPServer) -> Stage:
    """An installation with a Trustpilot account."""
    stage.write_accounts(trustpilot_account(httpserver))
    return stage


def trustpilot_account(server: HTTPServer, **more: str) -> str:
    """Return the table of a Trustpilot account whose API is `server`."""
    values = {"base_url": server.url_for(""), "key": "the-key", "secret": "the-secret", "business_unit": "unit1"} | more
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value]
    return "\n".join(["[trustpilot.main]", *lines, ""])

"""The look page: what a manager changes, sees and sends to himself; and what it lets nobody do."""

import io
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.mail.models import Audience, OutboxMail
from feedback_service.samples import CUSTOMER_KINDS
from feedback_service.shops.look import look_of, set_logo
from feedback_service.shops.models import AuditEntry, Role, Shop
from jobs import send_mail
from tests.support.builders import NOW, make_shop
from tests.support.smtp import recording_server
from tests.support.staff import Visitor
from tests.web_managers.conftest import EMAIL, SignIn

DATA = Path(__file__).parents[1] / "shops" / "data"
PNG, JPEG = (DATA / "logo.png").read_bytes(), (DATA / "logo.jpg").read_bytes()


@pytest.fixture
def shop(services: Services) -> Shop:
    with services.database.writing() as session:
        return make_shop(session)


def stored(services: Services) -> Shop:
    with services.database.reading() as session:
        return session.scalars(sa.select(Shop).where(Shop.slug == "atelier")).one()


def change(client: FlaskClient, logo: bytes | None = None, **fields: str) -> tuple[int, str]:
    """Send the form with these fields; return status and page."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/look").text)
    assert token
    data: dict[str, object] = {"csrf_token": token[1], **fields}
    if logo is not None:
        data["logo"] = (io.BytesIO(logo), "logo.bin")
    response = client.post("/look/atelier", data=data, content_type="multipart/form-data")
    return response.status_code, response.text


def test_a_manager_changes_colour_names_and_logo(services: Services, shop: Shop, sign_in: SignIn) -> None:
    client = sign_in(shop)
    assert change(client, PNG, accent="#ffcc00", survey_sender_name="Camille")[0] == 303
    now = stored(services)
    assert (now.accent, now.survey_sender_name, now.logo_width) == ("#ffcc00", "Camille", 480)
    page = Visitor(client).read("/look")
    assert "The look is changed" in page
    assert "#ffcc00 cannot be read on white" in page
    assert "Camille <bonjour@atelier-lumen.example.com>" in page
    with services.database.reading() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "shop.look_changed")).one()
        assert entry.staff_id is not None


def test_the_logo_goes_and_the_colour_goes_back(services: Services, shop: Shop, sign_in: SignIn) -> None:
    client = sign_in(shop)
    change(client, JPEG, accent="#ffcc00")
    change(client, accent="#ffcc00", no_logo="yes", our_colour="yes")
    assert (stored(services).accent, look_of(stored(services)).logo) == ("", None)


@pytest.mark.parametrize(
    ("logo", "fields", "complaint"),
    [
        pytest.param(b"<svg/>", {}, "This picture cannot be used.", id="no picture"),
        pytest.param(PNG + b"\0" * 100_000, {}, "This picture cannot be used.", id="too large"),
        pytest.param(PNG[:100], {}, "This picture cannot be used.", id="cut off"),
        pytest.param(None, {"accent": "green;}"}, "The colour was not understood", id="colour"),
        pytest.param(None, {"notice_sender_name": "a\r\nBcc: b"}, "A sender name is one line", id="name"),
    ],
)
def test_what_does_not_fit_changes_nothing_and_is_said(
    services: Services, shop: Shop, sign_in: SignIn, logo: bytes | None, fields: dict[str, str], complaint: str
) -> None:
    values = {"accent": "#aa0000", "survey_sender_name": "Camille"} | fields
    status, page = change(sign_in(shop), logo, **values)
    assert status == 422
    assert complaint in page
    assert (stored(services).accent, stored(services).survey_sender_name, stored(services).logo_digest) == ("", "", "")


def test_a_picture_of_twenty_megabytes_is_refused_unread(services: Services, shop: Shop, sign_in: SignIn) -> None:
    form = {"data": b"--x\r\n", "content_type": "multipart/form-data; boundary=x"}
    response = sign_in(shop).post("/look/atelier", **form, environ_overrides={"CONTENT_LENGTH": "20000000"})
    assert response.status_code == 413
    assert "<html" in response.text
    assert stored(services).logo_digest == ""


@pytest.mark.parametrize("language", ["fr", "de"])
def test_every_mail_is_shown_caged_with_its_logo(
    services: Services, shop: Shop, sign_in: SignIn, language: str
) -> None:
    client = sign_in(shop)
    with services.database.writing() as session:
        set_logo(session, session.get_one(Shop, shop.id), PNG, NOW)
    for kind in CUSTOMER_KINDS:
        page = client.get(f"/look?kind={kind}&language={language}")
        assert f'src="/look/atelier/{kind}/{language}" sandbox=' in page.text
        assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
        mail = client.get(f"/look/atelier/{kind}/{language}")
        assert f'<html lang="{language}">' in mail.text
        assert "data:image/png;base64," in mail.text
        assert "cid:" not in mail.text
        policy = mail.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script" not in policy


def test_a_test_goes_to_who_asks_and_looks_as_customers_will_see_it(
    services: Services, shop: Shop, sign_in: SignIn
) -> None:
    client = sign_in(shop)
    change(client, PNG, accent="#aa0000", survey_sender_name="Camille")
    visitor = Visitor(client)
    assert visitor.press("/look", "/look/atelier/test", kind="survey", language="fr").status_code == 303
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
    assert (mail.recipient, mail.audience, mail.sender) == (
        EMAIL,
        Audience.STAFF,
        "Camille <bonjour@atelier-lumen.example.com>",
    )
    assert "#aa0000" in (mail.html or "")
    assert "List-Unsubscribe" in mail.headers
    assert f"A test is on its way to {EMAIL}." in visitor.read("/look")


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        pytest.param("GET", "/look?shop=other", 404, id="page of another shop"),
        pytest.param("GET", "/look/other/survey/fr", 404, id="mail of another shop"),
        pytest.param("GET", "/look/atelier/digest/fr", 404, id="no mail to customers"),
        pytest.param("GET", "/look/atelier/survey/xx", 404, id="no language"),
        pytest.param("POST", "/look/atelier", 400, id="without the token"),
        pytest.param("POST", "/look/atelier/test", 400, id="a test without the token"),
    ],
)
def test_what_is_not_there_or_not_meant_is_refused(
    services: Services, shop: Shop, sign_in: SignIn, method: str, address: str, status: int
) -> None:
    with services.database.writing() as session:
        make_shop(session, "other")
    assert sign_in(shop).open(address, method=method).status_code == status


def test_agents_and_strangers_do_not_get_in(services: Services, shop: Shop, sign_in: SignIn) -> None:
    client, stranger = sign_in(shop, role=Role.AGENT), create_app(services).test_client()
    for address in ("/look", "/look/atelier/survey/fr"):
        assert client.get(address).status_code == 403
        assert stranger.get(address).status_code == 302


def test_brand_files_are_kept_by_browsers_and_exist_only_where_they_do(
    services: Services, shop: Shop, sign_in: SignIn
) -> None:
    with services.database.writing() as session:
        logo = set_logo(session, session.get_one(Shop, shop.id), JPEG, NOW)
    client = sign_in(shop)
    picture = client.get(f"/brand/{logo.digest}")
    assert (picture.data, picture.mimetype) == (JPEG, "image/jpeg")
    style = client.get("/brand/ffcc00.css")
    assert "--accent: #856a00;" in style.text
    for answer in (picture, style):
        assert "immutable" in answer.headers["Cache-Control"]
    for address in ("/brand/ffcc0.css", "/brand/FFCC00.css", "/brand/red;}.css", f"/brand/{'0' * 32}", "/brand/x"):
        assert client.get(address).status_code == 404


def test_a_test_mail_arrives_with_its_logo(services: Services, shop: Shop, sign_in: SignIn) -> None:
    client = sign_in(shop)
    change(client, JPEG)
    Visitor(client).press("/look", "/look/atelier/test", kind="return_received", language="en")
    with recording_server() as server:
        settings = services.settings.model_copy(update={"smtp_port": server.port})
        assert send_mail.run(Services(settings, services.clock, services.database)) == 1
        assert b"image/jpeg" in server.received[0].data

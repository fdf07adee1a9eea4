"""Signing in and out: refused without a token, limited, never fixed, ended everywhere (R46, R48)."""

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.errors import ConflictError, InvalidInputError
from feedback_service.shops import passwords
from feedback_service.shops.models import AuditEntry, Role, Shop, Staff
from feedback_service.shops.staff import add_staff, change_password, find_staff, verify
from tests.support.builders import NOW
from tests.support.staff import PASSWORD, Visitor
from tests.web_staff.conftest import House

CAMILLE = "camille@example.com"


def test_signing_in_opens_the_inbox(house: House) -> None:
    visitor = house.visitor()
    assert visitor.get("/inbox").headers["Location"] == "/login?next=/inbox"
    response = visitor.sign_in(" Camille@Example.com ")
    assert (response.status_code, response.headers["Location"]) == (302, "/inbox")
    assert "What needs an answer now?" in visitor.read("/inbox")


def test_the_page_asked_for_is_opened_after_signing_in(house: House) -> None:
    assert house.visitor().sign_in(CAMILLE, next="/stories/7").headers["Location"] == "/stories/7"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example.net/", "//evil.example.net", "/\\evil.example.net", "javascript:alert(1)"],
)
def test_signing_in_never_leads_elsewhere(house: House, elsewhere: str) -> None:
    assert house.visitor().sign_in(CAMILLE, next=elsewhere).headers["Location"] == "/inbox"


@pytest.mark.parametrize(("email", "password"), [(CAMILLE, "wrong"), ("nobody@example.com", PASSWORD), ("", "")])
def test_a_wrong_pair_gets_one_answer_that_tells_nothing(house: House, email: str, password: str) -> None:
    response = house.visitor().sign_in(email, password)
    assert response.status_code == 401
    assert "do not go together" in response.text
    with house.services.database.reading() as session:
        assert session.scalar(sa.select(AuditEntry.action)) in {"staff.sign_in_refused", "staff.added"}


def test_a_form_without_its_token_is_refused(house: House, camille: Visitor) -> None:
    data = {"email": CAMILLE, "password": PASSWORD}
    assert house.visitor().client.post("/login", data=data).status_code == 400
    assert camille.client.post("/logout").status_code == 400
    assert camille.get("/inbox").status_code == 200


def test_ten_wrong_passwords_close_the_account_to_guessing(house: House) -> None:
    for number in range(10):
        visitor = house.visitor()
        visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        assert visitor.sign_in(CAMILLE, f"wrong {number}").status_code == 401
    visitor = house.visitor()
    visitor.client.environ_base["REMOTE_ADDR"] = "192.0.2.99"
    assert visitor.sign_in(CAMILLE.upper(), "wrong again").status_code == 429


def test_an_address_that_tries_many_accounts_is_stopped(house: House) -> None:
    answers = [house.visitor().sign_in(f"{number}@example.com", "wrong").status_code for number in range(21)]
    assert answers[:20] == [401] * 20
    assert answers[20] == 429


def test_signing_in_starts_a_fresh_session(house: House) -> None:
    visitor = house.visitor()
    with visitor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    visitor.sign_in(CAMILLE)
    with visitor.client.session_transaction() as session:
        assert "planted" not in session


def test_signing_out_ends_the_session_on_every_device(house: House, camille: Visitor) -> None:
    phone = house.visitor()
    phone.sign_in(CAMILLE)
    assert camille.press("/inbox", "/logout").headers["Location"] == "/login"
    assert phone.get("/inbox").status_code == 302


def test_a_disabled_account_is_out_at_once(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        session.execute(sa.update(Staff).values(is_active=False))
    assert camille.get("/inbox").status_code == 302
    assert house.visitor().sign_in(CAMILLE).status_code == 401


def test_a_polled_piece_sends_the_whole_page_to_the_login(house: House) -> None:
    response = house.visitor().client.get("/inbox/list", headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login")


def test_cookies_are_out_of_reach(house: House) -> None:
    cookie = house.visitor().sign_in(CAMILLE).headers["Set-Cookie"]
    assert cookie.startswith("__Host-feedback=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie


def test_passwords_are_long_and_kept_as_argon2id(services: Services) -> None:
    with services.database.writing() as session:
        with pytest.raises(InvalidInputError, match="15"):
            add_staff(session, "x@example.com", "X", Role.AGENT, [], "too short", NOW)
        with pytest.raises(InvalidInputError, match="no e-mail address"):
            add_staff(session, "nonsense", "X", Role.AGENT, [], PASSWORD, NOW)
        staff = add_staff(session, "X@Example.com", "X", Role.AGENT, [], PASSWORD, NOW)
        assert staff.email == "x@example.com"
        assert staff.password_hash.startswith("$argon2id$")
        with pytest.raises(ConflictError):
            add_staff(session, "x@example.com", "Y", Role.AGENT, [], PASSWORD, NOW)
        assert verify(session, "x@example.com", PASSWORD, NOW) is staff
        change_password(session, staff, "another few words", NOW)
        assert staff.session_version == 2
        assert verify(session, "x@example.com", PASSWORD, NOW) is None


def test_a_hash_of_older_costs_is_made_anew(services: Services) -> None:
    from argon2 import PasswordHasher

    with services.database.writing() as session:
        staff = add_staff(session, "x@example.com", "X", Role.AGENT, [], PASSWORD, NOW)
        staff.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        assert verify(session, "x@example.com", PASSWORD, NOW) is staff
        assert not passwords.is_outdated(staff.password_hash)
        found = find_staff(session, "x@example.com")
        assert found is staff


def test_roles_open_and_close_pages(house: House) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        add_staff(session, "manager@example.com", "M", Role.MANAGER, [shop], PASSWORD, NOW, language="en")
    agent, manager = house.visitor(), house.visitor()
    agent.sign_in(CAMILLE)
    manager.sign_in("manager@example.com")
    assert 'href="/dashboard"' not in agent.read("/inbox")
    assert 'href="/dashboard"' in manager.read("/inbox")


def test_letters_that_no_database_takes_are_a_wrong_pair_like_any_other(house: House) -> None:
    assert house.visitor().sign_in("nobody\0@example.com", "wr\0ng").status_code == 401

"""Consents to surveys: stored with when, how and their proof, withdrawn for good, and never brought back by an echo."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.db import Database
from feedback_service.errors import InvalidInputError
from feedback_service.hashing import address_key
from feedback_service.mail.models import MailState, OutboxMail, Suppression, SuppressionReason
from feedback_service.returns import consents
from feedback_service.returns.connectors.csv_import import Kind
from feedback_service.returns.consents import ConsentIn, How, Standing
from feedback_service.returns.models import SurveyConsent
from tests.returns.test_csv_import import Clerk, clerk  # noqa: F401 - the fixture
from tests.support.builders import NOW, SECRET, make_shop
from tests.support.surveys import invite

KEY = address_key(SECRET, "client@example.com")
GIVEN, TAKEN = NOW - timedelta(days=9), NOW - timedelta(days=2)
PROOF = "Box on the order form, version 3"


def record(database: Database, shop_id: int, consent_in: ConsentIn) -> Standing:
    """Record a consent in a transaction of its own."""
    with database.writing() as session:
        return consents.record(session, shop_id, KEY, consent_in, NOW)


@pytest.fixture
def shop_id(database: Database) -> int:
    """A shop."""
    with database.writing() as session:
        return make_shop(session).id


def test_consent_is_stored_with_when_how_and_its_proof_once(database: Database, shop_id: int) -> None:
    for _ in range(2):
        assert record(database, shop_id, ConsentIn(How.API, GIVEN, proof=PROOF)) is Standing.GIVEN
    with database.reading() as session:
        row = session.scalars(sa.select(SurveyConsent)).one()
    assert (row.given_at, row.how, row.proof, row.recorded_at) == (GIVEN, "api", PROOF, NOW)
    assert row.address_key == KEY


def test_withdrawal_keeps_the_proof_and_an_echo_of_the_old_consent_changes_nothing(
    database: Database, shop_id: int
) -> None:
    record(database, shop_id, ConsentIn(How.API, GIVEN, proof=PROOF))
    assert record(database, shop_id, ConsentIn(How.CLI, withdrawn_at=TAKEN)) is Standing.WITHDRAWN
    assert record(database, shop_id, ConsentIn(How.API, GIVEN, proof=PROOF)) is Standing.WITHDRAWN
    assert record(database, shop_id, ConsentIn(How.API, TAKEN, proof=PROOF)) is Standing.WITHDRAWN
    with database.reading() as session:
        row = session.scalars(sa.select(SurveyConsent)).one()
    assert (row.withdrawn_at, row.withdrawn_how, row.proof) == (TAKEN, "cli", PROOF)


def test_consent_given_anew_after_a_withdrawal_holds(database: Database, shop_id: int) -> None:
    record(database, shop_id, ConsentIn(How.API, GIVEN, TAKEN, PROOF))
    again = ConsentIn(How.API, TAKEN + timedelta(days=1), proof="Account page")
    assert record(database, shop_id, again) is Standing.GIVEN
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(SurveyConsent.id))) == 2


def test_who_never_agreed_and_says_no_objects_by_it(database: Database, shop_id: int) -> None:
    assert record(database, shop_id, ConsentIn(How.CSV, withdrawn_at=TAKEN)) is Standing.NONE
    with database.reading() as session:
        assert session.scalars(sa.select(Suppression.reason)).one() is SuppressionReason.OBJECTION


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(ConsentIn(How.API, GIVEN), id="no proof"),
        pytest.param(ConsentIn(How.API, NOW + timedelta(hours=1), proof=PROOF), id="given in the future"),
        pytest.param(ConsentIn(How.API, withdrawn_at=NOW + timedelta(hours=1)), id="withdrawn in the future"),
    ],
)
def test_what_proves_nothing_is_refused(database: Database, shop_id: int, wrong: ConsentIn) -> None:
    with pytest.raises(InvalidInputError):
        record(database, shop_id, wrong)
    assert record(database, shop_id, ConsentIn(How.API)) is Standing.NONE


COLUMNS = (
    "order_id,ordered_at,sku,quantity,unit_price,email,"
    "survey_consent_at,survey_consent_proof,survey_consent_withdrawn_at\n"
)


def standing_of(clerk: Clerk) -> Standing:  # noqa: F811 - the fixture
    with clerk.counter.services.database.reading() as session:
        return consents.standing(session, clerk.counter.shop.id, KEY)


def test_csv_brings_consents_and_withdrawals(clerk: Clerk) -> None:  # noqa: F811 - the fixture
    row = "1,2026-11-02,LAMP,1,9.90,client@example.com,2026-11-01,Box on the form,{withdrawn}\n"
    clerk.take(COLUMNS + row.format(withdrawn=""))
    assert standing_of(clerk) is Standing.GIVEN
    assert clerk.take(COLUMNS + row.format(withdrawn="2026-11-10")).updated == 1
    assert standing_of(clerk) is Standing.WITHDRAWN


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ("2026-11-01,,", "a consent needs its proof"),
        ("tomorrow,Box,", "is not a date"),
        ("2027-01-01,Box,", "cannot be given or withdrawn in the future"),
    ],
)
def test_consent_that_proves_nothing_is_told_by_its_line_and_nothing_of_the_row_is_stored(
    clerk: Clerk,  # noqa: F811 - the fixture
    cells: str,
    complaint: str,
) -> None:
    totals = clerk.take(f"{COLUMNS}1,2026-11-02,LAMP,1,9.90,client@example.com,{cells}\n")
    assert (totals.created, totals.problems) == (0, 1)
    assert complaint in clerk.complaints[0]


def test_rows_without_consents_are_known_again_as_before(clerk: Clerk) -> None:  # noqa: F811 - the fixture
    text = "order_id,ordered_at,sku,quantity,unit_price,email\n1,2026-11-02,LAMP,1,9.90,client@example.com\n"
    assert clerk.take(text, Kind.ORDERS).created == 1
    assert clerk.take(text + "\n", Kind.ORDERS).unchanged == 1


def test_withdrawal_drops_the_survey_that_waits_and_the_next_is_not_sent(services: Services) -> None:
    invite(services)
    key = address_key(SECRET, "client1@example.com")
    with services.database.writing() as session:
        shop_id = session.scalars(sa.select(OutboxMail.shop_id)).one()
        assert shop_id
        consents.record(session, shop_id, key, ConsentIn(How.API, GIVEN, TAKEN, PROOF), NOW)
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
    assert (mail.state, mail.due_at, mail.text) == (MailState.DROPPED, None, None)

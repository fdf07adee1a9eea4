"""Export and erasure: everything about the person, nothing about anybody else."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story
from feedback_service.db import Database
from feedback_service.digest.models import Digest
from feedback_service.mail.models import MailState, OutboxMail, Suppression, SuppressionReason
from feedback_service.mail.suppression import is_suppressed
from feedback_service.mentions.models import Document, DocumentVersion, Mention, version_digest
from feedback_service.privacy.erasure import erase
from feedback_service.privacy.export import export
from feedback_service.privacy.person import Person
from feedback_service.returns.models import Customer, Order, Return
from feedback_service.settings import Settings
from feedback_service.sources.models import Source
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.replies import CustomerReply
from feedback_service.tables import metadata
from tests.support.builders import NOW, SECRET
from tests.support.commands import environment, run
from tests.support.traces import ASKING, OTHER, shop_with_traces

PERSON = Person.of(ASKING.upper(), SECRET)


def _everything(session: Session) -> str:
    """Return every row of every table as one text."""
    rows: list[Any] = []
    for table in metadata.sorted_tables:
        rows += [tuple(row) for row in session.execute(sa.select(table))]
    return repr(rows)


def _figures(session: Session) -> list[int | None]:
    counted = (Order, Return, Answer, OutboxMail, Invitation)
    return [session.scalar(sa.select(sa.func.count()).select_from(model)) for model in counted]


def test_an_export_holds_everything_about_the_person_and_nobody_else(database: Database) -> None:
    with database.writing() as session:
        shop = shop_with_traces(session)
        document = export(session, PERSON, [shop], NOW)

    (part,) = document["shops"]
    counted = {key: len(rows) for key, rows in part.items() if isinstance(rows, list)}
    assert counted == {
        "customers": 1, "orders": 1, "returns": 1, "invitations": 1, "answers": 1, "stories": 1, "mentions": 1,
        "mails": 2, "consents": 1, "suppressions": 0, "staff": 0, "returned_mails": 1, "replies": 1,
    }  # fmt: skip
    text = json.dumps(document)
    assert ASKING in text
    assert OTHER not in text
    assert "digest1" not in text


def test_an_export_holds_what_a_mention_said_before_it_was_edited(database: Database) -> None:
    with database.writing() as session:
        shop = shop_with_traces(session)
        document = session.scalars(sa.select(Document)).first()
        assert document
        old = {"title": "Before", "text": f"As {ASKING} wrote first", "digest": "0" * 64, "replaced_at": NOW}
        session.add(DocumentVersion(document_id=document.id, **old))
        session.flush()
        (part,) = export(session, PERSON, [shop], NOW)["shops"]
    ((earlier,),) = [mention["earlier"] for mention in part["mentions"]]
    assert earlier["text"] == f"As {ASKING} wrote first"


def test_an_erased_person_is_in_no_table_and_the_figures_stay(database: Database) -> None:
    with database.writing() as session:
        shop = shop_with_traces(session)
        session.add(Digest(shop_id=shop.id, week_on=NOW.date(), contents={"said": [f"by {ASKING}"]}, built_at=NOW))
        before = _figures(session)

    with database.writing() as session:
        erased = erase(session, PERSON, [shop], NOW)

    assert (erased.customers, erased.answers, erased.mails, erased.stories, erased.mentions) == (1, 1, 2, 1, 1)
    with database.reading() as session:
        assert ASKING not in _everything(session)
        assert _everything(session).count(OTHER) > 5
        assert _figures(session) == before
        assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Story)) == 1
        answer = session.scalars(sa.select(Answer).where(Answer.anonymised_at.is_not(None))).one()
        assert (answer.rating, answer.reasons, answer.text, answer.return_id) == (1, ["defective"], None, None)
        reply = session.scalars(sa.select(CustomerReply).where(CustomerReply.anonymised_at.is_not(None))).one()
        assert (reply.text, reply.return_id, reply.incoming_id, reply.evidence) == (None, None, None, [])
        assert (answer.other_reason, answer.contact_permitted_at) == (None, None)


def test_only_the_keyed_hash_in_the_suppression_list_remembers_the_person(database: Database) -> None:
    with database.writing() as session:
        shop = shop_with_traces(session)
        erase(session, PERSON, [shop], NOW)

    with database.reading() as session:
        kept = session.scalars(sa.select(Suppression)).one()
        assert (kept.address_key, kept.reason) == (PERSON.key, SuppressionReason.ERASURE)
        assert is_suppressed(session, shop.id, PERSON.key)


def test_a_mail_that_waits_is_not_sent_to_an_erased_person(database: Database) -> None:
    with database.writing() as session:
        shop = shop_with_traces(session)
        erase(session, PERSON, [shop], NOW)

    with database.reading() as session:
        states = session.execute(sa.select(OutboxMail.recipient, OutboxMail.state, OutboxMail.due_at)).all()
    assert [state for recipient, state, _ in states if recipient is None] == [MailState.SENT, MailState.DROPPED]
    assert sorted(state for recipient, state, _ in states if recipient == OTHER) == [MailState.QUEUED, MailState.SENT]


def test_blackened_text_keeps_its_length_for_the_evidence(database: Database) -> None:
    with database.writing() as session:
        shop = shop_with_traces(session)
        before = session.scalars(sa.select(Mention.text)).one()
        erase(session, PERSON, [shop], NOW)

    with database.reading() as session:
        after = session.scalars(sa.select(Mention)).one()
    assert len(after.text) == len(before)
    assert after.text[after.evidence[0]["start"] : after.evidence[0]["end"]] == "█" * len(ASKING)


def test_erasure_in_one_shop_leaves_the_other_alone_and_can_be_repeated(database: Database) -> None:
    with database.writing() as session:
        here = shop_with_traces(session, "here")
    with database.writing() as session:
        there = shop_with_traces(session, "there")
    for _ in range(2):
        with database.writing() as session:
            erase(session, PERSON, [here], NOW)

    with database.reading() as session:
        found = {part["shop"] for part in export(session, PERSON, [there], NOW)["shops"]}
        again = export(session, PERSON, [here], NOW)["shops"]
        assert found
        assert [key for key, rows in again[0].items() if isinstance(rows, list) and rows] == ["suppressions"]


def test_the_commands_export_and_erase(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        shop_with_traces(session)
    environ = environment(settings)

    exported = run("privacy", "export", ASKING, environ=environ)
    erased = run("privacy", "erase", ASKING, "--yes", environ=environ)

    assert json.loads(exported.stdout)["shops"][0]["customers"][0]["email"] == ASKING
    assert json.loads(erased.stdout)["customers"] == 1
    with database.reading() as session:
        assert ASKING not in _everything(session)


def test_what_a_document_said_before_it_was_edited_is_blackened_with_its_digest(database: Database) -> None:
    with database.writing() as session:
        here, there = shop_with_traces(session, "here"), shop_with_traces(session, "there")
        for shop in (here, there):
            of_shop = sa.select(Document.id).join(Document.source).where(Source.shop_id == shop.id).limit(1)
            number = session.scalars(of_shop).one()
            text = f"Ecrivez-moi : {ASKING.upper()}"
            digest = version_digest(ASKING, text)
            version = DocumentVersion(
                document_id=number,
                title=ASKING,
                text=text,
                rating=None,
                best_rating=None,
                digest=digest,
                replaced_at=NOW,
            )
            session.add(version)

    with database.writing() as session:
        erase(session, PERSON, [here], NOW)

    with database.reading() as session:
        first, second = session.scalars(sa.select(DocumentVersion).order_by(DocumentVersion.id))
    black = "█" * len(ASKING)
    assert (first.title, first.text) == (black, f"Ecrivez-moi : {black}")
    assert first.digest == version_digest(first.title, first.text) != second.digest
    assert second.title == ASKING

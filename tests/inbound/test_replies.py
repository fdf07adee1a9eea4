"""A person's reply: into the case, into the inbox when it is a complaint, and on to the shop."""

import sqlalchemy as sa

from feedback_service.alerts.cards import card
from feedback_service.alerts.models import Story, StoryEvent
from feedback_service.bootstrap import Services
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, MailState, OutboxMail, Suppression
from feedback_service.shops.models import Shop
from feedback_service.surveys.answers import AnswerIn
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.replies import CustomerReply
from tests.support.builders import make_staff
from tests.support.returned_mail import written
from tests.support.surveys import token_of

ANGRY = "C'est une honte, toujours pas remboursée et personne ne répond. Je vais porter plainte ! 06 12 34 56 78."
HAPPY = "Merci beaucoup, tout s'est très bien passé, je recommande votre boutique."


def _take(services: Services, raw: bytes) -> MailClass:
    return services.inbound_desk.take_mail(raw, "mailbox", services.clock.now()).kind


def _replies(services: Services) -> list[CustomerReply]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(CustomerReply).order_by(CustomerReply.id)))


def _waiting(services: Services, kind: str) -> list[OutboxMail]:
    wanted = sa.select(OutboxMail).where(OutboxMail.kind == kind, OutboxMail.state == MailState.QUEUED)
    with services.database.reading() as session:
        return list(session.scalars(wanted))


def test_a_reply_is_kept_with_its_return_masked_and_without_what_it_quotes(
    services: Services, survey: OutboxMail
) -> None:
    assert _take(services, written(survey, ANGRY)) is MailClass.NONE

    (reply,) = _replies(services)
    assert reply.text == ANGRY.replace("06 12 34 56 78", "[phone]")
    assert reply.return_id is not None
    assert reply.language == "fr"


def test_an_angry_reply_is_a_story_with_an_alert(services: Services, survey: OutboxMail) -> None:
    with services.database.writing() as session:
        make_staff(session, session.get_one(Shop, survey.shop_id))

    _take(services, written(survey, ANGRY))

    with services.database.reading() as session:
        story = session.scalars(sa.select(Story)).one()
        assert story.return_id is not None
        assert story.order_id is not None
        shown = card(session, story, "fr")
    assert shown.source == "Réponse à un e-mail"
    assert "honte" in shown.quote or "plainte" in shown.quote
    (alert,) = _waiting(services, "story_alert")
    assert alert.subject.startswith(("Complaint by mail after a return: ", "Plainte par e-mail après un retour"))
    assert alert.recipient == "agent@example.com"


def test_a_happy_reply_is_kept_and_makes_no_story(services: Services, survey: OutboxMail) -> None:
    _take(services, written(survey, HAPPY))

    assert [reply.is_negative for reply in _replies(services)] == [False]
    with services.database.reading() as session:
        assert session.scalars(sa.select(Story)).all() == []


def test_a_reply_joins_the_story_of_the_low_rating(services: Services, survey: OutboxMail) -> None:
    with services.database.writing() as session:
        mail = session.get_one(OutboxMail, survey.id)
        services.answer_desk.record(session, token_of(mail), AnswerIn(rating=1), services.clock.now())

    _take(services, written(survey, ANGRY))
    _take(services, written(survey, f"{ANGRY} Encore moi.", number=2))

    with services.database.reading() as session:
        story = session.scalars(sa.select(Story)).one()
        assert [bool(item.answer_id) for item in story.items] == [True, False, False]
        kinds = session.scalars(sa.select(StoryEvent.kind).where(StoryEvent.story_id == story.id)).all()
    assert kinds.count("item_added") == 2


def test_a_reply_to_the_mailbox_of_bounces_is_passed_on_to_the_shop(services: Services, survey: OutboxMail) -> None:
    _take(services, written(survey, ANGRY))

    (mail,) = _waiting(services, "customer_reply")
    assert (mail.recipient, mail.audience) == ("support@atelier-lumen.example.com", Audience.STAFF)
    assert mail.reply_to == survey.recipient
    assert "06 12 34 56 78" in (mail.text or "")
    assert "comment s'est passé votre retour" not in (mail.text or "")


def test_a_reply_that_the_shop_has_got_itself_is_not_passed_on(services: Services, survey: OutboxMail) -> None:
    _take(services, written(survey, ANGRY, to="support@atelier-lumen.example.com"))

    assert len(_replies(services)) == 1
    assert _waiting(services, "customer_reply") == []


def test_one_mailbox_for_everything_does_not_write_to_itself(services: Services, survey: OutboxMail) -> None:
    with services.database.writing() as session:
        session.get_one(Shop, survey.shop_id).reply_to = "Bounces <bounces@mail.example.com>"

    _take(services, written(survey, ANGRY))
    assert len(_replies(services)) == 1
    assert _waiting(services, "customer_reply") == []


def test_the_same_reply_twice_is_one_reply(services: Services, survey: OutboxMail) -> None:
    for _ in range(2):
        _take(services, written(survey, ANGRY))

    assert len(_replies(services)) == 1
    assert len(_waiting(services, "customer_reply")) == 1


def test_a_stranger_s_mail_is_no_reply(services: Services, survey: OutboxMail) -> None:
    raw = written(survey, ANGRY, to="bounces@mail.example.com").replace(
        survey.message_id.encode(), b"<other@x.example>"
    )

    _take(services, raw)
    assert _replies(services) == []
    with services.database.reading() as session:
        assert session.scalars(sa.select(Suppression)).all() == []


def test_an_answer_that_names_a_bounce_is_a_person_s(services: Services, survey: OutboxMail) -> None:
    assert (
        _take(services, written(survey, "550 5.1.1 User unknown: that is what your other mail got.")) is MailClass.NONE
    )
    with services.database.reading() as session:
        assert session.scalars(sa.select(Suppression)).all() == []


def test_a_reply_to_the_reminder_belongs_to_the_same_return(services: Services, survey: OutboxMail) -> None:
    with services.database.writing() as session:
        invitation = session.scalars(sa.select(Invitation)).one()
        session.get_one(OutboxMail, survey.id).cause = "something else"
        invitation.mail_id, invitation.reminder_mail_id = None, survey.id
        return_id = invitation.return_id

    _take(services, written(survey, HAPPY))
    assert [reply.return_id for reply in _replies(services)] == [return_id]

"""Customers' mails and pages in each of the languages: nothing is left in English, and everybody may choose."""

import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from feedback_service.bootstrap import Services
from feedback_service.i18n import LANGUAGES, OWN_NAMES, SOURCE_LANGUAGE, translations
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import ReturnState
from feedback_service.returns.notices import tell_customer
from feedback_service.surveys import questions
from tests.support.builders import make_customer, make_order, make_return, make_shop
from tests.support.surveys import invite

TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
SHOP = {"privacy_url": "https://lumen.example.com/privacy", "public_review_url": "https://reviews.example.com/lumen"}
# Names and figures are the same in every language; so may a word such as "Total" be, but not three in a row.
_SENTENCE = re.compile(r"(?:[^\W\d_]+[^\w<>]{1,2}){2}[^\W\d_]+")
_SAME_EVERYWHERE = ("Atelier Lumen", "Lampe Aube")


class _Texts(HTMLParser):
    """Collects what a reader sees or hears, piece by piece; names of languages are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag == "style"
        self.texts += [
            value for name, value in attrs if name in {"aria-label", "alt", "title", "placeholder"} and value
        ]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts.append(" ".join(data.split()))


def sentences(html: str) -> set[str]:
    """What is said in `html` in three words or more."""
    parser = _Texts()
    parser.feed(html)
    return {
        text for text in parser.texts if _SENTENCE.search(text) and not any(name in text for name in _SAME_EVERYWHERE)
    }


def words(text: str) -> str:
    """`text` on one line, with one kind of space."""
    return " ".join(text.split())


def pages(client: FlaskClient, token: str, language: str) -> list[str]:
    """Every page a customer may come to, in `language`."""
    survey, objection = f"/s/{token}?l={language}", f"/u/{token}?l={language}"
    return [
        client.get("/s/unknown", headers={"Accept-Language": language}).text,
        client.get(survey).text,
        client.post(survey, data={}).text,
        client.post(survey, data={"rating": "4", "text": "x" * 3000}).text,
        client.post(survey, data={"rating": "4", "effort": "99"}).text,
        client.post(survey, data={"rating": "4"}, follow_redirects=True).text,
        client.get(survey).text,
        client.get(objection).text,
        client.post(objection).text,
    ]


def notices(services: Services, language: str) -> list[OutboxMail]:
    """The mails about each step of a return, in `language`."""
    now = services.clock.now()
    with services.database.writing() as session:
        shop = make_shop(session, **SHOP)
        customer = make_customer(session, shop, "client@example.com", language=language)
        for number, state in enumerate((ReturnState.RECEIVED, ReturnState.REFUNDED, ReturnState.REPLACED)):
            order = make_order(session, shop, f"AL-{number}", customer_id=customer.id, language=language)
            values = {"external_id": f"R-{number}", "state": state, "language": language}
            returned = make_return(session, shop, order, **values)
            assert tell_customer(session, services.outbox, shop, returned, services.secret, now)
        return list(session.scalars(sa.select(OutboxMail)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", TRANSLATED)
def test_no_page_says_anything_in_english(services: Services, client: FlaskClient, language: str) -> None:
    token = invite(services, "en", **SHOP)
    english = pages(client, token, "en")
    with services.database.writing() as session:
        session.execute(sa.text("delete from answer"))
        session.execute(sa.text("update invitation set answered_at = null, objected_at = null"))
    for before, after in zip(english, pages(client, token, language), strict=True):
        assert f'<html lang="{language}">' in after
        assert len(sentences(before)) >= 4
        assert sentences(before) & sentences(after) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", TRANSLATED)
def test_no_notice_says_anything_in_english(services: Services, language: str) -> None:
    mails = notices(services, language)
    assert len(mails) == 3
    catalogue = set(getattr(translations(language), "_catalog", {})) - {""}
    for mail in mails:
        assert mail.language == language
        for part in (mail.subject, mail.text or "", mail.html or ""):
            left = [text for text in catalogue if isinstance(text, str) and " " in text and text in words(part)]
            assert not left


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_survey_is_asked_in_the_language_of_the_order(services: Services, language: str) -> None:
    invite(services, language)
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
    assert mail.language == language
    assert f'<html lang="{language}">' in (mail.html or "")
    for part in (mail.text or "", mail.html or ""):
        # The text part is broken into lines.
        assert words(translations(language).gettext(questions.RATING.text)) in words(part)


@pytest.mark.parametrize(
    ("order", "shop", "expected"),
    [("de", "fr", "de"), ("pt-BR", "fr", "pt"), ("pl", "nl", "nl"), (None, "es", "es")],
    ids=["the order's", "the order's with a country", "the shop's where we lack the order's", "the shop's"],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_mail_is_written_in_the_order_s_language_else_in_the_shop_s(
    services: Services, order: str | None, shop: str, expected: str
) -> None:
    with services.database.writing() as session:
        row = make_shop(session, language=shop)
        customer = make_customer(session, row, "client@example.com", language=order)
        placed = make_order(session, row, "AL-1", customer_id=customer.id, language=order)
        make_return(session, row, placed, external_id="R-1", language=order)
    services.inviter.queue_due(services.clock.now())
    with services.database.reading() as session:
        assert session.scalars(sa.select(OutboxMail.language)).one() == expected


def test_a_page_offers_every_language_and_keeps_the_rating_of_the_mail(services: Services, client: FlaskClient) -> None:
    token = invite(services)
    page = client.get(f"/s/{token}?r=4").text
    for code in LANGUAGES:
        assert OWN_NAMES[code] in page
        assert (f'href="?l={code}&amp;r=4" lang="{code}" hreflang="{code}"' in page) == (code != "fr")


@pytest.mark.parametrize("asked", ["xx", "", "de'\"><script>", "français", "../..", "x" * 5000])
def test_a_language_that_is_none_of_ours_changes_nothing(services: Services, client: FlaskClient, asked: str) -> None:
    token = invite(services)
    page = client.get(f"/s/{token}", query_string={"l": asked, "r": "<b>"})
    assert page.status_code == 200
    assert '<html lang="fr">' in page.text
    assert asked in {"", "français"} or asked not in page.text
    assert client.post(f"/s/{token}", query_string={"l": asked}, data={"rating": "4"}).location == f"/s/{token}/thanks"


def test_the_language_chosen_is_kept_on_the_way(services: Services, client: FlaskClient) -> None:
    token = invite(services)
    page = client.get(f"/s/{token}?l=nl").text
    assert f'href="/u/{token}?l=nl"' in page
    answered = client.post(f"/s/{token}?l=nl", data={"rating": "5"})
    assert answered.location == f"/s/{token}/thanks?l=nl"
    assert f'href="/s/{token}?l=nl"' in client.get(answered.location).text


@pytest.mark.parametrize(
    ("header", "expected"),
    [("de-AT,de;q=0.9,en;q=0.5", "de"), ("pl,it;q=0.3", "it"), ("ja", "en"), ("", "en"), ("*", "fr"), (";;q=", "en")],
)
def test_a_stranger_is_answered_by_the_browser_s_languages(client: FlaskClient, header: str, expected: str) -> None:
    page = client.get("/s/unknown", headers={"Accept-Language": header})
    assert page.status_code == 404
    assert f'<html lang="{expected}">' in page.text

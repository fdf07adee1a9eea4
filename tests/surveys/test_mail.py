"""The survey mail and the wording of the questions (R12-R14, R32, R34, R35)."""

import re

import pytest
import sqlalchemy as sa

from feedback_service import paths
from feedback_service.bootstrap import Services
from feedback_service.i18n import CUSTOMER_CATALOGUES, translations
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import Order, OrderLine, Return, ReturnLine
from feedback_service.surveys import questions, signs
from feedback_service.surveys.letter import what_came_back
from jobs import send_surveys
from tests.support.builders import make_shop
from tests.support.catalogues import entries
from tests.support.surveys import invite, refunded_return

LARGEST_MAIL = 100_000


def the_mail(services: Services) -> OutboxMail:
    """Return the one mail that waits."""
    with services.database.reading() as session:
        return session.scalars(sa.select(OutboxMail)).one()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_mail_names_the_shop_first_and_asks_by_five_links_in_both_parts(services: Services, language: str) -> None:
    token = invite(services, language)
    mail = the_mail(services)
    text, html = mail.text or "", mail.html or ""
    assert text.startswith("Atelier Lumen\n")
    assert f'<html lang="{language}">' in html
    question = translations(language).gettext(questions.RATING.text)
    for part in (text, html):
        assert question in part
        for label in (questions.RATING.low_label, questions.RATING.high_label):
            assert translations(language).gettext(label) in part
        for rating in questions.RATING.values:
            assert f"https://feedback.example.com/s/{token}?r={rating}" in part
        assert f"https://feedback.example.com/u/{token}" in part
        assert "Lampe Aube" in part
        assert "Atelier Lumen SAS, 1 rue Exemple, 75000 Paris" in part
        assert "feedback_service" not in part


def test_mail_is_small_and_carries_no_image_form_script_or_identity_in_its_addresses(services: Services) -> None:
    invite(services)
    mail = the_mail(services)
    html = mail.html or ""
    assert len(html.encode()) < LARGEST_MAIL
    for element in ("<img", "<form", "<script", "<link", "url(", "@import"):
        assert element not in html
    assert all('role="presentation"' in table for table in re.findall(r"<table[^>]*>", html))
    for address in re.findall(r'https?://[^\s"<]+', html + (mail.text or "")):
        assert not re.search(r"client|%40|AL-1|R-1", address)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_names_from_outside_never_become_markup(services: Services) -> None:
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session, name="A & B <b>"), language="en")
        returned.lines[0].product = "<script>x</script> 100 %(what)s"
    send_surveys.run(services)
    html = the_mail(services).html or ""
    assert "<script" not in html
    assert "<b>Who asks</b>" in html
    assert "A &amp; B &lt;b&gt;" in html
    assert "&lt;script&gt;x&lt;/script&gt; 100 %(what)s" in html


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (questions.RATING.text, "Globalement, êtes-vous satisfait(e) du traitement de votre retour ?"),
        (questions.EFFORT.text, "%(shop)s m'a facilité le retour de mon article."),
        (
            questions.REASONS_TEXT,
            (
                "Si vous le souhaitez, dites-nous ce qui vous a amené(e) à renvoyer l'article. Votre réponse nous aide "
                "à nous améliorer ; elle n'a aucun effet sur votre remboursement."
            ),
        ),
    ],
    ids=["R34 CSAT", "R34 CES", "R35"],
)
def test_questions_are_worded_as_the_method_wants_them(english: str, french: str) -> None:
    translated = translations("fr").gettext(english)
    assert translated.replace("’", "'").replace("\u202f", " ") == french


def test_everything_a_customer_reads_is_translated() -> None:
    catalogue = [entry for name in CUSTOMER_CATALOGUES for entry in entries("fr", name)]
    source = ""
    for pattern in ("customer/*.html", "mail/survey/*"):
        source += "".join(path.read_text(encoding="utf-8") for path in paths.templates_folder().glob(pattern))
    in_templates = set(re.findall(r'\b_\(\s*"([^"]+)"', source)) | set(re.findall(r'ngettext\("([^"]+)"', source))
    in_code = {questions.REASONS_TEXT, questions.FREE_TEXT, questions.FREE_TEXT_HINT}
    in_code |= {questions.OTHER_TEXT, questions.CONTACT_TEXT, questions.CONTACT_HINT}
    for scale in questions.SCALES.values():
        in_code |= {scale.text, scale.low_label, scale.high_label}
    known = {entry.source[0] for entry in catalogue}
    assert (in_templates | in_code) - known == set()
    assert all(translations("fr").gettext(label) != label for label in signs.LABELS.values())
    # Narrow no-break space before high punctuation, as French typography wants it.
    french = [text for entry in catalogue for text in entry.translation]
    assert [text for text in french if re.search(r"[^\u202f][;:!?]( |$)", text)] == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param({"sku": "L-1", "product": ""}, "Lampe Aube, commande 1001", id="as it was sold"),
        pytest.param({"sku": "L-1", "product": "Lampe"}, "Lampe, commande 1001", id="as the return calls it"),
        pytest.param(
            {"sku": "L-9", "product": ""}, "L-9, commande 1001", id="by its number where nothing else is known"
        ),
    ],
)
def test_the_mail_calls_an_article_as_the_customer_bought_it(line: dict[str, str], words: str) -> None:
    sold = OrderLine(position=1, sku="L-1", product="Lampe Aube", quantity=1)
    returned = Return(lines=[ReturnLine(position=1, quantity=1, **line)], order=Order(number="1001", lines=[sold]))
    assert what_came_back(returned, "fr") == words

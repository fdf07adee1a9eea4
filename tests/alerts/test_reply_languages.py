"""A suggested reply speaks the language of the complaint and of what it complains about."""

import pytest

from feedback_service.alerts.replies import Topic, reply_language, suggest, topic_of
from feedback_service.i18n import LANGUAGES, translations


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Toujours pas de remboursement", Topic.REFUND),
        ("I want my money back", Topic.REFUND),
        ("Seit Wochen warte ich auf die Erstattung", Topic.REFUND),
        ("Sigo esperando el reembolso", Topic.REFUND),
        ("Ancora nessun rimborso", Topic.REFUND),
        ("Nog steeds geen terugbetaling", Topic.REFUND),
        ("Continuo à espera do reembolso", Topic.REFUND),
        ("Das Paket ist nie angekommen", Topic.DELIVERY),
        ("El paquete nunca llegó", Topic.DELIVERY),
        ("Il pacco non è mai arrivato", Topic.DELIVERY),
        ("Het pakket is niet bezorgd", Topic.DELIVERY),
        ("A encomenda nunca chegou", Topic.DELIVERY),
        ("Der Kundenservice ist nicht erreichbar", Topic.SILENCE),
        ("La atención al cliente no responde", Topic.SILENCE),
        ("Il servizio clienti non risponde", Topic.SILENCE),
        ("De klantenservice geeft geen antwoord", Topic.SILENCE),
        ("O apoio ao cliente não responde", Topic.SILENCE),
        ("Die Lampe kam kaputt an", Topic.PRODUCT),
        ("Llegó estropeado", Topic.PRODUCT),
        ("È arrivato rotto", Topic.PRODUCT),
        ("De lamp was kapot", Topic.PRODUCT),
        ("O artigo veio avariado", Topic.PRODUCT),
        ("Nie wieder", Topic.OTHER),
    ],
)
def test_the_topic_is_found_in_each_language(text: str, topic: Topic) -> None:
    assert topic_of([text], is_danger=False) is topic


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reply_is_whole_in_its_language(topic: Topic, language: str) -> None:
    reply = suggest(topic, language, "Atelier Lumen", "hello@example.com")
    assert reply.count("\n\n") == 3
    assert "Atelier Lumen" in reply
    assert "hello@example.com" in reply
    assert translations(language).gettext("Hello,") in reply
    in_private = suggest(topic, language, "Atelier Lumen", "hello@example.com", is_private=True)
    assert in_private.count("\n\n") == 3
    assert "hello@example.com" not in in_private, "the order is known, and the mail can be answered"
    if language != "en":
        assert in_private != suggest(topic, "en", "Atelier Lumen", "", is_private=True)
        assert reply != suggest(topic, "en", "Atelier Lumen", "hello@example.com")


@pytest.mark.parametrize(
    ("complaint", "shop", "expected"), [("de", "fr", "de"), ("pl", "it", "it"), ("", "pt", "pt"), ("ja", "ja", "en")]
)
def test_the_reply_is_in_the_complaint_s_language_else_in_the_shop_s(complaint: str, shop: str, expected: str) -> None:
    assert reply_language(complaint, shop) == expected

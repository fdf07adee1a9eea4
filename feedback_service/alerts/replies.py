"""A suggested reply: polite, short, no personal data; a person reads and approves it (R49). Pure but for words."""

from collections.abc import Sequence
from enum import StrEnum

from feedback_service import i18n
from feedback_service.folding import fold


class Topic(StrEnum):
    """What a complaint is about, as far as the reply must know."""

    DANGER = "danger"
    REFUND = "refund"
    DELIVERY = "delivery"
    PRODUCT = "product"
    SILENCE = "silence"
    OTHER = "other"


_TELLTALE: dict[Topic, str] = {
    Topic.REFUND: """
        rembours, mon argent; refund, money back, my money; erstatt, geld zuruck, mein geld; reembols, mi dinero;
        rimbors, i miei soldi; terugbeta, geld terug, mijn geld; o meu dinheiro""",
    Topic.DELIVERY: """
        livraison, livre, jamais recu, colis, transporteur; deliver, parcel, courier, never arrived, shipping;
        lieferung, geliefert, paket, nie angekommen, nie erhalten; entrega, envio, paquete, nunca llego;
        consegn, spedizion, pacco, mai arrivat, corriere; levering, bezorg, pakket, nooit aangekomen;
        encomenda, nunca chegou, transportadora""",
    Topic.SILENCE: """
        injoignable, ne repond, sans reponse, aucune reponse, pas de reponse, service client; unreachable, no reply,
        no answer, never answer, no response, customer service; nicht erreichbar, keine antwort, antwortet nicht,
        kundenservice, kundendienst; no responde, sin respuesta, ninguna respuesta, atencion al cliente;
        non rispond, nessuna risposta, servizio clienti, assistenza clienti; geen antwoord, onbereikbaar,
        klantenservice; nao responde, sem resposta, nenhuma resposta, apoio ao cliente""",
    Topic.PRODUCT: """
        casse, defectueu, qualite, panne; broken, defective, faulty, quality, stopped working, damaged;
        kaputt, defekt, beschadigt, qualitat; estropead, defectuos, calidad; difettos, rotto, rotta, qualita;
        kapot, defect, kwaliteit, beschadigd; avariad, defeituos, qualidade, estragad""",
}
"""Parts of words, folded, language by language; the first topic one of whose words a text holds is taken."""
_TOPICS = {
    topic: tuple(word.strip() for word in words.replace(";", ",").split(",")) for topic, words in _TELLTALE.items()
}


def topic_of(texts: Sequence[str], *, is_danger: bool) -> Topic:
    """Return what the texts are about: the first topic one of whose words they hold."""
    if is_danger:
        return Topic.DANGER
    folded = fold(" ".join(texts))
    return next((topic for topic, words in _TOPICS.items() if any(word in folded for word in words)), Topic.OTHER)


def reply_language(language: str, default: str) -> str:
    """Return the language to reply in: the customer's if we write it, else the shop's, else English."""
    shops = i18n.best_language(default, i18n.LANGUAGES, i18n.SOURCE_LANGUAGE)
    return i18n.best_language(language, i18n.LANGUAGES, shops)


def suggest(topic: Topic, language: str, shop: str, contact: str, *, is_private: bool = False) -> str:
    """Return a reply in paragraphs; `contact` is the shop's support address, which may be empty.

    `is_private`: it goes to a customer whose order is known, by mail; else it stands where all can read it.
    """
    _ = i18n.translations(language).gettext
    middle = {
        Topic.DANGER: _(
            "Your safety comes first: please stop using the item. We are looking into what happened right away."
        ),
        Topic.REFUND: _("You should not have to wait for your refund. We are checking today where it stands."),
        Topic.DELIVERY: _("We understand how annoying it is to wait for a parcel. We will contact the carrier today."),
        Topic.SILENCE: _("You should have had an answer from us, and we are sorry that you did not."),
        Topic.PRODUCT: _("The item should have been in perfect order. We will find a solution with you."),
        Topic.OTHER: _("What you describe is not what we want for our customers. We would like to put it right."),
    }[topic]
    if is_private:
        last = _("You can simply answer this message: we will help you personally.")
    elif contact:
        ask = _("Please write to %(contact)s with your order number, so that we can help you personally.")
        last = ask % {"contact": contact}
    else:
        last = _("Please write to our support with your order number, so that we can help you personally.")
    thanks = _("Thank you for telling us; we are sorry about what happened.")
    paragraphs = [_("Hello,"), f"{thanks} {middle}", last]
    return "\n\n".join([*paragraphs, _("The %(shop)s team") % {"shop": shop}])

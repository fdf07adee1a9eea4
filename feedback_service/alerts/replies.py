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


_TELLTALE: tuple[tuple[Topic, tuple[str, ...]], ...] = (
    (Topic.REFUND, ("rembours", "refund", "money back", "mon argent", "my money")),
    (Topic.DELIVERY, ("livraison", "livre", "jamais recu", "colis", "transporteur", "deliver", "parcel", "courier",
                      "never arrived", "shipping")),
    (Topic.SILENCE, ("injoignable", "ne repond", "sans reponse", "aucune reponse", "pas de reponse", "unreachable",
                     "no reply", "no answer", "never answer", "no response", "customer service", "service client")),
    (Topic.PRODUCT, ("casse", "defectueu", "cassee", "qualite", "panne", "broken", "defective", "faulty", "quality",
                     "stopped working", "damaged")),
)  # fmt: skip


def topic_of(texts: Sequence[str], *, is_danger: bool) -> Topic:
    """Return what the texts are about: the first topic one of whose words they hold."""
    if is_danger:
        return Topic.DANGER
    folded = fold(" ".join(texts))
    return next((topic for topic, words in _TELLTALE if any(word in folded for word in words)), Topic.OTHER)


def reply_language(language: str, default: str) -> str:
    """Return the language to reply in: the customer's if we write it, else the shop's, else English."""
    shops = i18n.best_language(default, i18n.LANGUAGES, i18n.SOURCE_LANGUAGE)
    return i18n.best_language(language, i18n.LANGUAGES, shops)


def suggest(topic: Topic, language: str, shop: str, contact: str) -> str:
    """Return a reply in paragraphs; `contact` is the shop's support address, which may be empty."""
    _ = i18n.translations(language).gettext
    middle = {
        Topic.DANGER: _(
            "Your safety comes first: please stop using the item. We are looking into what happened right away."
        ),
        Topic.REFUND: _("You should not have to wait for your refund. We are checking today where it stands."),
        Topic.DELIVERY: _("We understand how annoying it is to wait for a parcel. We are asking the carrier today."),
        Topic.SILENCE: _("You should have had an answer from us, and we are sorry that you did not."),
        Topic.PRODUCT: _("The item should have been in perfect order. We will find a solution with you."),
        Topic.OTHER: _("What you describe is not what we want for our customers. We would like to put it right."),
    }[topic]
    if contact:
        ask = _("Please write to %(contact)s with your order number, so that we can help you in person.")
        last = ask % {"contact": contact}
    else:
        last = _("Please write to our support with your order number, so that we can help you in person.")
    thanks = _("Thank you for telling us, and we are sorry.")
    paragraphs = [_("Hello,"), f"{thanks} {middle}", last]
    return "\n\n".join([*paragraphs, _("The team of %(shop)s") % {"shop": shop}])

"""What customers answered in the months before the demo, written for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer answered: CSAT 1-5, CES 1-7, our reason codes, and perhaps some words."""

    rating: int
    effort: int
    reasons: tuple[str, ...] = ()
    text: str | None = None


ANSWERS_FR = (
    Said(5, 7, ("damaged_transit",), "Lampe arrivée cassée, remboursée en quatre jours. Bravo pour le suivi."),
    Said(4, 6, (), None),
    Said(5, 6, ("color",), None),
    Said(2, 3, ("damaged_transit",), "Deuxième verre cassé à l’arrivée : l’emballage n’est vraiment pas à la hauteur."),
    Said(4, 6, ("too_small",), "Rideau un peu court, mais le retour a été simple."),
    Said(5, 7, ("changed_mind",), None),
    Said(3, 4, (), "Il a fallu demander l’étiquette de retour deux fois."),
    Said(5, 7, (), None),
    Said(4, 5, ("not_as_described",), "La couleur ne correspond pas à la photo. Le reste s’est bien passé."),
    Said(
        1,
        1,
        ("damaged_transit",),
        "Colis reçu en morceaux, trois semaines sans nouvelles du remboursement. Très déçue.",
    ),
    Said(5, 6, (), "Merci pour votre gentillesse au téléphone."),
    Said(4, 6, (), None),
    Said(3, 3, ("quality",), None),
    Said(5, 7, ("style",), None),
    Said(4, 5, (), "Un peu long, mais on m’a tenue au courant à chaque étape."),
    Said(2, 2, ("color",), "Le lin est beige alors que la page dit craie, et j’ai payé le renvoi de ma poche."),
    Said(5, 7, ("defective",), "Baladeuse remplacée sans discuter."),
    Said(4, 6, (), None),
    Said(2, 3, (), "Sans nouvelles pendant dix jours, puis remboursé sans un mot."),
    Said(2, 2, (), None),
    Said(3, 5, (), None),
    Said(5, 7, (), "Rien à redire, merci à toute l’équipe."),
)
ANSWERS_EN = (
    Said(5, 7, ("changed_mind",), "Easy return, quick refund. Thank you."),
    Said(4, 5, (), None),
    Said(2, 3, ("late",), "The refund took almost three weeks and nobody answered my emails."),
    Said(5, 6, ("too_large",), None),
    Said(4, 6, (), "Clear instructions, friendly people."),
)

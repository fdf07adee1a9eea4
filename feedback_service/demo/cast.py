"""The fictional shop and its staff. The passwords are for the demo only: its services listen on 127.0.0.1."""

from dataclasses import dataclass
from typing import Any

from feedback_service.demo.mailbox import STAFF_DOMAIN
from feedback_service.shops.models import Role

SLUG = "atelier-lumen"


@dataclass(frozen=True, slots=True)
class Player:
    """One member of staff who signs in."""

    name: str
    email: str
    role: Role
    password: str


STAFF = (
    Player("Camille Support", f"camille@{STAFF_DOMAIN}", Role.AGENT, "lampe-lin-lumiere"),
    Player("Dominique Gérance", f"dominique@{STAFF_DOMAIN}", Role.MANAGER, "lundi-matin-chiffres"),
    Player("Alix Administration", f"alix@{STAFF_DOMAIN}", Role.ADMIN, "clefs-de-l-atelier"),
)
AGENT, MANAGER, ADMIN = STAFF

SHOP: dict[str, Any] = {
    "slug": SLUG,
    "name": "Atelier Lumen",
    "controller": "Atelier Lumen SAS (fictive), 1 rue de l’Exemple, 75000 Paris",
    "website": f"https://{STAFF_DOMAIN}",
    "privacy_url": f"https://{STAFF_DOMAIN}/confidentialite",
    "country": "FR",
    "time_zone": "Europe/Paris",
    "language": "fr",
    "languages": ["fr", "en"],
    "currency": "EUR",
    "sender_name": "Atelier Lumen",
    "sender_address": f"bonjour@{STAFF_DOMAIN}",
    "reply_to": f"support@{STAFF_DOMAIN}",
    "terms_any": ["Atelier Lumen"],
    "order_number_pattern": r"AL-\d{5}",
}

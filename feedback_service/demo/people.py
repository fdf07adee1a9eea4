"""Who buys in the fictional shop: invented names at addresses that are reserved for examples (RFC 2606)."""

from dataclasses import dataclass
from random import Random

from feedback_service.folding import fold

_FRENCH_FIRST = """
Adèle Agathe Alban Amélie Anaïs Antoine Arthur Aurore Baptiste Bastien Camille Capucine Céleste Chloé Clara Clément
Colette Corentin Damien Diane Élise Éloïse Émile Estelle Étienne Fanny Faustine Félix Florian Gabin Gaspard Hélène
Hugo Inès Jeanne Joséphine Jules Juliette Léa Léonie Lison Louis Louise Lucas Lucie Maëlle Manon Margaux Marin Mathilde
Maxime Nathan Ninon Noé Océane Paul Pauline Quentin Raphaël Rémi Romane Salomé Sarah Simon Solène Suzanne Théo Thibault
Valentine Victor Violette Yann Yasmine Zoé
""".split()  # noqa: SIM905 - one name a line would be a page
_FRENCH_LAST = """
Abadie Allard Arnaudin Aubertin Bailly Barbet Bellanger Berthod Bonnal Bouvier Brémond Carlier Chabrier Chauvet
Clergeau Cormier Courtois Dalmas Delaunay Desnos Duvernoy Escoffier Faivre Ferrand Fontanel Gaillardet Garnault Gentil
Giraudon Grandin Hautbois Jacquemin Jolivet Joubert Lacombe Lafargue Lambertin Larcher Lavigne Lenoble Lhermitte
Loiseau Maillard Marchal Maupin Mercadier Millet Monnier Moreuil Nogaret Ollivier Pasquier Perrault Picardin Poulain
Queyras Rambert Renaudin Rivoire Rochefort Roussel Sabatier Saulnier Sicard Taillefer Tessier Thévenin Tournier Vallet
Vasseur Verdier Vignal Vincenot
""".split()  # noqa: SIM905 - as above
_ENGLISH_FIRST = """
Alice Amelia Arthur Beatrice Charlotte Daniel Edith Edward Eleanor Emily Finn Florence George Grace Harriet Henry Isla
Jack Lucy Martha Oliver Poppy Rose Samuel Thomas Violet William
""".split()  # noqa: SIM905 - as above
_ENGLISH_LAST = """
Ashdown Barlow Bexley Calder Denholm Ellery Fairbank Garside Hartwell Ingham Kestrel Langley Marlow Norwood Oakes
Pemberton Quill Radley Selwyn Thorne Underhill Wadsley
""".split()  # noqa: SIM905 - as above
_ENGLISH_SHARE = 0.16


@dataclass(frozen=True, slots=True)
class Buyer:
    """One customer of the shop."""

    number: str
    name: str
    email: str
    language: str
    country: str


def make_buyer(random: Random, number: int) -> Buyer:
    """Return the customer with that number; the number in the address keeps it unique."""
    english = random.random() < _ENGLISH_SHARE
    first = random.choice(_ENGLISH_FIRST if english else _FRENCH_FIRST)
    last = random.choice(_ENGLISH_LAST if english else _FRENCH_LAST)
    host = "example.org" if english else "example.com"
    email = f"{_plain(first)}.{_plain(last)}.{number}@{host}"
    country = random.choice(("GB", "GB", "IE")) if english else random.choice(("FR",) * 9 + ("BE",))
    return Buyer(f"C{number:05d}", f"{first} {last}", email, "en" if english else "fr", country)


def _plain(name: str) -> str:
    return fold(name).replace("'", "").replace(" ", "-")

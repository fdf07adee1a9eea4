"""What people publish about the fictional shop: reviews and blog posts, all written for the demo."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A review (`stars` 1-5) or a blog post (`stars` 0), `days_ago` before the demo's now."""

    days_ago: float
    author: str
    stars: int
    title: str
    text: str


REVIEWS = (
    Published(
        146, "Clarisse", 5, "Très belle boutique", "La lampe Aube est superbe, la lumière est douce. Livraison rapide."
    ),
    Published(139, "Gwen", 4, "Contente", "Plaid en lin agréable, conforme à la photo."),
    Published(
        131,
        "P. Martel",
        2,
        "Déçu",
        "La lampe Brume est arrivée cassée et le service client a mis dix jours à répondre.",
    ),
    Published(124, "Hannah", 5, "Lovely linen", "Beautiful tablecloth and fast delivery. I am very happy with it."),
    Published(117, "Soline", 5, "Parfait", "Service impeccable, emballage soigné, je recommande."),
    Published(109, "Nils", 3, "Correct", "La suspension est jolie, le montage demande de la patience."),
    Published(
        102,
        "Margot B.",
        1,
        "Jamais remboursée",
        "Retour reçu il y a un mois, toujours aucun remboursement. C’est inadmissible.",
    ),
    Published(95, "Ernest", 5, "Ravi", "Deuxième commande, toujours aussi bien."),
    Published(
        88, "Odile", 4, "Joli rideau", "Le rideau Craie tombe bien, la couleur est un peu plus chaude que sur l’écran."
    ),
    Published(
        80,
        "Fay",
        2,
        "Broken lamp",
        "My lamp arrived broken and I am still waiting for an answer. Really disappointing.",
    ),
    Published(73, "Basile", 5, "Bel accueil", "Une question sur l’ampoule, une réponse claire dans l’heure."),
    Published(66, "Ariane", 5, "Superbe", "Drap en lin magnifique et très doux."),
    Published(
        59,
        "Loup",
        2,
        "Verre cassé",
        "Lampe Brume brisée dans le carton, emballage insuffisant. Dommage, elle était belle.",
    ),
    Published(52, "Nour", 4, "Satisfaite", "Retour simple, remboursement en une semaine."),
    Published(44, "Isaac", 5, "Great shop", "The wall lamp looks wonderful and the team was helpful."),
    Published(
        37,
        "Mylène",
        1,
        "À fuir",
        "Personne ne répond au téléphone, commande AL-10640 jamais arrivée. Je regrette mon achat.",
    ),
    Published(30, "Armel", 5, "Conforme", "Très beau lampadaire, livré en trois jours."),
    Published(23, "Ottilie", 3, "Mitigée", "Housse jolie mais plus petite que prévu."),
    Published(16, "Sacha", 5, "Au top", "Torchons de très bonne qualité, je recommande."),
    Published(
        11.2,
        "Perrine",
        2,
        "Couleur trompeuse",
        "Le rideau reçu est beige, pas craie. Photo trompeuse et frais de retour à ma charge.",
    ),
    Published(
        6.1,
        "Rolland",
        1,
        "Honteux",
        "Lampe reçue cassée, deux courriels sans réponse, toujours pas remboursé. Service client inexistant.",
    ),
    Published(4.3, "Aurélie", 5, "Enchantée", "La baladeuse Luciole éclaire toutes nos soirées. Merci !"),
    Published(
        2.6,
        "Doreen",
        2,
        "Slow refund",
        "I returned the curtain three weeks ago and still have no refund. Very disappointing service.",
    ),
    Published(1.4, "Flore", 4, "Bien", "Belle nappe, livraison soignée."),
)

POSTS = (
    Published(
        120,
        "Le fil du lin",
        0,
        "Cinq adresses pour le linge de maison",
        "Parmi elles, Atelier Lumen pour ses draps en lin lavé, doux et bien coupés.",
    ),
    Published(
        92,
        "Le fil du lin",
        0,
        "Teindre soi-même ses rideaux",
        "Un bain tiède, du sel, de la patience : la recette pas à pas, sans se tromper de textile.",
    ),
    Published(
        61,
        "Le fil du lin",
        0,
        "Trois lampes pour lire tard",
        "La lampe Aube d’Atelier Lumen est notre préférée : lumière chaude, joli câble, prix juste.",
    ),
    Published(
        33,
        "Le fil du lin",
        0,
        "Quand une lampe arrive en morceaux",
        "Une lectrice nous écrit : sa lampe Brume, commandée chez Atelier Lumen, est arrivée cassée deux fois. "
        "Le remboursement se fait attendre depuis un mois et personne ne répond. Elle est très déçue.",
    ),
    Published(
        12,
        "Le fil du lin",
        0,
        "Nos tables d’automne",
        "Garance, ocre, bougies : trois tables à copier. La nappe vient d’Atelier Lumen.",
    ),
    Published(
        5.4,
        "Le fil du lin",
        0,
        "Rideaux : se méfier des photos",
        "Le rideau Craie d’Atelier Lumen est beige en plein jour. La photo est trompeuse, le retour est payant, "
        "et le service client ne répond pas. Une mauvaise surprise.",
    ),
    Published(
        0.12,
        "Le fil du lin",
        0,
        "Courrier des lecteurs : un remboursement qui traîne",
        "« J’ai renvoyé une suspension à Atelier Lumen il y a cinq semaines. Aucun remboursement, aucune réponse : "
        "c’est inadmissible », écrit un lecteur qui songe à saisir un médiateur.",
    ),
)

BAD_REVIEW = Published(
    0,
    "Visiteur",
    1,
    "Très déçu",
    "Lampe Brume arrivée cassée, retour envoyé il y a trois semaines et toujours aucun remboursement. "
    "Le service client ne répond pas. Je ne recommande pas Atelier Lumen.",
)
"""What the form of the review site proposes, and what `demo --once` publishes."""

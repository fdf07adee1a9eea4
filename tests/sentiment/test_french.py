"""What a French reader would say of texts about a shop. Each case is named for what makes it hard."""

import pytest

from feedback_service.sentiment.judgement import Label
from feedback_service.sentiment.scorer import Scorer

SCORER = Scorer(("fr", "en"))

NEGATIVE = {
    "one_word": "Nul.",
    "one_word_stretched": "Nuuuuul",
    "one_word_capitals": "ARNAQUE",
    "two_words_slang": "trop naze",
    "never_received": "Commande passée le 3 mars, jamais reçue.",
    "still_not_received": "Toujours pas reçu mon colis.",
    "still_nothing": "Payé il y a un mois et toujours rien.",
    "not_refunded": "Le retour a été fait en octobre et je n'ai pas été remboursée.",
    "refund_promised_and_gone": "On m'a promis un remboursement sous 14 jours, j'attends toujours.",
    "weeks_late": "3 semaines de retard pour une lampe.",
    "no_news": "Aucune nouvelle depuis quinze jours.",
    "order_cancelled": "Commande annulée sans explication.",
    "parcel_lost": "Colis perdu par le transporteur et personne ne prend ses responsabilités.",
    "parcel_empty": "J'ai ouvert le carton : colis vide.",
    "nobody_answers": "Le service client ne répond jamais au téléphone.",
    "unreachable": "SAV injoignable, numéro surtaxé.",
    "no_answer_to_mails": "Cinq mails envoyés, aucune réponse.",
    "no_after_sales": "service apres vente inexistant",
    "broken_on_arrival": "Vase arrivé cassé, emballage ridicule.",
    "stopped_working": "Au bout de deux jours la lampe ne fonctionne plus.",
    "not_working_dropped_ne": "marche pas, bon pour la poubelle",
    "counterfeit": "C'est une contrefaçon, la marque me l'a confirmé.",
    "wrong_item": "Ce n'est pas la bonne couleur et le modèle n'a rien à voir avec la photo.",
    "missing_parts": "Il manque deux vis et la notice.",
    "size_too_small": "Taille beaucoup trop petit, je renvoie.",
    "not_as_described": "Produit non conforme à la description.",
    "flee": "Site à fuir !!!",
    "stay_away": "Passez votre chemin.",
    "never_again": "Plus jamais je ne commanderai ici.",
    "last_order": "C'est ma dernière commande chez eux.",
    "do_not_recommend": "Je ne recommande pas du tout.",
    "advise_against": "Je déconseille fortement cette boutique.",
    "thieves": "Bande de voleurs",
    "scam_misspelled": "c est une arnak ce site",
    "never_received_misspelled": "jamai reçut ma comande",
    "phone_spelling": "jai rien recu sa fait 2 moi",
    "infinitive_for_participle": "je n'ai jamais été rembourser",
    "disappointed": "Très déçue de la qualité.",
    "not_satisfied": "Je ne suis absolument pas satisfait.",
    "not_up_to_it": "La qualité n'est pas à la hauteur du prix.",
    "little_reliable": "Vendeur peu fiable.",
    "hardly_professional": "Réponse peu professionnelle.",
    "left_wanting": "La finition laisse à désirer.",
    "concession_after_praise": "Le produit est joli mais la livraison est catastrophique.",
    "concession_long": "Site agréable, prix corrects, par contre le service client est lamentable et ment.",
    "despite_calls": "Malgré plusieurs relances, personne ne me répond.",
    "irony_thanks_for_nothing": "Merci pour rien.",
    "irony_bravo": "Bravo le service client, trois semaines sans réponse.",
    "irony_champions": "Bravo les champions, colis livré chez le voisin d'une autre ville.",
    "irony_lovely_scam": "Belle arnaque, félicitations pour les frais cachés.",
    "threat_complaint": "Je vais porter plainte.",
    "threat_authority": "Signalement à la DGCCRF en cours, et UFC Que Choisir sera prévenue.",
    "threat_lawyer": "Vous aurez des nouvelles de mon avocat.",
    "formal_notice": "Une mise en demeure part demain en recommandé.",
    "they_mock_customers": "Ils se moquent du monde.",
    "zero_stars": "Si je pouvais mettre zéro étoile je le ferais.",
    "charged_without_consent": "Prélevé de 29 euros sans mon accord.",
    "too_dear": "Frais de port exorbitants.",
    "no_gesture": "Pas le moindre geste commercial.",
    "return_refused": "Ils refusent le retour alors que je suis dans les délais.",
    "return_at_my_cost": "Les frais de retour sont à ma charge alors que l'erreur vient d'eux.",
    "emoji_angry": "😡😡😡",
    "emoji_and_words": "Colis ouvert 😡 merci le livreur",
    "all_capitals": "SERVICE CLIENT INCOMPETENT, JE SUIS FURIEUX",
    "html": "<p>Article <b>d&eacute;fectueux</b>, remplacement refus&eacute;.</p>",
    "delivered_says_the_site": "Noté livré alors que je n'ai rien reçu.",
    "waste": "Une perte de temps et d'argent.",
    "polite_complaint": "Bonjour, je suis un peu surprise de ne pas avoir de nouvelles de mon colis. Cordialement",
    "question_where": "Où est mon colis ??",
}

POSITIVE = {
    "one_word_praise": "Parfait",
    "one_word_slang": "nickel",
    "nothing_to_report": "RAS",
    "nothing_to_report_spelled": "Rien à signaler, tout est conforme.",
    "nothing_to_criticise": "Rien à redire.",
    "nothing_to_criticise_loose": "rien à en redire, je recommande",
    "nothing_to_complain_of": "jais pas a me plaindre",
    "no_problem": "Aucun problème.",
    "no_worry": "Pas de souci, livraison rapide.",
    "never_a_problem": "Je n'ai jamais eu de problème avec ce site.",
    "never_a_problem_for_years": "Cliente depuis 10 ans, jamais eu le moindre souci.",
    "never_disappointed": "Jamais déçue.",
    "not_disappointed": "Je ne suis pas déçu de mon achat.",
    "rarely_disappointed": "Rarement déçu depuis plusieurs années.",
    "not_bad": "Pas mal du tout !",
    "not_dear": "Pas cher et bien emballé.",
    "do_not_hesitate": "N'hésitez pas, foncez.",
    "no_regret": "Je ne regrette pas mon achat.",
    "recommend": "Je recommande ce site.",
    "recommend_misspelled": "je reccomande livraison rapid",
    "conforming_fast": "Conforme et rapide, merci.",
    "on_time": "Reçu dans les délais, emballage soigné.",
    "ahead_of_time": "Livré avec deux jours d'avance.",
    "responsive": "Vendeur réactif et sérieux.",
    "solved": "J'ai eu un souci de taille mais le service client a été très réactif, échange rapide.",
    "reconciled": "Cette vendeuse m'a réconcilié avec les achats en ligne.",
    "back_in_order": "Après un appel, tout est rentré dans l'ordre, merci à eux.",
    "refunded_fast": "Remboursée rapidement et sans discuter.",
    "despite_delay": "Malgré un petit retard, je suis très satisfaite.",
    "concession_after_blame": "Un peu cher mais la qualité est excellente.",
    "better_than_others": "Moins cher qu'ailleurs et bien mieux que la concurrence.",
    "only_satisfaction": "Je n'ai que des satisfactions.",
    "emoji_heart": "😍👍",
    "all_capitals_praise": "TRES SATISFAITE, JE REVIENDRAI",
    "thanks": "Un grand merci à toute l'équipe !",
    "stretched": "Suuuuper",
    "eyes_closed": "Vous pouvez commander les yeux fermés.",
}

NOT_NEGATIVE = {
    "empty": "",
    "spaces": "   \n ",
    "fact": "Colis reçu mardi.",
    "question": "Est-ce que vous livrez en Belgique ?",
    "announcement": "La boutique ouvre un nouveau magasin à Nantes.",
    "only_a_link": "https://example.com/arnaque-nul-voleurs",
    "quote_of_another": "> Site nul, arnaque, voleurs\nPour ma part tout s'est bien passé.",
    "number": "12345",
    "so_so": "Correct, sans plus de commentaire.",
}


@pytest.mark.parametrize("text", NEGATIVE.values(), ids=NEGATIVE.keys())
def test_complaint_is_negative(text: str) -> None:
    assert SCORER.score(text).label is Label.NEGATIVE


@pytest.mark.parametrize("text", POSITIVE.values(), ids=POSITIVE.keys())
def test_praise_is_positive(text: str) -> None:
    assert SCORER.score(text).label is Label.POSITIVE


@pytest.mark.parametrize("text", NOT_NEGATIVE.values(), ids=NOT_NEGATIVE.keys())
def test_neither_is_not_negative(text: str) -> None:
    assert SCORER.score(text).label is not Label.NEGATIVE


SAID = {name: text for name, text in (NEGATIVE | POSITIVE).items() if "&" not in text}  # Entities have a case.


@pytest.mark.parametrize("text", SAID.values(), ids=SAID.keys())
def test_capitals_and_spaces_do_not_change_the_label(text: str) -> None:
    label = SCORER.score(text, "fr").label
    assert SCORER.score(text.upper(), "fr").label is label
    assert SCORER.score(f"  {text.replace(' ', '  ')}\n", "fr").label is label

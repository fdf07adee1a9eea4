"""What an Italian reader would say of texts about a shop. Each case is named for what makes it hard."""

import pytest

from feedback_service.sentiment.judgement import GraveWord
from feedback_service.sentiment.markers import Gravity, Topic
from feedback_service.sentiment.scorer import Scorer
from tests.support.reading import NativeReader

SCORER = Scorer(("it", "en"))

NEGATIVE = {
    "one_word": "Pessimo.",
    "one_word_slang": "schifezza",
    "one_word_stretched": "Schifooooo",
    "one_word_capitals": "TRUFFATORI",
    "two_words_slang": "che pacco",
    "two_words_disappointment": "Che delusione",
    "never_arrived": "Ordinato il 3 marzo, mai arrivato.",
    "never_received": "Non ho mai ricevuto il mio ordine.",
    "not_yet_received": "A oggi non ho ancora ricevuto niente.",
    "still_nothing": "Pagato un mese fa e ancora niente.",
    "still_waiting": "Sto ancora aspettando la consegna.",
    "nothing_arrived": "Non è arrivato nulla.",
    "parcel_vanished": "Pacco sparito nel nulla.",
    "parcel_lost": "Il corriere ha smarrito il pacco e nessuno si prende la responsabilità.",
    "parcel_empty": "Ho aperto la scatola: vuota.",
    "parcel_opened": "Il pacco è arrivato aperto e manca un articolo.",
    "marked_delivered": "Risulta consegnato ma io non ho visto nessuno.",
    "courier_never_rang": "Il corriere non ha nemmeno citofonato e ha segnato destinatario assente.",
    "stuck_in_depot": "Fermo in magazzino da dodici giorni.",
    "weeks_late": "Tre settimane di ritardo per una lampada.",
    "late_for_the_birthday": "È arrivato in ritardo, il compleanno era già passato.",
    "returned_to_sender": "Il pacco è tornato al mittente senza che nessuno mi avvisasse.",
    "not_refunded": "Ho fatto il reso a ottobre e non sono stata rimborsata.",
    "refund_promised_and_gone": "Mi avevano promesso il rimborso entro 14 giorni, sto aspettando da due mesi.",
    "refund_denied": "Rimborso negato senza spiegazioni.",
    "partial_refund": "Mi hanno restituito solo metà dei soldi.",
    "wants_money_back": "Rivoglio i miei soldi!",
    "order_cancelled": "Ordine annullato senza motivo.",
    "cancelled_after_weeks": "Dopo tre settimane mi hanno annullato l'ordine.",
    "nobody_answers": "Nessuno risponde al telefono.",
    "they_do_not_answer": "Non rispondono alle mail da giorni.",
    "unreachable": "Servizio clienti irraggiungibile.",
    "no_answer_to_mails": "Cinque mail inviate, nessuna risposta.",
    "after_sales_absent": "assistenza post vendita inesistente",
    "hung_up": "Mi hanno attaccato il telefono in faccia.",
    "rude_clerk": "La commessa è stata maleducata con mia madre.",
    "passed_around": "Ho chiamato sei volte e mi hanno rimbalzato da un ufficio all'altro.",
    "automatic_answers": "Solo risposte automatiche, mai una persona.",
    "broken_on_arrival": "Vaso arrivato rotto, imballaggio ridicolo.",
    "stopped_working": "Dopo due giorni ha smesso di funzionare.",
    "does_not_work": "Non funziona.",
    "does_not_work_anymore": "La lampada non funziona più.",
    "does_not_switch_on": "Non si accende.",
    "broke_at_once": "Si è rotta al primo utilizzo.",
    "battery_short": "La batteria dura pochissimo, un'ora al massimo.",
    "faulty": "Prodotto difettoso.",
    "counterfeit": "È un tarocco, la marca me l'ha confermato.",
    "not_original": "Il profumo non è originale.",
    "wrong_item": "Mi hanno mandato un altro modello.",
    "wrong_colour": "Colore sbagliato.",
    "missing_parts": "Mancano due viti e le istruzioni.",
    "second_hand_sold_as_new": "Venduto come nuovo, era chiaramente usato.",
    "shrunk_in_the_wash": "Dopo il primo lavaggio si è ristretto tutto.",
    "size_too_small": "Veste troppo piccolo, lo rimando indietro.",
    "not_as_described": "Prodotto non conforme alla descrizione.",
    "not_as_pictured": "Non è assolutamente come in foto.",
    "bad_smell": "Puzza di plastica in modo insopportabile.",
    "cheap_material": "Materiale scadente, sembra un giocattolo.",
    "expired": "Biscotti scaduti da due mesi.",
    "stay_away": "State alla larga!",
    "leave_it": "Lasciate perdere.",
    "to_be_avoided": "Da evitare come la peste.",
    "never_again": "Mai più.",
    "will_not_buy_again": "Non comprerò più niente da loro.",
    "last_time": "È stata l'ultima volta che ordino qui.",
    "do_not_recommend": "Non lo consiglio a nessuno.",
    "advise_against": "Sconsiglio vivamente.",
    "do_not_trust": "Non fidatevi.",
    "thieves": "Ladri",
    "scam_sentence": "Questo sito è una truffa.",
    "rip_off": "Una fregatura colossale",
    "do_not_recommend_misspelled": "nn lo consilgio x niente",
    "phone_spelling": "nn mi e arrivato nnt dopo 2 sett e nn rispondono",
    "never_arrived_misspelled": "mai arivato il mio ordne",
    "apostrophe_for_accent": "E' una vergogna, non c'e' nessuno che risponda",
    "disappointed": "Molto delusa dalla qualità.",
    "not_satisfied": "Non sono assolutamente soddisfatto.",
    "not_satisfied_at_all": "Non sono per niente contenta dell'acquisto.",
    "not_up_to_it": "La qualità non è all'altezza del prezzo.",
    "little_reliable": "Venditore poco affidabile.",
    "hardly_professional": "Risposta poco professionale.",
    "leaves_to_be_desired": "Le rifiniture lasciano a desiderare.",
    "not_worth_it": "Non vale i soldi che costa.",
    "did_not_like": "Non mi è piaciuto per niente.",
    "not_clear": "Istruzioni per niente chiare.",
    "mica_after_the_verb": "Non è mica buono questo caffè.",
    "expected_better": "Mi aspettavo molto di meglio.",
    "regret": "Mi sono pentita dell'acquisto.",
    "concession_after_praise": "Il prodotto è carino ma la consegna è stata disastrosa.",
    "concession_long": "Sito gradevole, prezzi buoni, però il servizio clienti è pessimo e racconta bugie.",
    "what_a_pity": "Bella borsa, peccato che dopo una settimana si sia rotta la cerniera.",
    "despite_reminders": "Nonostante i tre solleciti nessuno mi ha risposto.",
    "praise_of_the_past": "Una volta erano seri, adesso è un disastro.",
    "irony_thanks_for_nothing": "Grazie di niente.",
    "irony_compliments": "Complimenti per il ritardo.",
    "irony_bravi": "Bravi davvero, tre settimane senza una risposta.",
    "irony_lovely_scam": "Bella truffa, complimenti.",
    "irony_so_much_for": "Consegnato dopo dodici giorni, alla faccia della spedizione express.",
    "irony_good_for_the_bin": "Ottimo, se vi piace buttare i soldi.",
    "irony_empty_box": "Grazie per la scatola vuota, davvero un bel regalo.",
    "irony_good_luck": "Auguri a chi compra qui.",
    "threat_complaint": "Domani vado dai carabinieri a sporgere denuncia.",
    "threat_authority": "Ho già segnalato tutto all'AGCM e al Codacons.",
    "threat_consumer_body": "Mi rivolgerò ad Altroconsumo.",
    "threat_lawyer": "Sentirete il mio avvocato.",
    "threat_legal_way": "Procederò per vie legali.",
    "formal_notice": "Domani parte la diffida via PEC.",
    "they_mock_customers": "Prendono in giro i clienti.",
    "zero_stars": "Se potessi metterei zero stelle.",
    "one_star_too_many": "Una stella è già troppo.",
    "charged_without_consent": "Mi hanno addebitato 29 euro senza autorizzazione.",
    "charged_twice": "Addebitato due volte lo stesso ordine.",
    "hidden_subscription": "Abbonamento nascosto, impossibile disdire.",
    "too_dear": "Spese di spedizione esagerate.",
    "too_dear_for_what_it_is": "Troppo caro per quello che è.",
    "cheaper_elsewhere": "Altrove costa la metà.",
    "better_elsewhere": "Meglio comprare altrove.",
    "voucher_refused": "Il codice sconto non funziona.",
    "return_refused": "Rifiutano il reso anche se sono nei termini.",
    "return_at_my_cost": "Le spese di reso sono a mio carico, anche se l'errore è loro.",
    "site_crashes": "Il sito si blocca al pagamento.",
    "account_locked": "Mi hanno bloccato l'account e non mi spiegano il perché.",
    "cannot_log_in": "Non riesco ad accedere al mio profilo da una settimana.",
    "electric_shock": "Ho preso la scossa accendendo il phon.",
    "caught_fire": "Il caricatore ha preso fuoco nella notte.",
    "emoji_angry": "😡😡😡",
    "emoji_and_words": "Pacco aperto 😡 grazie al corriere",
    "all_capitals": "SERVIZIO CLIENTI INCOMPETENTE, SONO FURIOSA",
    "html": "<p>Articolo <b>difettoso</b>, sostituzione rifiutata. &Egrave; una vergogna.</p>",
    "waste": "Una perdita di tempo e di denaro.",
    "polite_complaint": "Buongiorno, sono sorpresa di non avere alcuna notizia del mio pacco. Cordiali saluti",
    "polite_reminder": "Gentili signori, è la terza volta che vi scrivo e non ho avuto risposta. Distinti saluti",
    "question_where": "Dov'è il mio pacco??",
    "question_how_possible": "Come è possibile aspettare un mese per un libro?",
    "question_who_answers": "Ma qualcuno risponde in questo negozio?",
    "quoted_promise": "«Consegna in 24 ore»: ne sono passate 200 e non ho visto niente.",
    "shop_answer_quoted": "Mi dicono che devo aspettare, intanto i soldi li hanno presi subito.",
    "boring_book": "Libro noioso, non sono riuscita a finirlo.",
    "film_waste": "Film orrendo, due ore buttate.",
    "restaurant_cold": "Pizza fredda, camerieri sgarbati, conto salatissimo.",
    "hotel_dirty": "Camera sporca e letto scomodo.",
    "internet_down": "Da tre giorni sono senza internet e il call center non sa niente.",
    "post_of_feeling": "Oggi è una giornata di merda.",
    "post_politics": "Governo di incapaci, vergogna!",
    "so_so_with_fault": "Carino ma si è scollato dopo due giorni.",
    "long_polite_then_blame": (
        "Buongiorno, compro da voi da anni e mi sono sempre trovata bene. A novembre ho ordinato una macchina del tè. "
        "È arrivata con il serbatoio rotto. Ho scritto subito e mi hanno chiesto le foto. Le ho mandate due volte. "
        "Da allora nessuna risposta, e al telefono non risponde nessuno. Sono molto delusa."
    ),
    "long_without_emotion": (
        "Ho ordinato un tavolo il 2 maggio. La consegna era prevista per il 10. Il 15 ho telefonato e mi hanno detto "
        "che era in partenza. Il 20 risultava ancora in magazzino. Oggi è il 4 giugno e il tavolo non è arrivato."
    ),
}

POSITIVE = {
    "one_word_praise": "Perfetto",
    "one_word_praise_capitals": "OTTIMO",
    "one_word_slang": "figata",
    "one_word_top": "Top",
    "stretched_praise": "Bellissimoooooo",
    "nothing_to_say": "Niente da dire.",
    "nothing_to_object": "Nulla da eccepire.",
    "nothing_to_criticise": "niente da ridire, lo consiglio",
    "cannot_complain": "Non posso lamentarmi.",
    "no_reason_to_complain": "Non ho di che lamentarmi.",
    "no_problem": "Nessun problema.",
    "no_problem_english": "No problem, tutto ok",
    "without_problems": "Arrivato senza problemi.",
    "without_any_problem": "Consegnato senza alcun intoppo.",
    "never_a_problem": "Non ho mai avuto problemi con questo sito.",
    "never_a_problem_for_years": "Cliente da 10 anni, mai un problema.",
    "never_disappointed": "Mai rimasta delusa.",
    "does_not_disappoint": "Questa marca non delude mai.",
    "not_disappointed": "Non sono affatto delusa.",
    "not_bad": "Non è male.",
    "not_bad_at_all": "Niente male davvero!",
    "mica_male": "mica male",
    "not_dear": "Non è caro ed è ben imballato.",
    "no_regret": "Non mi sono pentito dell'acquisto.",
    "you_will_not_regret": "Compratelo, non ve ne pentirete.",
    "do_not_hesitate": "Non esitate ad acquistare.",
    "can_only_recommend": "Non posso che consigliarlo.",
    "looking_forward": "Non vedo l'ora di riordinare!",
    "recommend": "Consiglio questo negozio.",
    "recommend_strongly": "Consigliatissimo",
    "recommend_misspelled": "lo cosiglio spedizzione veloce",
    "phone_spelling_praise": "tt ok grz mille spedizione veloce",
    "conforming_fast": "Conforme alla descrizione e spedizione rapida, grazie.",
    "as_described": "Tutto come da descrizione.",
    "on_time": "Arrivato nei tempi previsti, imballaggio curato.",
    "ahead_of_time": "Consegnato con due giorni di anticipo.",
    "next_day": "Ordinato lunedì, arrivato il giorno dopo.",
    "arrived_intact": "Arrivato integro e ben protetto.",
    "responsive": "Venditore serio e puntuale.",
    "kind_staff": "Personale gentile e disponibile.",
    "works_well": "Funziona benissimo.",
    "fits_well": "Calza a pennello.",
    "good_value": "Ottimo rapporto qualità prezzo.",
    "worth_every_cent": "Vale ogni centesimo.",
    "money_well_spent": "Soldi ben spesi.",
    "solved": "Ho avuto un problema con la taglia ma il servizio clienti è stato gentilissimo, cambio veloce.",
    "solved_at_once": "Mancava un pezzo, ho scritto e me l'hanno spedito subito. Bravi!",
    "changed_my_mind": "Questo venditore mi ha fatto ricredere sugli acquisti online.",
    "thanks_after_repair": "Dopo una telefonata tutto risolto, grazie a Marta.",
    "refunded_fast": "Rimborsata subito e senza discutere.",
    "despite_delay": "Nonostante un piccolo ritardo sono molto soddisfatta.",
    "concession_after_blame": "Un po' caro ma la qualità è eccellente.",
    "although_dear": "Prodotto ottimo, anche se un po' caro.",
    "better_than_others": "Molto meglio della concorrenza.",
    "better_than_expected": "Meglio del previsto.",
    "cheaper_than_shops": "Costa meno che in negozio.",
    "feared_a_scam": "Temevo una truffa ma è arrivato tutto in due giorni, perfetto.",
    "not_a_scam": "Non è una truffa, sito serio.",
    "exceeded_expectations": "Ha superato le mie aspettative.",
    "will_buy_again": "Lo ricomprerei subito.",
    "will_be_back": "Torneremo sicuramente.",
    "faithful_customer": "Compro sempre qui e mi trovo benissimo.",
    "emoji_heart": "😍👍",
    "all_capitals_praise": "SODDISFATTISSIMA, TORNERÒ",
    "thanks": "Un grazie di cuore a tutto lo staff!",
    "compliments_sincere": "Complimenti per la professionalità.",
    "five_stars": "Cinque stelle meritate",
    "eyes_closed": "Potete comprare ad occhi chiusi.",
    "html_praise": "<p>Tutto <b>perfetto</b>, qualit&agrave; ottima.</p>",
    "book_in_one_go": "Letto tutto d'un fiato, bellissimo.",
    "film_praise": "Un capolavoro, attori bravissimi.",
    "restaurant_praise": "Si mangia benissimo e si spende poco.",
    "post_of_joy": "Che bella giornata, sono felicissima",
    "never_eaten_better": "Mai mangiato una carbonara così buona.",
    "long_with_happy_end": (
        "Avevo ordinato un regalo per mia figlia e il primo pacco è arrivato danneggiato. Ho chiamato e mi ha risposto "
        "una ragazza gentilissima. Il giorno dopo mi hanno spedito un altro pacco, senza spese. Bambola stupenda, mia "
        "figlia è felicissima. Bravi, tornerò a comprare da voi."
    ),
    "long_calm_praise": (
        "È il terzo ordine che faccio. La consegna è sempre puntuale e i prodotti corrispondono alla descrizione. "
        "Il sito è facile da usare. Il pagamento è sicuro. Consiglio a tutti."
    ),
}

NOT_NEGATIVE = {
    "empty": "",
    "spaces": "   \n ",
    "fact": "Pacco ricevuto martedì.",
    "fact_order": "Ho ordinato due magliette e un paio di calzini.",
    "question_before_an_order": "Spedite anche in Svizzera?",
    "question_size": "La taglia M corrisponde a una 42?",
    "question_return": "Quanti giorni ho per fare il reso?",
    "question_in_stock": "Quando torna disponibile in blu?",
    "question_payment": "Posso pagare con carta o solo con bonifico?",
    "announcement": "Il negozio apre una nuova sede a Torino.",
    "only_a_link": "https://example.com/truffa-ladri-pessimo",
    "quote_of_another": "> Sito pessimo, truffatori, ladri\nIo invece mi sono trovata bene.",
    "number": "12345",
    "so_so": "Nella media, senza infamia e senza lode.",
    "three_star_shrug": "Senza pretese, per il prezzo va bene.",
    "greeting": "Buongiorno a tutti",
    "gift_voucher": "Vorrei comprare un buono regalo per mia zia.",
    "prime_minister": "Il presidente del consiglio parla alle 18.",
    "time_spent": "Ho comprato il tablet un mese fa, lo usa mia figlia per i compiti.",
    "price_mention": "L'ho pagato 24,90 euro.",
    "parts_wanted": "Avete i pezzi di ricambio per questo modello?",
    "good_wishes": "In bocca al lupo a tutti per domani",
    "not_only": "Non solo bello, ma anche comodo.",
    "mild_regret": "Tutto perfetto, unica pecca il colore leggermente più scuro.",
    "polite_request": "Gentilmente potreste inviarmi la fattura? Grazie",
    "better_late_than_never": "Meglio tardi che mai, comunque bello.",
    "negation_stops_at_but": "Non il più economico ma il migliore.",
}


class TestItalian(NativeReader):
    """Every case is as it is named."""

    scorer = SCORER
    language = "it"
    negative = NEGATIVE
    positive = POSITIVE
    not_negative = NOT_NEGATIVE


TOPICS = {
    "delivery": ("Il corriere non è mai passato.", Topic.DELIVERY),
    "refund": ("Sto aspettando il rimborso.", Topic.REFUND),
    "return": ("L'etichetta per il reso non arriva.", Topic.RETURN_PROCESS),
    "quality": ("Cuciture e tessuto scadenti.", Topic.PRODUCT_QUALITY),
    "size": ("Veste stretto, prendete una taglia in più.", Topic.SIZE),
    "customer_service": ("Il call center è gentile.", Topic.CUSTOMER_SERVICE),
    "price": ("Prezzi alti e sconti finti.", Topic.PRICE),
    "website": ("Il carrello si svuota e la password non va.", Topic.WEBSITE),
    "fraud": ("Sito falso, recensioni false.", Topic.FRAUD),
    "payment": ("Il bonifico e la carta di credito non risultano.", Topic.PAYMENT),
}

GRAVE = {
    "scam": ("Siete dei truffatori", Gravity.SCAM),
    "court": ("Ci vediamo in tribunale", Gravity.LAWYER),
    "authority": ("Scriverò al Codacons", Gravity.CONSUMER_AUTHORITY),
    "fire": ("La batteria ha preso fuoco", Gravity.SAFETY),
}


@pytest.mark.parametrize(("text", "topic"), TOPICS.values(), ids=TOPICS.keys())
def test_topic_is_told(text: str, topic: Topic) -> None:
    assert topic in SCORER.score(text, "it").topics


@pytest.mark.parametrize(("text", "gravity"), GRAVE.values(), ids=GRAVE.keys())
def test_grave_word_is_told(text: str, gravity: Gravity) -> None:
    found: tuple[GraveWord, ...] = SCORER.score(text, "it").grave
    assert [word.gravity for word in found] == [gravity]


def test_denied_scam_is_not_grave() -> None:
    assert not SCORER.score("Non è una truffa.", "it").grave

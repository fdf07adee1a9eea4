"""What a Dutch or Flemish reader would say of texts about a shop. Each case is named for what makes it hard."""

import pytest

from feedback_service.sentiment.lexicon import load_lexicon
from feedback_service.sentiment.markers import Gravity, Topic
from feedback_service.sentiment.scorer import Scorer
from tests.support.reading import NativeReader

SCORER = Scorer(("nl", "en", "fr", "de"))

NEGATIVE = {
    "one_word": "Waardeloos.",
    "one_word_stretched": "Sleeeecht",
    "one_word_capitals": "OPLICHTERS",
    "one_word_rude": "kutzooi",
    "two_words": "heel slecht",
    "two_words_flemish": "echt ambetant",
    "two_words_slang": "wat een bagger",
    "never_received": "Op 3 maart een blender besteld en nooit ontvangen.",
    "still_not_received": "Mijn pakket is nog steeds niet aangekomen.",
    "still_nothing": "Een maand geleden betaald en nog altijd niks.",
    "until_today_nothing": "Tot op heden niets mogen ontvangen.",
    "neither_parcel_nor_answer": "Geen pakket, geen antwoord.",
    "separable_verb_never_came": "De bestelling kwam nooit aan.",
    "separable_verb_does_not_arrive": "Het pakketje komt gewoon niet aan.",
    "separable_verb_never_called_back": "De klantenservice belde nooit terug.",
    "separable_verb_not_called_back": "Ze zouden mij terugbellen maar belden niet terug.",
    "separable_verb_fell_apart": "De stoel viel na een week uit elkaar.",
    "separable_verb_came_off": "Na de eerste was liet de opdruk al los.",
    "separable_verb_disappoints": "De kwaliteit valt me erg tegen.",
    "separable_verb_let_down": "Dit merk stelt mij keer op keer teleur.",
    "separable_verb_advise_against": "Ik raad iedereen deze winkel af.",
    "separable_verb_not_advised": "Ik raad dit product niet aan.",
    "separable_verb_does_not_pick_up": "Ze nemen de telefoon niet op.",
    "separable_verb_hangs_up": "De medewerkster hing gewoon op.",
    "separable_verb_gets_stuck": "De app loopt om de haverklap vast.",
    "separable_verb_not_corresponding": "De kleur komt totaal niet overeen met de foto.",
    "not_after_the_verb": "Het apparaat werkt niet.",
    "not_after_the_verb_with_gap": "De lamp werkt bij ons helaas niet.",
    "not_after_fits": "De broek past niet.",
    "not_after_does_it": "De oplader doet het niet meer.",
    "not_before_the_verb_at_the_end": "Jammer dat de rits niet sluit.",
    "not_with_adjective_far": "Ik ben er eerlijk gezegd niet zo tevreden over.",
    "not_written_flemish": "t werkt ni",
    "none_with_noun": "Geen reactie op drie mails.",
    "none_with_adjective": "Geen goede kwaliteit.",
    "no_recommendation": "Zeker geen aanrader.",
    "cannot_recommend": "Deze verkoper kan ik echt niet aanraden.",
    "hardly_works": "Werkt nauwelijks.",
    "little_trust": "weinig betrouwbaar",
    "too_small": "Veel te klein.",
    "too_late": "Het cadeau kwam twee dagen te laat.",
    "too_dear": "Te duur voor wat het is.",
    "too_thin": "De stof is te dun.",
    "too_short_capitals": "TE KORT!",
    "runs_small": "Valt veel te klein uit.",
    "not_refunded": "Retour gestuurd in oktober, geld nog steeds niet teruggestort.",
    "refund_promised": "Terugbetaling beloofd binnen 14 dagen, ik wacht er nog altijd op.",
    "want_money_back": "Ik wil mijn geld terug!",
    "can_whistle_for_money": "Naar je geld kun je fluiten.",
    "weeks_late": "Drie weken vertraging voor een lamp.",
    "waiting_for_weeks": "Ik wacht al vijf weken op mijn bestelling.",
    "takes_long": "Het duurt allemaal veel te lang.",
    "order_cancelled": "Bestelling zonder opgaaf van reden geannuleerd.",
    "parcel_lost": "Pakket kwijt en niemand weet iets.",
    "parcel_empty": "Doos opengemaakt en hij was leeg.",
    "marked_as_delivered": "Staat als bezorgd, maar hier is niemand geweest.",
    "did_not_ring": "Ik was gewoon thuis en de bezorger heeft niet aangebeld.",
    "thrown_over_the_fence": "Pakketje over de schutting gegooid.",
    "unreachable": "Klantenservice onbereikbaar.",
    "nobody_answers": "Er neemt niemand op.",
    "from_pillar_to_post": "Je wordt van het kastje naar de muur gestuurd.",
    "kept_dangling": "Ze houden je aan het lijntje.",
    "broken_on_arrival": "Vaas gebroken aangekomen, verpakking stelt niks voor.",
    "broken_soon": "Na twee dagen stuk.",
    "stopped_working": "Begaf het na een maand.",
    "compound_fault": "Duidelijk een fabrieksfout.",
    "compound_transport_damage": "Transportschade aan de kast.",
    "compound_waste_of_time": "Pure tijdverspilling.",
    "compound_waste_of_money": "Geldverspilling.",
    "compound_error_message": "Bij het afrekenen krijg ik alleen een foutmelding.",
    "compound_standard_answer": "Alleen maar standaardantwoorden.",
    "compound_price_rise": "Weer een prijsverhoging.",
    "counterfeit": "Dit is namaak, de fabrikant heeft het bevestigd.",
    "wrong_item": "Verkeerde kleur ontvangen.",
    "something_else": "Ik kreeg iets heel anders geleverd.",
    "not_as_described": "Niet zoals beschreven.",
    "parts_missing": "De schroeven ontbreken.",
    "second_hand_as_new": "Er waren krassen en het product was duidelijk al gebruikt.",
    "charged_twice": "Er is twee keer afgeschreven.",
    "charged_without_order": "Geld van mijn rekening zonder mijn toestemming.",
    "return_costs": "De retourkosten moet je zelf betalen.",
    "dearer_than_elsewhere": "Elders veel goedkoper.",
    "site_does_not_load": "De website laadt niet.",
    "no_login": "Ik kan niet inloggen, al drie dagen.",
    "false_advertising": "Misleidende reclame.",
    "never_again": "Nooit meer!",
    "never_order_again": "Hier bestel ik nooit meer iets.",
    "stay_away": "Blijf hier ver vandaan.",
    "do_not_fall_for_it": "Trap er niet in!",
    "do_not_buy": "Niet kopen.",
    "once_and_never": "Eens maar nooit weer.",
    "lawyer": "Mijn advocaat neemt contact met u op.",
    "report_to_police": "Ik doe aangifte.",
    "consumer_authority_dutch": "Ik meld dit bij de ACM en de Consumentenbond.",
    "consumer_authority_belgian": "Klacht ingediend bij de FOD Economie.",
    "injury": "Mijn zoon heeft zich eraan verwond.",
    "fire": "De lader vloog in brand.",
    "safety_shock": "Je krijgt een stroomschok als je hem aanraakt.",
    "zero_stars": "Als ik nul sterren kon geven deed ik het.",
    "irony_thanks_for_nothing": "Bedankt voor niks.",
    "irony_empty_box": "Bedankt voor de lege doos.",
    "irony_nice": "Lekker dan.",
    "irony_is_different": "Netjes is anders.",
    "irony_service": "Hoezo service?",
    "irony_customer_is_king": "De klant is koning, laat me niet lachen.",
    "irony_bravo": "Bravo hoor, weer een verkeerde maat.",
    "praise_then_fault": "De bestelling ging snel, maar het product was kapot.",
    "fault_then_small_praise": "Jas was gescheurd, wel snel geleverd.",
    "concession_at_the_start": "Ondanks de mooie website is de kwaliteit waardeloos.",
    "concession_flemish": "Mooi toestel, nochtans na een week al defect.",
    "looked_good_until": "Zag er goed uit, totdat de hak afbrak.",
    "polite_factual": (
        "Geachte heer, mevrouw, op 2 mei heb ik een tafel besteld. Tot op heden heb ik geen bericht ontvangen."
    ),
    "polite_hope": (
        "Beste klantenservice, ik heb mijn retour drie weken geleden verstuurd en nog geen geld terug. "
        "Met vriendelijke groet"
    ),
    "factual_no_emotion": "Er zat een ander model in de doos.",
    "factual_one_missing": "Van de zes glazen zijn er twee gebroken.",
    "rhetorical_question": "Hoe kan het dat niemand mij terugbelt?",
    "rhetorical_how_long": "Hoe lang moet ik nog wachten?",
    "question_where": "Waar blijft mijn pakket?",
    "quote_of_promise": '"Morgen in huis" stond er. Een week later nog niets ontvangen.',
    "competitor_better": "Bij de concurrent is de service veel beter.",
    "used_to_be_better": "Vroeger was deze winkel beter.",
    "going_to_competitor": "Voortaan koop ik ergens anders.",
    "html_complaint": "<p>Pakket <b>niet</b> ontvangen.</p><br>Graag mijn geld terug.",
    "html_entity": "Slechte service &amp; geen antwoord",
    "emoji_only": "😡😡😡",
    "emoji_with_text": "al 2 weken niks gehoord 😡",
    "typing_without_marks": "besteld op 5 mei nog niks ontvangen klantenservice reageert nergens op",
    "typing_errors": "wat een waardenloos bedrijf noiot meer",
    "dt_errors": "zwaar teleurgestelt, product beschadigt aangekomen",
    "capitals": "AL DRIE WEKEN GEEN PAKKET EN NIEMAND DIE REAGEERT",
    "three_star_complaint": "3 sterren omdat de levering te laat was.",
    "long_story": (
        "Begin maart heb ik hier een bank besteld. De verkoper was heel vriendelijk en alles leek goed geregeld. "
        "De levertijd zou zes weken zijn. Na tien weken heb ik gebeld en toen zeiden ze dat de bank nog "
        "gemaakt moest worden. Inmiddels is het augustus en we zitten nog steeds op tuinstoelen. Op mails komt geen "
        "antwoord en aan de telefoon sta je uren in de wacht."
    ),
    "long_story_polite_opening": (
        "Al jaren ben ik een tevreden klant en ik heb altijd met plezier besteld. Deze keer ging het mis. De jurk had "
        "een gat in de mouw. Na drie mails kreeg ik te horen dat ik de retourkosten zelf moet betalen. Dat vind ik "
        "niet netjes. Jammer, want zo raken jullie een klant kwijt."
    ),
    "book_boring": "Saai boek, halverwege gestopt.",
    "film_bad": "Slecht geacteerd en een voorspelbaar verhaal.",
    "restaurant_bad": "Het eten was koud en de bediening onbeschoft.",
    "hotel_dirty": "Vieze kamer, schimmel in de badkamer.",
    "telecom": "Internet ligt er weer uit, derde storing deze maand.",
    "train_tweet": "Trein valt weer uit, lekker bezig jongens",
    "sad_tweet": "Wat een kutdag, zit hier te huilen op de bank",
    "politics_tweet": "Die zakkenvullers liegen ons gewoon voor",
    "flemish_on_nothing": "Dat trekt op niks.",
    "flemish_misery": "Niets dan miserie met die webshop.",
    "flemish_fed_up": "Ben het kotsbeu.",
    "quality_went_down": "De kwaliteit is hard achteruit gegaan.",
    "expected_more": "Had er meer van verwacht.",
    "could_be_better": "Kan veel beter.",
    "under_par": "Onder de maat.",
    "smell": "Ruikt naar chemicaliën.",
    "battery_empty": "Accu na een uur al leeg.",
    "stuck_subscription": "Abonnement opgezegd en toch betalen ze niets terug, dit is gewoon diefstal.",
    "rude_staff": "Ik werd afgesnauwd door de verkoopster.",
    "not_helpful": "De medewerker was niet behulpzaam.",
    "double_negation_of_praise": "Ik kan niet zeggen dat dit een goede koop was.",
}

POSITIVE = {
    "praise_one_word": "Top!",
    "praise_one_word_stretched": "Superrrr",
    "praise_one_word_capitals": "GEWELDIG",
    "praise_two_words": "heel tevreden",
    "praise_two_words_flemish": "echt plezant",
    "praise_two_words_slang": "vet gaaf",
    "everything_plain": "Snelle levering, goede kwaliteit, aanrader!",
    "everything_ok": "Alles prima in orde.",
    "separable_verb_recommended": "Ik raad deze winkel iedereen aan.",
    "separable_verb_better_than_feared": "De prijs viel me reuze mee.",
    "separable_verb_looks_nice": "De jurk ziet er prachtig uit.",
    "separable_verb_think_along": "Ze denken echt met je mee.",
    "separable_verb_solved": "Ze losten het dezelfde dag op.",
    "separable_verb_never_lets_down": "Dit merk stelt nooit teleur.",
    "to_recommend": "Zeker aan te raden.",
    "no_complaints": "Geen klachten.",
    "no_problems": "Bezorgd zonder problemen.",
    "nothing_to_remark": "Niets op aan te merken.",
    "nothing_wrong": "Niks mis mee.",
    "nothing_but_praise": "Niets dan lof voor deze shop.",
    "may_not_complain": "Ik mag niet klagen.",
    "could_not_be_better": "Kan niet beter!",
    "never_problems": "Al jaren klant en nog nooit problemen gehad.",
    "no_regret": "Geen moment spijt van gehad.",
    "no_fuss": "Retour zonder gedoe, geld snel terug.",
    "not_bad": "Helemaal niet slecht.",
    "not_dear": "Mooie tas en niet duur.",
    "not_disappointed": "Wij zijn niet teleurgesteld.",
    "not_without_any_more": "Ik kan niet meer zonder.",
    "never_anything_else": "Ik wil nooit meer iets anders!",
    "cannot_wait": "Ik kan niet wachten tot de volgende!",
    "too_good": "Te gek!",
    "too_cute": "Echt te schattig, dat konijntje.",
    "strong_word_as_intensifier": "Verschrikkelijk lekker.",
    "strong_word_as_intensifier_tweet": "Belachelijk goed concert gisteren",
    "not_normal_so_good": "Niet normaal zo lekker",
    "as_described": "Zoals beschreven.",
    "fits_like_a_glove": "Past als gegoten.",
    "day_before": "Een dag eerder binnen dan beloofd.",
    "next_day": "Vandaag besteld, volgende dag in huis.",
    "on_time": "Netjes op tijd bezorgd.",
    "again_next_time": "Volgende keer bestel ik hier weer.",
    "compound_top_service": "Topservice!",
    "compound_super_fast": "supersnel geleverd",
    "compound_best_buy": "Topaankoop",
    "value_for_money": "Waar voor je geld.",
    "price_quality": "Goede prijs-kwaliteitverhouding.",
    "problem_solved": "Er was een probleem met de lader, maar dat is keurig opgelost.",
    "replacement_sent": "Glas was gebroken, direct een nieuwe gekregen. Super service!",
    "refund_quick": "Geld netjes teruggekregen binnen twee dagen.",
    "made_up_for_it": "De fout werd ruimschoots goedgemaakt.",
    "end_good_all_good": "Eind goed, al goed. Bedankt!",
    "fear_unfounded": "Was eerst bang voor oplichting, maar alles is keurig geleverd.",
    "fear_of_bad_reviews": "Door de slechte reviews twijfelde ik, maar ik ben heel blij met mijn aankoop.",
    "no_scam": "Geen oplichters, gewoon een prima winkel.",
    "small_regret": "Jammer dat de doos gedeukt was, maar de jas is prachtig en zit heerlijk.",
    "concession_late_but_good": "Levering duurde iets langer, maar het wachten waard: prachtige kast!",
    "better_than_competitor": "Veel beter dan bij de concurrent.",
    "cheaper_than_shops": "Goedkoper dan in de winkel en ook nog snel.",
    "better_than_expected": "Beter dan verwacht.",
    "exceeds": "Overtreft al mijn verwachtingen.",
    "html_praise": "<p>Super <b>snel</b> geleverd!</p>",
    "praise_html_entity": "Snel &amp; netjes",
    "praise_emoji_only": "👍👍",
    "praise_emoji_with_text": "helemaal blij mee 😍",
    "praise_typing_without_marks": "snel geleverd goed verpakt en mooie kwaliteit dus ik bestel hier zeker weer",
    "praise_typing_errors": "Heel tevrede, egt een aanrade",
    "praise_capitals": "ECHT EEN AANRADER, HEEL BLIJ MEE",
    "staff_praised": "Vriendelijk personeel dat alle tijd voor je neemt.",
    "nothing_too_much": "Niets is ze te veel.",
    "five_stars": "Vijf sterren!",
    "ten": "Dikke 10!",
    "not_in_shop_words": "Complimenten voor de klantenservice.",
    "keep_it_up": "Ga zo door!",
    "flemish_keep_it_up": "Doe zo voort!",
    "flemish_content": "Zeer content van mijn aankoop.",
    "flemish_max": "Dat is echt de max.",
    "does_not_shrink": "Krimpt niet in de was.",
    "does_not_squeak": "De stoel kraakt niet en zit heerlijk.",
    "still_works": "Na vijf jaar werkt hij nog steeds perfect.",
    "book_gripping": "Spannend boek, in één ruk uitgelezen.",
    "book_could_not_put_down": "Ik kon het niet wegleggen.",
    "film_moving": "Ontroerende film, prachtig gespeeld.",
    "restaurant_good": "Heerlijk gegeten, gezellige sfeer.",
    "hotel_good": "Fijn hotel met een lief team.",
    "tweet_weekend": "Eindelijk weekend! Zin in!",
    "tweet_exam": "Geslaagd!!! Zo trots op mijn dochter",
    "tweet_love": "Ik hou van deze stad",
    "thanks": "Hartelijk dank voor de snelle hulp.",
    "praise_long_story": (
        "Vorige maand heb ik hier een wasmachine gekocht. Bij de levering bleek er een deuk in de zijkant te zitten. "
        "Ik baalde natuurlijk en verwachtte veel gedoe. Maar één telefoontje was genoeg: een vriendelijke mevrouw "
        "regelde meteen een nieuwe en twee dagen later stond hij al in de keuken. De bezorgers sloten hem zelfs aan. "
        "Wat een geweldige service, ik raad deze winkel iedereen aan!"
    ),
    "long_story_calm": (
        "Ik bestel hier al een paar jaar schoenen voor de kinderen. De maten kloppen, de site is overzichtelijk en het "
        "pakje is er meestal de volgende dag. Terugsturen is gratis en het geld staat binnen een week op mijn "
        "rekening. Fijne winkel."
    ),
}

NOT_NEGATIVE = {
    "empty": "",
    "question_before_order": "Leveren jullie ook in België?",
    "question_about_stock": "Wanneer is deze jas weer op voorraad?",
    "question_about_size": "Hoe groot is deze tas?",
    "question_about_return": "Hoe kan ik een artikel retourneren?",
    "question_polite": "Goedemiddag, kan ik dit ook in de winkel ophalen? Alvast bedankt!",
    "fact": "Gisteren besteld bij jullie.",
    "fact_price": "Kost 20 euro.",
    "fact_delivery": "Het pakket wordt morgen bezorgd.",
    "fact_duration": "De duur van het abonnement is twaalf maanden.",
    "fact_piece": "Een stuk stof van twee meter.",
    "not_used_yet": "Nog niet gebruikt.",
    "not_tried_yet": "Cadeau voor mijn zus, kan er nog niets over zeggen.",
    "shrug": "Gaat wel.",
    "shrug_ok": "Is oké, niets bijzonders.",
    "neither_nor": "Niet goed en niet slecht.",
    "balanced": "Mooie kleur, maar iets langere levertijd.",
    "greeting": "Met vriendelijke groet, Karin",
    "dear_service": "Beste klantenservice,",
    "not_only_but_also": "Niet alleen mooi maar ook nog eens handig.",
    "money_back_guarantee": "Niet goed, geld terug.",
    "no_haste": "Geen haast hoor.",
    "good_things_come": "Lange mouwen, ronde hals.",
    "headline": "Het kabinet vergadert vandaag over de begroting.",
    "tablet": "Dit zijn tabletten tegen hoofdpijn.",
    "quoted_reply": "> Pakket nooit ontvangen, schandalig\nDank voor uw bericht.",
}


class TestDutch(NativeReader):
    """Every case is as it is named."""

    scorer = SCORER
    language = "nl"
    given = "nl"
    negative = NEGATIVE
    positive = POSITIVE
    not_negative = NOT_NEGATIVE


@pytest.mark.parametrize(
    "text",
    [
        "Het pakket is nog niet aangekomen en ik wil mijn geld terug.",
        "Heel blij met deze schoenen, ze zitten heerlijk.",
        "geen reactie van de klantenservice",
        "Ik zou graag willen weten wanneer het geleverd wordt.",
        "Amai, dat is hier ne keer goed gedaan, gelle zijt toppers.",
    ],
    ids=["complaint", "praise", "short", "question", "flemish"],
)
def test_dutch_is_recognised_among_other_languages(text: str) -> None:
    assert SCORER.score(text).language == "nl"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Mijn pakket is nog steeds niet bezorgd.", Topic.DELIVERY),
        ("Ik heb mijn geld nog niet terug.", Topic.REFUND),
        ("Hoe moet ik dit artikel terugsturen?", Topic.RETURN_PROCESS),
        ("De rits is al kapot.", Topic.PRODUCT_QUALITY),
        ("Valt veel te klein uit, twee maten.", Topic.SIZE),
        ("De klantenservice reageert niet op mails.", Topic.CUSTOMER_SERVICE),
        ("Veel te duur, zeker met die verzendkosten.", Topic.PRICE),
        ("De website loopt vast bij het inloggen.", Topic.WEBSITE),
        ("Dit is pure oplichting.", Topic.FRAUD),
        ("Er is dubbel afgeschreven via iDEAL.", Topic.PAYMENT),
    ],
    ids=lambda value: value.value if isinstance(value, Topic) else "",
)
def test_topic_is_found(text: str, topic: Topic) -> None:
    assert topic in SCORER.score(text, "nl").topics


@pytest.mark.parametrize(
    ("text", "gravity"),
    [
        ("Wat een stel oplichters.", Gravity.SCAM),
        ("Morgen doe ik aangifte bij de politie.", Gravity.LAWYER),
        ("Ik heb dit gemeld bij de Consumentenbond.", Gravity.CONSUMER_AUTHORITY),
        ("Klacht neergelegd bij Test Aankoop.", Gravity.CONSUMER_AUTHORITY),
        ("De lader vloog in brand, levensgevaarlijk.", Gravity.SAFETY),
    ],
    ids=["scam", "police", "authority_dutch", "authority_belgian", "fire"],
)
def test_grave_word_is_found(text: str, gravity: Gravity) -> None:
    assert gravity in {word.gravity for word in SCORER.score(text, "nl").grave}


def test_denied_scam_is_not_grave() -> None:
    assert not SCORER.score("Dit is geen oplichting, gewoon een trage winkel.", "nl").grave


def test_the_dutch_file_is_large_enough() -> None:
    dutch = load_lexicon("nl")
    assert len(dutch.words) >= 1_200
    assert len(dutch.phrases) >= 600

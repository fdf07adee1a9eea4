"""What is new in a reply: without quotation and signature."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.mail.incoming.reply_text import MAX_TEXT, reply_text


@pytest.mark.parametrize(
    "below",
    [
        "> Bonjour\n> Camille",
        "On Mon, 23 Nov 2026 at 10:30, Shop <a@example.com> wrote:\n> Hello",
        "Le lun. 23 nov. 2026 à 10:30, Boutique <a@example.com> a écrit :\nBonjour",
        "Le lun. 23 nov. 2026 à 10:30, Boutique\n<a@example.com> a écrit :\nBonjour",
        "Am Mo., 23. Nov. 2026 um 10:30 Uhr schrieb Shop <a@example.com>:\nHallo",
        "El lun, 23 nov 2026 a las 10:30, Tienda (<a@example.com>) escribió:\nHola",
        "Il giorno lun 23 nov 2026 alle ore 10:30 Negozio <a@example.com> ha scritto:\nCiao",
        "Em seg., 23 de nov. de 2026 às 10:30, Loja <a@example.com> escreveu:\nOlá",
        "Op ma 23 nov 2026 om 10:30 schreef Winkel <a@example.com>:\nHallo",
        "De : Boutique <a@example.com>\nEnvoyé : lundi 23 novembre 2026 10:30\nObjet : Votre retour\n\nBonjour",
        "Von: Shop <a@example.com>\nGesendet: Montag, 23. November 2026\nBetreff: Rücksendung\n\nHallo",
        "-----Original Message-----\nFrom: Shop",
        "________________________________\nDe: Tienda <a@example.com>\nEnviado: lunes\n\nHola",
        "-- \nCamille Exemple\n06 12 34 56 78",
        "Envoyé de mon iPhone",
        "Sent from my phone\n\n> Hello",
        "Von meinem iPhone gesendet",
        "Verzonden vanaf mijn telefoon",
    ],
)
def test_what_is_quoted_or_signed_is_cut(below: str) -> None:
    assert (
        reply_text(f"Toujours rien reçu.\nC'est long !\n\n{below}\n").rstrip("_\n ")
        == "Toujours rien reçu.\nC'est long !"
    )


def test_an_answer_between_the_lines_is_kept() -> None:
    assert reply_text("> Reçu ?\nNon.\n> Remboursé ?\nNon plus.") == "Non.\nNon plus."


@pytest.mark.parametrize("text", ["> all of it\n> is quoted", "On Monday I wrote: nothing happened", "De : rien"])
def test_where_nothing_else_is_left_all_of_it_stays(text: str) -> None:
    assert reply_text(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=500))
def test_any_text_has_a_reply_of_bounded_length_and_a_text_is_never_lost(text: str) -> None:
    found = reply_text(text)
    assert len(found) <= MAX_TEXT
    if any(letter.isalnum() for letter in text):
        assert found

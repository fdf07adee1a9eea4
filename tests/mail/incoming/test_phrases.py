"""What servers say: whole phrases, and pairs of words that carry to texts that nobody has listed."""

import itertools
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.folding import fold
from feedback_service.mail.incoming import phrases
from feedback_service.mail.incoming.phrases import Said, WordPair, said_in

LISTS = phrases.phrase_lists(phrases._TABLE)  # noqa: SLF001 - the table itself is what is looked at


@pytest.mark.parametrize(
    "words",
    [
        "550 The mailbox you have written to never existed",
        "no such e-mail address on this machine",
        "The domain name of this address could not be resolved",
        "550 subscriber ines.example could not be found",
        "L'adresse de messagerie que vous avez saisie est introuvable",
        "Cet usager n'est plus abonné",
        "Le compte ines@example.com a été résilié",
        "Die E-Mail-Adresse ist bei uns nicht bekannt",
        "Das Postfach ines@example.com gibt es nicht",
        "El buzón ines@example.com no se encuentra",
        "La dirección no es válida",
        "nessun utente con questo nome",
        "L'indirizzo ines@example.com non è valido",
        "O endereço ines@example.com não foi encontrado",
        "O utilizador foi eliminado: conta removida",
        "Het e-mailadres ines@example.com bestaat niet meer",
        "Deze brievenbus bestaat niet",
    ],
)
def test_an_address_that_is_not_there_is_known_by_a_pair_of_words(words: str) -> None:
    assert Said.HARD in said_in(words)


@pytest.mark.parametrize(
    "words",
    [
        "The sending host has no name",
        "Mail from your network is forbidden here",
        "sender ines@example.com could not be verified",
        "L'adresse IP 192.0.2.1 est bloquée",
        "Absenderadresse ist ungültig",
        "El remitente no está: remitente no autorizado",
        "mittente rifiutato",
        "O remetente foi rejeitado",
        "afzender geweigerd",
    ],
)
def test_a_sender_that_is_refused_is_known_by_a_pair_of_words(words: str) -> None:
    assert Said.POLICY in said_in(words)
    assert Said.HARD not in said_in(words)


@pytest.mark.parametrize(
    "words",
    [
        "unknown error while the mailbox was opened",
        "unknown mailer error 1",
        "The user is busy. A certificate could not be found",
        "The recipient is fine; a file was not found",
        "the mailbox of the machine and its printers and all else that anybody could ever name, not found",
        "your IP address is unknown to us",
    ],
)
def test_words_that_are_not_of_one_clause_or_mean_another_make_no_pair(words: str) -> None:
    assert Said.HARD not in said_in(words)


def test_the_table_says_nothing_twice() -> None:
    for section, lines in LISTS.items():
        twice = [line for line, count in Counter(map(fold, lines)).items() if count > 1]
        assert not twice, section


@pytest.mark.parametrize(("section", "said"), [("hard", Said.HARD), ("policy", Said.POLICY)])
def test_no_phrase_is_listed_that_a_pair_knows_already(section: str, said: Said) -> None:
    pair = phrases._pairs()[said]  # noqa: SLF001
    exact = [line for line in LISTS[section] if "..." not in line and "*" not in line]
    assert [line for line in exact if pair.is_in(phrases.folded_line(line, 200))] == []


def test_no_word_is_on_both_sides_of_a_pair() -> None:
    for somebody, something in (("recipient", "is gone"), ("sender", "is refused")):
        assert not set(map(fold, LISTS[somebody])) & set(map(fold, LISTS[something]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["user", "unknown", "sender address", ".", " ", "x" * 70]), max_size=60))
def test_a_pair_is_found_where_two_words_are_neighbours_and_only_there(pieces: list[str]) -> None:
    text = " ".join(pieces)
    bare = WordPair(["user"], ["unknown"], ["sender address"])
    expected = any({one, other} == {"user", "unknown"} for one, other in itertools.pairwise(pieces))
    assert bare.is_in(text) or not expected
    if "user" not in pieces or "unknown" not in pieces:
        assert not bare.is_in(text)


def test_a_text_of_nothing_but_words_for_the_recipient_costs_little() -> None:
    text = "mailbox of user at address " * 20_000
    started = time.process_time()
    for _ in range(20):
        said_in(text)
    assert time.process_time() - started < 1

"""Evidence in a text: marked without losing a character, whatever the offsets claim."""

import time

from hypothesis import given
from hypothesis import strategies as st

from feedback_service.alerts.evidence import balanced, clipped, negative_spans, phrases, segments, telling_sentence

entry = {"start": st.integers(-5, 60), "end": st.integers(-5, 60), "weight": st.floats(-6, 6)}
entries = st.lists(st.fixed_dictionaries(entry))


@given(st.text(max_size=50), entries)
def test_marking_loses_and_adds_nothing(text: str, evidence: list[dict[str, object]]) -> None:
    pieces = segments(text, negative_spans(evidence, len(text)))
    assert "".join(piece.text for piece in pieces) == text


def test_only_blame_is_marked_where_the_scorer_names_blame() -> None:
    text = "Jolie lampe mais jamais remboursé."
    evidence = [{"start": 0, "end": 5, "weight": 2.0}, {"start": 17, "end": 33, "weight": -3.0}]
    spans = negative_spans(evidence, len(text))
    assert [piece.text for piece in segments(text, spans) if piece.is_marked] == ["jamais remboursé"]
    assert phrases(text, spans) == ("jamais remboursé",)


def test_the_telling_sentence_holds_the_weightiest_evidence() -> None:
    text = "Commande reçue. Service  nul,\tvraiment. Je ne reviendrai pas."
    spans = negative_spans([{"start": 16, "end": 28, "weight": -2.0}], len(text))
    assert telling_sentence(text, spans) == "Service nul, vraiment."
    assert telling_sentence("Rien. Du tout.", []) == "Rien."
    assert telling_sentence("  ", []) == ""


@given(st.text(), st.integers(5, 80))
def test_clipped_text_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(clipped(text, limit)) <= limit


def test_text_is_cut_at_a_word() -> None:
    assert clipped("jamais remboursé depuis deux mois", 20) == "jamais remboursé…"


def test_words_that_only_say_what_it_is_about_are_not_marked() -> None:
    text = "Colis renvoyé, aucun remboursement."
    evidence = [{"start": 6, "end": 13, "weight": -1.0}, {"start": 15, "end": 34, "weight": -3.0}]
    spans = negative_spans(evidence, len(text))
    assert [piece.text for piece in segments(text, spans) if piece.is_marked] == ["aucun remboursement"]
    assert not negative_spans([{"start": 0, "end": 5, "weight": 2.0}], len(text))


def test_a_sentence_cut_out_of_a_quotation_keeps_no_lone_mark() -> None:
    text = "Un lecteur : « Je l’ai renvoyé. Aucune réponse, c’est inadmissible », écrit-il à un médiateur."
    blame = negative_spans([{"start": 33, "end": 47, "weight": -3.0}, {"start": 54, "end": 66, "weight": -3.0}], 200)
    assert telling_sentence(text, blame) == "Aucune réponse, c’est inadmissible"
    assert telling_sentence(text, negative_spans([{"start": 0, "end": 10, "weight": -3.0}], 200)) == (
        "Un lecteur : Je l’ai renvoyé."
    )


def test_quotations_that_are_whole_stay_as_they_are() -> None:
    assert balanced("Ils disent « bientôt » depuis “hier”.") == "Ils disent « bientôt » depuis “hier”."
    assert clipped("Ils disent « bientôt, bientôt, bientôt »", 24) == "Ils disent bientôt…"


def test_ten_thousand_sentences_are_weighed_in_a_moment() -> None:
    text = "Nul. " * 10_000
    spans = negative_spans([{"start": 5 * n, "end": 5 * n + 3, "weight": -2.0} for n in range(10_000)], len(text))
    begun = time.monotonic()
    assert telling_sentence(text, spans) == "Nul."
    assert time.monotonic() - begun < 2

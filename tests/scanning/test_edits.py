"""What is published anew in another form: edits are told and kept, mere form is not, and posts are not mixed up."""

import hashlib
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.mentions.models import Document, DocumentVersion, MentionBand
from feedback_service.scanning.intake import take_in
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind
from tests.scanning.steps import OTHER, count, mentions, scan_all, serve
from tests.support.builders import NOW, make_order
from tests.support.feeds import rss, rss_item
from tests.support.scans import ScanStage

LINK = "https://blog.example.com/lampe"
MILD = "Atelier Lumen vend des lampes ; la mienne est arrivée hier matin dans un grand carton."
WORSE = "Atelier Lumen vend des lampes ; la mienne est arrivée hier matin cassée, horrible, dans un grand carton."
ELSEWHERE = "Une boutique vend des lampes ; la mienne est arrivée hier matin dans un grand carton vert."


def post(
    text: str, *, guid: str = "lampe", link: str = LINK, title: str = "Ma lampe", at: datetime | None = NOW
) -> str:
    """Return the post that these tests edit."""
    return rss_item(text, guid=guid, link=link, title=title, at=at)


def documents(stage: ScanStage) -> list[Document]:
    with stage.database.reading() as session:
        return list(session.scalars(sa.select(Document).order_by(Document.id)))


def versions(stage: ScanStage) -> list[DocumentVersion]:
    with stage.database.reading() as session:
        return list(session.scalars(sa.select(DocumentVersion).order_by(DocumentVersion.id)))


def scan(httpserver: HTTPServer, stage: ScanStage, *items: str) -> None:
    serve(httpserver, rss(*items))
    assert scan_all(stage) == 1


def quiet(stage: ScanStage) -> bool:
    """Tell whether nobody was told anything."""
    return (stage.story_desk.told, stage.story_desk.changed, stage.story_desk.went) == ([], [], [])


@pytest.fixture
def posted(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> int:
    """A source whose first scan has found one harmless post about the shop."""
    source_id = stage.add(shop, serve(httpserver, rss(post(MILD))))
    scan_all(stage)
    return source_id


@pytest.mark.usefixtures("posted")
def test_an_edit_is_judged_anew_and_the_old_text_is_kept(httpserver: HTTPServer, stage: ScanStage) -> None:
    scan(httpserver, stage, post(WORSE))
    (document,), (version,), (mention,) = documents(stage), versions(stage), mentions(stage.database)
    now = stage.clock.now()
    assert (document.text, document.edits, document.edited_at) == (WORSE, 1, now)
    assert (version.document_id, version.title, version.text) == (document.id, "Ma lampe", MILD)
    assert version.digest == hashlib.sha256(f"Ma lampe\n{MILD}".encode()).hexdigest()
    assert version.replaced_at == now
    assert (mention.label, mention.text, mention.is_baseline) == (Label.NEGATIVE, f"Ma lampe\n{WORSE}", False)
    assert [mention.text[part["start"] : part["end"]] for part in mention.evidence] == ["horrible"]
    assert stage.story_desk.changed == [mention.id]


@pytest.mark.usefixtures("posted")
def test_each_further_edit_keeps_one_more_version(httpserver: HTTPServer, stage: ScanStage) -> None:
    for text in (WORSE, MILD, MILD, WORSE):
        scan(httpserver, stage, post(text))
    assert [version.text for version in versions(stage)] == [MILD, WORSE, MILD]
    assert documents(stage)[0].edits == 3
    assert len(mentions(stage.database)) == 1


@pytest.mark.usefixtures("posted")
def test_an_edit_that_no_longer_names_the_shop_leaves_the_mention(httpserver: HTTPServer, stage: ScanStage) -> None:
    scan(httpserver, stage, post(ELSEWHERE))
    (document,), (mention,) = documents(stage), mentions(stage.database)
    assert (document.text, document.edits) == (ELSEWHERE, 1)
    assert (mention.text, mention.label) == (f"Ma lampe\n{MILD}", Label.NEUTRAL)
    assert stage.story_desk.changed == [mention.id]


def test_an_edit_that_comes_to_name_the_shop_is_a_mention_and_told(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    stage.add(shop, serve(httpserver, rss(post(ELSEWHERE))))
    scan_all(stage)
    assert mentions(stage.database) == []
    scan(httpserver, stage, post(WORSE))
    (mention,) = mentions(stage.database)
    assert (mention.document_id, mention.is_baseline) == (documents(stage)[0].id, False)
    assert stage.story_desk.told == [mention.id]


@pytest.mark.usefixtures("posted")
def test_an_order_number_that_an_edit_adds_is_linked(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    with stage.database.writing() as session:
        order = make_order(session, shop)
    scan(httpserver, stage, post(f"{WORSE} Commande AL-10001."))
    assert mentions(stage.database)[0].order_id == order.id


@pytest.mark.usefixtures("posted")
@pytest.mark.parametrize(
    "text",
    [
        MILD.replace(" ", "  \n"),
        MILD.upper(),
        f"{MILD} (17)",
        MILD.replace("arrivée", "arrivee").replace(".", " !"),
    ],
)
def test_mere_form_tells_nothing_and_keeps_nothing(httpserver: HTTPServer, stage: ScanStage, text: str) -> None:
    scan(httpserver, stage, post(text))
    assert (versions(stage), quiet(stage)) == ([], True)
    assert (len(documents(stage)), documents(stage)[0].edited_at) == (1, None)


def test_relative_times_and_counters_tell_nothing(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    def told(hours: int, views: int) -> str:
        return post(f"Publié il y a {hours} heures. {MILD} {views} vues, 12 réponses")

    stage.add(shop, serve(httpserver, rss(told(2, 17))))
    scan_all(stage)
    for hours in (5, 8, 11):
        scan(httpserver, stage, told(hours, 17 * hours))
    assert (versions(stage), quiet(stage), len(documents(stage))) == ([], True, 1)


def test_guids_that_change_for_all_tell_nothing_and_store_nothing_twice(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    def all_of(poll: int) -> list[str]:
        texts = [f"{WORSE} C'était le colis {word}." for word in ("bleu", "rouge", "jaune", "noir", "blanc", "gris")]
        return [
            post(text, guid=f"{poll}-{number}", link=f"{LINK}/{number}", at=NOW - timedelta(hours=number))
            for number, text in enumerate(texts)
        ]

    stage.add(shop, serve(httpserver, rss(*all_of(0))))
    scan_all(stage)
    stored = len(mentions(stage.database))
    for poll in (1, 2):
        scan(httpserver, stage, *all_of(poll))
    assert (len(documents(stage)), len(mentions(stage.database)), versions(stage)) == (6, stored, [])
    assert quiet(stage)


def test_guids_that_are_places_in_a_list_move_on_without_a_word(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    def numbered(*words: str) -> list[str]:
        return [
            post(f"{WORSE} C'était le colis {word}, le {word}.", guid=str(number), link="", at=None)
            for number, word in enumerate(words)
        ]

    stage.add(shop, serve(httpserver, rss(*numbered("bleu", "rouge", "jaune"))))
    scan_all(stage)
    scan(httpserver, stage, *numbered("vert", "bleu", "rouge", "jaune"))
    assert (len(documents(stage)), versions(stage), stage.story_desk.changed) == (4, [], [])


@pytest.mark.usefixtures("posted")
def test_a_link_that_changes_is_followed(httpserver: HTTPServer, stage: ScanStage) -> None:
    scan(httpserver, stage, post(MILD, link="https://blog.example.com/2026/lampe-neuve"))
    (document,), (mention,) = documents(stage), mentions(stage.database)
    assert document.url == mention.url == "https://blog.example.com/2026/lampe-neuve"
    assert (versions(stage), quiet(stage)) == ([], True)


@pytest.mark.usefixtures("posted")
def test_a_guid_that_passes_to_another_post_is_a_new_document(httpserver: HTTPServer, stage: ScanStage) -> None:
    other = post(
        "Leur service après-vente ne répond jamais : Atelier Lumen, horrible accueil au téléphone.",
        title="Trois appels",
        link="https://blog.example.com/appels",
        at=NOW + timedelta(hours=1),
    )
    scan(httpserver, stage, other)
    assert (len(documents(stage)), versions(stage)) == (2, [])
    assert documents(stage)[0].text == MILD
    assert stage.story_desk.told == [mentions(stage.database)[-1].id]


def test_a_source_whose_items_all_change_at_every_poll_tells_nothing(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    def all_of(advertised: str) -> list[str]:
        return [
            post(
                f"{MILD} Numéro {word} de la série. Annonce : {advertised} horrible !",
                guid=word,
                link=f"{LINK}/{word}",
                at=NOW - timedelta(hours=number),
            )
            for number, word in enumerate(("un", "deux", "trois", "quatre", "cinq", "six"))
        ]

    stage.add(shop, serve(httpserver, rss(*all_of("chaises"))))
    scan_all(stage)
    for advertised in ("tables basses", "rideaux longs", "tapis ronds"):
        scan(httpserver, stage, *all_of(advertised))
    assert (len(documents(stage)), versions(stage), quiet(stage)) == (6, [], True)


@pytest.mark.usefixtures("posted")
def test_an_edited_complaint_is_found_by_its_copies(httpserver: HTTPServer, stage: ScanStage) -> None:
    scan(httpserver, stage, post(WORSE))
    copied = post(WORSE.replace("grand", "gros"), guid="copy", link="https://copy.example.com/1")
    scan(httpserver, stage, copied, post(WORSE))
    (mention,) = mentions(stage.database)
    assert mention.copies == 2
    scan(httpserver, stage, copied, post(MILD))
    assert mentions(stage.database)[0].label is Label.NEUTRAL
    assert count(stage.database, MentionBand) == 0


@pytest.mark.usefixtures("posted")
def test_a_copy_that_is_edited_a_little_is_counted_once(httpserver: HTTPServer, stage: ScanStage) -> None:
    scan(httpserver, stage, post(WORSE))
    for word in ("grand", "gros", "vieux"):
        copied = post(WORSE.replace("grand", word), guid="copy", link="https://copy.example.com/1", title="Lu ailleurs")
        scan(httpserver, stage, copied, post(WORSE))
    assert [mention.copies for mention in mentions(stage.database)] == [2]


def test_an_edit_that_an_import_brings_alerts_nobody(stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, "pushed:export", SourceKind.PUSHED, about_us=True)
    for text in (MILD, WORSE):
        take_in(stage, source_id, [Item("a", LINK, "Ma lampe", text, published_at=NOW)], tells=False)
    assert (len(versions(stage)), quiet(stage)) == (1, True)
    assert [mention.is_baseline for mention in mentions(stage.database)] == [True]


def test_an_edit_that_is_handed_in_is_told(stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, "pushed:export", SourceKind.PUSHED, about_us=True)
    for text in (MILD, WORSE, WORSE):
        take_in(stage, source_id, [Item("a", LINK, "Ma lampe", text, published_at=NOW)], tells=True)
    (mention,) = mentions(stage.database)
    assert (stage.story_desk.changed, mention.label, len(versions(stage))) == ([mention.id], Label.NEGATIVE, 1)


def test_the_first_scan_alerts_on_what_is_younger_than_the_window(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    young = post(WORSE, guid="young", link=f"{LINK}/1", at=NOW - timedelta(days=6))
    old = post("Atelier Lumen : horrible, jamais remboursé.", guid="old", link=f"{LINK}/2", at=NOW - timedelta(days=8))
    undated = post("Chez Atelier Lumen tout est horrible.", guid="undated", link=f"{LINK}/3", at=None)
    source_id = stage.add(shop, serve(httpserver, rss(young, old, undated, OTHER)))
    with stage.database.writing() as session:
        session.get_one(type(stage.source(source_id)), source_id).window_days = 7
    scan_all(stage)
    found = {mention.url.rpartition("/")[2]: mention for mention in mentions(stage.database)}
    assert {name: mention.is_baseline for name, mention in found.items()} == {"1": False, "2": True, "3": True}
    assert stage.story_desk.told == [found["1"].id]

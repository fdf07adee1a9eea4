"""Feeds of known platforms, in the shape that each really serves; all people and shops are made up."""

import re
import time
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.errors import ReadError
from feedback_service.sources.feeds.entries import Entry, Markup, ParsedFeed, to_reading
from feedback_service.sources.feeds.platforms import PATTERNS, as_written
from feedback_service.sources.feeds.reader import read_feed
from feedback_service.sources.items import Item

NOWHERE = ""
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'


def items(feed: str, url: str = NOWHERE) -> tuple[Item, ...]:
    return read_feed(feed.encode(), url, {}).items


def only(feed: str, url: str = NOWHERE) -> Item:
    (item,) = items(feed, url)
    return item


def rss(channel: str, *entries: str) -> str:
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    spaces += ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"'
    inner = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel>{channel}{inner}</channel></rss>'


def atom(feed: str, *entries: str, spaces: str = "") -> str:
    return f"<feed {ATOM} {spaces}>{feed}{''.join(f'<entry>{entry}</entry>' for entry in entries)}</feed>"


# Google Alerts

ALERT_SELF = '<link rel="self" href="https://www.google.com/alerts/feeds/0417/4428"/>'


def alert(title: str, text: str, target: str = "https://blog.example.com/lampe") -> str:
    link = escape(f"https://www.google.com/url?rct=j&sa=t&url={target}&ct=ga&cd=CAIyHGU4&usg=AFQjCN")
    return (
        f'<id>tag:google.com,2013:googlealerts/feed:897</id><title type="html">{escape(title)}</title>'
        f'<link href="{link}"/><content type="html">{escape(text)}</content><author><name/></author>'
    )


def test_an_alert_is_the_other_sites_words_at_the_other_sites_address() -> None:
    title = "L&#39;<b>Atelier Lumen</b> ne rembourse pas ses clients ..."
    text = "J&#39;attends depuis un mois que l&#39;<b>Atelier</b> <b>Lumen</b> me rembourse et toujours&nbsp;..."
    item = only(atom(ALERT_SELF, alert(title, text, "https://blog.example.com/lampe%3Fid%3D3%26x%3D1+2")))
    assert item.title == "L'Atelier Lumen ne rembourse pas ses clients"
    assert item.text == "J'attends depuis un mois que l'Atelier Lumen me rembourse et toujours"
    assert item.url == "https://blog.example.com/lampe?id=3&x=1+2"


def test_three_dots_inside_an_alert_stay() -> None:
    item = only(atom(ALERT_SELF, alert("Déçue... très déçue", "Un mois ... et rien.")))
    assert (item.title, item.text) == ("Déçue... très déçue", "Un mois ... et rien.")


def test_three_dots_of_a_person_stay() -> None:
    assert only(rss("", "<title>Bof...</title><description>Un mois...</description>")).text == "Un mois..."


# Google News

NEWS = "<generator>NFE/5.0</generator><link>https://news.google.com/search?q=lumen&amp;hl=fr</link>"
ARTICLE = "https://news.google.com/rss/articles/CBMiXkFV?oc=5"


def news(description: str, source: str = '<source url="https://presse.example.com">Presse Exemple</source>') -> str:
    return (
        "<title>Atelier Lumen : des clients en colère - Presse Exemple</title>"
        f'<link>{ARTICLE}</link><guid isPermaLink="false">CBMiXkFV</guid>'
        f"<description>{escape(description)}</description>{source}"
    )


ONE_ARTICLE = f'<a href="{ARTICLE}" target="_blank">Atelier Lumen : des clients en colère</a>&nbsp;&nbsp;<font color="#6f6f6f">Presse Exemple</font>'  # noqa: E501 - one line in the feed
SEVERAL = f"<ol><li>{ONE_ARTICLE}</li><li><a href='https://news.google.com/rss/articles/CBMi2'>Arnaque ailleurs</a>&nbsp;&nbsp;<font color='#6f6f6f'>Autre Journal</font></li></ol>"  # noqa: E501 - as above


@pytest.mark.parametrize("description", [ONE_ARTICLE, SEVERAL], ids=["one", "several"])
@pytest.mark.parametrize("source", ['<source url="https://presse.example.com">Presse Exemple</source>', ""])
def test_news_is_the_headline_without_who_published_it(description: str, source: str) -> None:
    item = only(rss(NEWS, news(description, source)))
    assert (item.title, item.text) == ("Atelier Lumen : des clients en colère", "")


def test_the_address_of_news_does_not_say_where_it_was_clicked() -> None:
    assert only(rss(NEWS, news(ONE_ARTICLE))).url == "https://news.google.com/rss/articles/CBMiXkFV"


def test_another_sites_title_keeps_its_dash_and_text() -> None:
    item = only(rss("<link>https://blog.example.com/</link>", news("<p>Texte</p>")))
    assert (item.title, item.text) == ("Atelier Lumen : des clients en colère - Presse Exemple", "Texte")


# Reddit

REDDIT = '<link rel="self" href="https://www.reddit.com/r/france/.rss" type="application/atom+xml"/>'
BY = (
    ' &#32; submitted by &#32; <a href="https://www.reddit.com/user/camille_75"> /u/camille_75 </a> &#32; to &#32; '
    '<a href="https://www.reddit.com/r/france/"> r/france </a> <br/> <span><a href="https://i.example.com/a.jpg">[link]'
    '</a></span> &#32; <span><a href="https://www.reddit.com/r/france/comments/1abc/lumen/">[comments]</a></span>'
)
MD = '<!-- SC_OFF --><div class="md"><p>Jamais remboursée.</p> <p>Fuyez !</p> </div><!-- SC_ON -->'
PICTURE = '<table> <tr><td> <a href="https://www.reddit.com/x"> <img src="https://b.example.com/x.jpg" alt="Titre"/> </a> </td><td>'  # noqa: E501 - one line in the feed
POST = "https://www.reddit.com/r/france/comments/1abc/lumen/"


def reddit(content: str, title: str = "Atelier Lumen, votre avis ?", link: str = POST) -> str:
    return (
        f"<author><name>/u/camille_75</name></author><content type='html'>{escape(content)}</content><id>t3_1abc</id>"
        f'<link href="{link}"/><title>{title}</title>'
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (MD + BY, "Jamais remboursée.\nFuyez !"),
        (f"{PICTURE} {MD}{BY}</td></tr></table>", "Jamais remboursée.\nFuyez !"),
        (f"{PICTURE}{BY}</td></tr></table>", ""),
        (BY, ""),
        ("<!-- SC_OFF --><div class='md'><p>[link] submitted by me</p></div><!-- SC_ON -->", "[link] submitted by me"),
    ],
    ids=["text", "text and picture", "picture", "link", "talk of it"],
)
def test_a_post_on_reddit_is_what_was_written(content: str, text: str) -> None:
    item = only(atom(REDDIT, reddit(content)))
    assert (item.title, item.text, item.url, item.author) == ("Atelier Lumen, votre avis ?", text, POST, "C.")
    assert not item.is_reply


def test_a_comment_on_reddit_does_not_name_its_author_and_has_its_own_address() -> None:
    entry = reddit(MD, "/u/camille_75 on Atelier Lumen, votre avis ?", f"{POST}k2x/")
    item = only(atom(REDDIT, entry))
    assert (item.title, item.author, item.url) == ("Atelier Lumen, votre avis ?", "C.", f"{POST}k2x/")
    assert item.is_reply


def test_the_same_words_elsewhere_are_a_persons() -> None:
    text = "submitted by me, see [comments]"
    assert only(atom("", reddit(text))).text == text


# Mastodon

MASTODON = (
    "<title>Camille</title><link>https://social.example.com/@camille</link><generator>Mastodon v4.5.1</generator>"
)
TOOT = (
    '<p>Merci <a href="https://social.example.com/tags/AtelierLumen" class="mention hashtag" rel="tag">#<span>'
    'AtelierLumen</span></a> <a href="https://www.example.com/avis/2026" target="_blank"><span class="invisible">'
    'https://www.</span><span class="ellipsis">example.com/avis</span><span class="invisible">/2026</span></a></p>'
)


def toot(html: str, more: str = "") -> str:
    link = "https://social.example.com/@camille/1097"
    return f'<guid isPermaLink="true">{link}</guid><link>{link}</link><description>{escape(html)}</description>{more}'


def test_a_post_on_mastodon_has_no_title_and_keeps_hashtags_and_whole_links() -> None:
    item = only(rss(MASTODON, toot(TOOT)))
    assert (item.title, item.text) == ("", "Merci #AtelierLumen https://www.example.com/avis/2026")
    assert item.author == "C."


def test_a_post_on_mastodon_is_not_the_description_of_its_picture() -> None:
    picture = (
        '<media:content url="https://social.example.com/a.jpg" type="image/jpeg"><media:rating scheme="urn:simple">'
        'nonadult</media:rating><media:description type="plain">Une très longue description de la photo de la lampe '
        "qui est arrivée</media:description></media:content>"
    )
    item = only(rss(MASTODON, toot("<p>Arrivée cassée</p>", picture)))
    assert (item.text, item.rating) == ("Arrivée cassée", None)


def test_a_quote_on_mastodon_is_not_the_posters_words() -> None:
    quote = (
        '<p class="quote-inline">RE: <a href="https://social.example.com/@x/1">https://social.example.com/@x/1</a></p>'
    )
    assert only(rss(MASTODON, toot(f"{quote}<p>Pareil</p>"))).text == "Pareil"


# YouTube


def test_a_video_is_its_description_in_plain_text() -> None:
    feed = atom(
        '<link rel="self" href="http://www.youtube.com/feeds/videos.xml?channel_id=UC1"/>',
        "<id>yt:video:5shyk</id><yt:videoId>5shyk</yt:videoId><title>Lampe &lt;3 Lumen</title>"
        '<link rel="alternate" href="https://www.youtube.com/watch?v=5shyk"/>'
        "<media:group><media:title>Autre</media:title><media:description>Ma lampe\nhttps://example.com/?a=1&amp;copy=2"
        '</media:description><media:community><media:starRating count="9" average="4.79" min="1" max="5"/>'
        "</media:community></media:group>",
        spaces='xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"',
    )
    item = only(feed)
    assert (item.title, item.text) == ("Lampe <3 Lumen", "Ma lampe\nhttps://example.com/?a=1&copy=2")
    assert (item.guid, item.url) == ("yt:video:5shyk", "https://www.youtube.com/watch?v=5shyk")
    assert item.rating is None, "the stars of a crowd are nobody's"


# WordPress

FOOTERS = {
    "en": ("The post ", " appeared first on ", "."),
    "fr": ("L’article ", " est apparu en premier sur ", "."),
    "fr, before": ("Cet article ", " est apparu en premier sur ", "."),
    "de": ("Der Beitrag ", " erschien zuerst auf ", "."),
    "es": ("La entrada ", " se publicó primero en ", "."),
    "it": ("L'articolo ", " proviene da ", "."),
    "nl": ("Het bericht ", " verscheen eerst op ", "."),
    "pt": ("O post ", " apareceu primeiro em ", "."),
}


@pytest.mark.parametrize(("before", "between", "after"), FOOTERS.values(), ids=FOOTERS.keys())
def test_the_footer_of_wordpress_is_nobodys_words(before: str, between: str, after: str) -> None:
    footer = (
        f'<p>{before}<a rel="nofollow" href="https://blog.example.com/lampe/">La <em>lampe</em></a>{between}'
        f'<a rel="nofollow" href="https://blog.example.com">Blog</a>{after}</p>\n'
    )
    for tag in ("description", "content:encoded"):
        item = only(rss("", f"<title>La lampe</title><{tag}><![CDATA[<p>Mal emballée.</p>\n{footer}]]></{tag}>"))
        assert item.text == "Mal emballée."


def test_a_last_paragraph_with_two_links_is_a_persons() -> None:
    html = '<p>Lu.</p><p>Voir <a href="https://a.example.com">ceci</a> et <a href="https://b.example.com">cela</a>.</p>'
    assert only(rss("", f"<description>{escape(html)}</description>")).text == "Lu.\nVoir ceci et cela."


def comment(title: str, html: str = "<p>Pas d’accord.</p>", author: str = "Camille d&#8217;Exemple") -> str:
    return (
        f"<title>{escape(title)}</title><link>https://blog.example.com/lampe/#comment-12</link>"
        f"<dc:creator><![CDATA[{author}]]></dc:creator>"
        f'<guid isPermaLink="false">https://blog.example.com/lampe/#comment-12</guid>'
        f"<description><![CDATA[{html}]]></description><content:encoded><![CDATA[{html}]]></content:encoded>"
    )


NAME = "Camille d&#8217;Exemple"
COMMENT_TITLES = {
    "en, of a post": ("Comments on: La lampe", f"By: {NAME}"),
    "en, of a site": ("Comments for Blog", f"Comment on La lampe by {NAME}"),
    "fr, of a post": ("Commentaires sur&nbsp;: La lampe", f"Par&nbsp;: {NAME}"),
    "fr, of a site": ("Commentaires pour Blog", f"Commentaires sur La lampe par {NAME}"),
    "de, of a post": ("Kommentare zu: La lampe", f"Von: {NAME}"),
    "de, of a site": ("Kommentare für Blog", f"Kommentar zu La lampe von {NAME}"),
    "es, of a site": ("Comentarios en Blog", f"Comentario en La lampe por {NAME}"),
    "it, of a post": ("Commenti a: La lampe", f"Di: {NAME}"),
    "nl, of a site": ("Reacties voor Blog", f"Reactie op La lampe door {NAME}"),
}


@pytest.mark.parametrize(("feed_title", "title"), COMMENT_TITLES.values(), ids=COMMENT_TITLES.keys())
def test_a_comment_is_named_after_the_post_and_not_after_its_author(feed_title: str, title: str) -> None:
    item = only(rss(f"<title>{escape(feed_title)}</title>", comment(title)))
    assert (item.title, item.text, item.author, item.is_reply) == ("La lampe", "Pas d’accord.", "C. D.", True)
    assert item.url == "https://blog.example.com/lampe/#comment-12"


@pytest.mark.parametrize("said", ["In reply to", "En réponse à", "Als Antwort auf"])
def test_whom_a_comment_answers_is_left_out(said: str) -> None:
    html = f'<p>{said} <a href="https://blog.example.com/lampe/#comment-3">Dominique</a>.</p>\n<p>Moi aussi.</p>'
    assert only(rss("", comment(f"By: {NAME}", html))).text == "Moi aussi."


def test_a_post_that_ends_with_a_name_keeps_its_title() -> None:
    entry = (
        "<title>Un mois avec Camille</title><link>https://blog.example.com/a</link><dc:creator>Camille</dc:creator>"
        "<wfw:commentRss>https://blog.example.com/a/feed/</wfw:commentRss>"
    )
    item = only(rss("", entry))
    assert (item.title, item.is_reply) == ("Un mois avec Camille", False)
    assert item.comments_feed == "https://blog.example.com/a/feed/"


# Blogger


def test_a_blogger_post_names_the_feed_of_its_comments_and_loses_its_footer() -> None:
    html = "Ma lampe.<div class='blogger-post-footer'><img src='https://t.example.com/1.gif'/>Publié par le blog</div>"
    item = only(
        atom(
            "<generator version='7.00' uri='http://www.blogger.com'>Blogger</generator>",
            f"<id>tag:blogger.com,1999:blog-1.post-2</id><title type='text'>Lampe</title><content type='html'>"
            f"{escape(html)}</content><link rel='replies' type='text/html' href='https://b.example.com/2.html#form'/>"
            "<link rel='replies' type='application/atom+xml' href='https://b.example.com/feeds/2/comments/default'/>"
            "<link rel='alternate' type='text/html' href='https://b.example.com/2.html'/>",
        )
    )
    assert (item.text, item.url) == ("Ma lampe.", "https://b.example.com/2.html")
    assert item.comments_feed == "https://b.example.com/feeds/2/comments/default"


def test_a_blogger_comment_opens_at_its_own_place() -> None:
    link = "https://b.example.com/2.html?showComment=1764#c78"
    entry = (
        f"<id>tag:blogger.com,1999:blog-1.post-78</id><title type='text'>Jamais reçue, et pas de...</title>"
        f"<content type='html'>Jamais reçue, et pas de réponse</content><link rel='alternate' href='{link}'/>"
    )
    item = only(atom("", entry))
    assert (item.url, item.text, item.is_reply) == (link, "Jamais reçue, et pas de réponse", True)


# Discourse

TOPIC = "https://forum.example.com/t/lampe-cassee/123"


def discourse(html: str, guid: str, link: str) -> str:
    return (
        "<title>Lampe cassée</title><dc:creator><![CDATA[@camille Camille]]></dc:creator>"
        f"<description><![CDATA[{html}]]></description><link>{link}</link>"
        f'<guid isPermaLink="false">forum.example.com-{guid}</guid><source url="{TOPIC}.rss">Lampe cassée</source>'
    )


READ = f'<p><a href="{TOPIC}">Lire le sujet en entier</a></p>'


def test_a_topic_of_discourse_loses_its_counts_and_read_more() -> None:
    html = f"<p>Arrivée en miettes.</p>\n <p><small>3 messages - 2 participants</small></p>\n {READ}\n"
    item = only(rss("", discourse(html, "topic-123", TOPIC)))
    assert (item.title, item.text, item.is_reply) == ("Lampe cassée", "Arrivée en miettes.", False)


def test_an_answer_on_discourse_is_what_was_written_at_its_own_address() -> None:
    html = (
        '\n <p><a href="https://forum.example.com/u/camille">@camille</a> a écrit :</p>\n '
        f"<blockquote>\n<p>Pareil ici.</p>\n</blockquote>\n <p><a href='{TOPIC}/4'>Read full topic</a></p>"
    )
    item = only(rss("", discourse(html, "post-123-4", f"{TOPIC}/4")))
    assert (item.text, item.url, item.is_reply) == ("Pareil ici.", f"{TOPIC}/4", True)


def test_the_first_post_of_a_topic_is_no_answer() -> None:
    assert not only(rss("", discourse("<p>Un</p>", "post-9", f"{TOPIC}/1"))).is_reply


# phpBB

PHPBB = '<link rel="self" type="application/atom+xml" href="https://forum.example.com/app.php/feed"/>'
STATISTICS = {
    "en": 'Statistics: Posted by <a href="https://forum.example.com/memberlist.php?mode=viewprofile&amp;u=5">camille</a> — Tue Nov 24, 2026 10:00 am',  # noqa: E501 - one line in the feed
    "fr": 'Statistiques : Publié par <a href="./memberlist.php?u=5" style="color: #AA0000;" class="username-coloured">camille</a> — mar. 24 nov. 2026 10:00 — Réponses 3 — Vus 120',  # noqa: E501 - as above
    "guest": 'Statistiken: Verfasst von <span class="username">camille</span> — Di 24. Nov 2026, 10:00',
}


def phpbb(title: str, html: str) -> str:
    link = "https://forum.example.com/viewtopic.php?t=12&amp;p=34#p34"
    return (
        f'<author><name><![CDATA[camille]]></name></author><id>{link}</id><link href="{link}"/>'
        f'<title type="html"><![CDATA[{title}]]></title><content type="html"><![CDATA[\n{html}\n]]></content>'
    )


@pytest.mark.parametrize("statistics", STATISTICS.values(), ids=STATISTICS.keys())
def test_a_post_in_phpbb_is_what_was_written(statistics: str) -> None:
    item = only(atom(PHPBB, phpbb("Avis • Re: Lampe cassée", f"Pareil.<br>Un mois !<p>{statistics}</p><hr />")))
    assert (item.title, item.text, item.is_reply) == ("Lampe cassée", "Pareil.\nUn mois !", True)
    assert item.url == "https://forum.example.com/viewtopic.php?t=12&p=34#p34"


def test_a_topic_in_phpbb_is_no_answer_and_needs_no_statistics() -> None:
    item = only(atom(PHPBB, phpbb("Avis • Lampe cassée", "Un mois : rien — vraiment rien.<hr />")))
    assert (item.title, item.text, item.is_reply) == ("Lampe cassée", "Un mois : rien — vraiment rien.", False)


# App Store

STORE = "https://itunes.apple.com/fr/rss/customerreviews/id=123/sortBy=mostRecent/xml"
STORE_APP = "<id>https://apps.apple.com/fr/app/id123</id><title>Lumen</title><content type='text'>Notre app</content>"
STORE_REVIEW = (
    "<updated>2026-11-20T01:00:00-07:00</updated><id>8123</id><title>Nul</title><content type='text'>Ne s’ouvre plus."
    "</content><link rel='related' href='https://itunes.apple.com/fr/review?id=123'/><im:rating>1</im:rating>"
    "<im:version>2.1</im:version><author><name>camille75</name><uri>https://itunes.apple.com/fr/reviews/id5</uri>"
    "</author><content type='html'>&lt;table border='0'&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;Nul&lt;/b&gt;&lt;br/&gt;par "
    "camille75&lt;br/&gt;Ne s’ouvre plus.&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;</content>"
)


def test_the_app_store_gives_the_reviews_and_not_the_app() -> None:
    feed = atom("<title>Avis</title>", STORE_APP, STORE_REVIEW, spaces='xmlns:im="http://itunes.apple.com/rss"')
    item = only(feed, STORE)
    assert (item.title, item.text, item.rating, item.best_rating) == ("Nul", "Ne s’ouvre plus.", 1.0, 5.0)
    assert (item.guid, item.url, item.author) == ("8123", "", "C.")


# Any feed


@pytest.mark.parametrize(
    ("title", "rating"),
    [
        ("★★☆☆☆", (2.0, 5.0)),
        ("⭐️⭐️⭐️⭐️⭐️", (5.0, 5.0)),
        ("★★", (2.0, 5.0)),
        ("☆☆☆☆☆", (0.0, 5.0)),
        ("4/5", (4.0, 5.0)),
        ("8,5 sur 10", (8.5, 10.0)),
        ("7/5", (None, None)),
        ("24/11", (None, None)),
        ("★★☆", (None, None)),
        ("★★★★★★", (None, None)),
        ("4/5 étages peints", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_title_that_is_nothing_but_stars_is_a_rating(title: str, rating: tuple[float | None, float | None]) -> None:
    item = only(rss("", f"<title>{title}</title><description>Un texte</description>"))
    assert ((item.rating, item.best_rating), item.title) == (rating, title)


@pytest.mark.parametrize(
    ("elements", "rating"),
    [
        ("<review:rating>8</review:rating><review:bestRating>10</review:bestRating>", (8.0, 10.0)),
        ("<review:rating>8</review:rating>", (8.0, 10.0)),
        ("<review:rating>3,5</review:rating>", (3.5, 5.0)),
        ("<g:rating>4/5</g:rating>", (4.0, 5.0)),
        ("<g:rating>9</g:rating><g:bestRating>5</g:bestRating>", (None, None)),
        ("<g:rating>-1</g:rating>", (None, None)),
        ("<g:rating>nan</g:rating>", (None, None)),
        ("<g:rating>1e400</g:rating>", (None, None)),
        ("<g:rating>bien</g:rating>", (None, None)),
    ],
)
def test_stars_in_extensions_come_with_their_scale(elements: str, rating: tuple[float | None, float | None]) -> None:
    feed = rss("", f"<title>x</title>{elements}").replace("<rss ", '<rss xmlns:review="urn:r" xmlns:g="urn:g" ')
    item = only(feed)
    assert (item.rating, item.best_rating) == rating


@pytest.mark.parametrize(
    ("published", "title"),
    [
        ("<title type='text'>Lampe &lt;b&gt;cassée&lt;/b&gt;</title>", "Lampe cassée"),
        ("<title>L&amp;#39;abat-jour &amp;amp; la lampe</title>", "L'abat-jour & la lampe"),
        ("<title type='html'>&lt;i&gt;Lampe&lt;/i&gt;&amp;nbsp;!</title>", "Lampe !"),
        (
            "<title type='html'>&amp;lt;p&amp;gt;Lampe &amp;lt;b&amp;gt;x&amp;lt;/b&amp;gt;&amp;lt;/p&amp;gt;</title>",
            "Lampe x",
        ),
        ("<title>Atelier &lt;Lumen&gt; &amp; Cie, 1 &lt; 2</title>", "Atelier <Lumen> & Cie, 1 < 2"),
        ("", ""),
    ],
    ids=["called text", "entities", "html", "escaped twice", "no markup", "none"],
)
def test_a_title_is_what_a_reader_sees(published: str, title: str) -> None:
    assert only(atom("", f"<id>1</id>{published}<link href='https://a.example.com'/>")).title == title


@pytest.mark.parametrize("link", ["javascript:alert(1)", "tag:example.com,2026:1", "mailto:a@example.com", "http://[x"])
def test_what_cannot_be_opened_is_no_link(link: str) -> None:
    assert only(atom("", f"<title>x</title><link href='{link}'/>")).url == ""


# Every pattern

PLACES = (
    "https://www.google.com/alerts/feeds/1/2",
    "https://www.reddit.com/r/france/.rss",
    "https://social.example.com/@camille.rss",
    "https://forum.example.com/feed.php",
    "https://forum.example.com/posts.rss",
    "https://blog.example.com/comments/feed/",
    "https://b.example.com/feeds/comments/default",
)
LINKS = (
    "https://blog.example.com/a#comment-1",
    "https://forum.example.com/viewtopic.php?p=1#p1",
    "https://forum.example.com/t/a/1/2",
    "https://b.example.com/1.html?showComment=1#c1",
)
# What ends with three dots is cut off in an alert; that a person wrote them there cannot be known.
ORDINARY = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<>&…."), max_size=300)


@pytest.mark.parametrize("url", PLACES)
@given(text=ORDINARY, link=st.sampled_from(LINKS), author=st.sampled_from(["", "Camille"]))
def test_ordinary_text_passes_every_pattern_unchanged(url: str, text: str, link: str, author: str) -> None:
    markup = Markup(f"<p>{text}</p>")
    feed = ParsedFeed(Markup(""), (Entry("forum.example.com-post-1-2", link, Markup("Un titre"), (markup,), author),))
    (before,) = to_reading(feed, url).items
    (after,) = to_reading(as_written(feed, url), url).items
    assert (after.title, after.text, after.url) == (before.title, before.text, before.url)


def test_a_feed_of_no_platform_is_the_same_object() -> None:
    feed = ParsedFeed(Markup("x"), (Entry("1", "https://a.example.com/1", Markup("x"), (Markup("<p>y</p>"),)),))
    assert as_written(feed, "https://a.example.com/feed") is feed


FRAGMENTS = st.sampled_from(
    ["<p>", "</p>", "<hr />", "<a href='https://x.example.com/t/1'>", "</a>", "<small>3", "</small>", " — ", ": ", ">",
     "submitted by", "[comments]", "<!-- SC_OFF -->", "<!-- SC_ON -->", " appeared first on ", "...", "&nbsp;",
     "@camille", "<div class='blogger-post-footer'>", "<font>", "</font>", "In reply to ", "<blockquote>", "x", " "]
)  # fmt: skip


@given(pieces=st.lists(FRAGMENTS, max_size=40), title=st.text(max_size=40), guid=st.text(max_size=20))
def test_no_mixture_of_boilerplate_breaks_a_pattern(pieces: list[str], title: str, guid: str) -> None:
    html = "".join(pieces)
    feed = ParsedFeed(Markup(title), tuple(Entry(guid, link, Markup(html), (Markup(html),), "x") for link in LINKS))
    for url in (*PLACES, STORE, "https://news.google.com/rss/search", "https://www.youtube.com/feeds/videos.xml"):
        to_reading(as_written(feed, url), url)


def test_every_pattern_has_a_name_of_its_own() -> None:
    names = [pattern.name for pattern in PATTERNS]
    assert len(set(names)) == len(names)


HOSTILE: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda size: "<p>" * size,
    "links": lambda size: "<p>x " + "<a x>" * size,
    "blanks": lambda size: "x" + " &nbsp;" * size + "y",
    "white space": lambda size: " \n" * size * 10,
    "dashes": lambda size: "<p>a: " + " — " * size,
    "submitted": lambda size: "submitted by " * size,
    "emphasis": lambda size: "<p>The post <a x>" + "<em>" * size,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_time_of_a_pattern_does_not_explode(make: Callable[[int], str]) -> None:
    entries = tuple(
        Entry("forum.example.com-post-1-2", link, Markup(make(500)), (Markup(make(500)),)) for link in LINKS * 25
    )
    feed = ParsedFeed(Markup(""), entries)
    began = time.process_time()
    for url in PLACES:
        as_written(feed, url)
    assert time.process_time() - began < 4


@pytest.mark.shared
def test_no_real_feed_keeps_markup_redirects_or_boilerplate(shared: Path) -> None:
    wrong = []
    for path in sorted((shared / "data/feeds").rglob("*.*")):
        try:
            found = read_feed(path.read_bytes(), "https://feeds.example.com/feed", {}).items
        except ReadError:
            continue
        wrong += [(path.name, flaw, item.guid) for item in found for flaw in _flaws(item)]
    assert wrong == []


_LEFT = re.compile(r"&nbsp;|&#39;|&quot;|submitted by +/u/|\[comments\]|The post .{1,200} appeared first on ")


def _flaws(item: Item) -> list[str]:
    flaws = [found[0] for text in (item.title, item.text) for found in _LEFT.finditer(text)]
    flaws += [tag[0] for tag in re.finditer(r"</?(?:b|strong)>", item.title)]
    if re.match(r"https?://(?:www\.)?google\.[a-z.]+/url\?", item.url):
        flaws.append(item.url)
    if item.rating is not None and not 0 <= item.rating <= (item.best_rating or 0):
        flaws.append(f"{item.rating} of {item.best_rating}")
    return flaws

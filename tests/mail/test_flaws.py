"""What must not go out, found in a rendered mail."""

import pytest

from feedback_service.mail.flaws import Flaw, flaws
from feedback_service.mail.letters import HTML_LIMIT

SURVEY, OBJECTION = "https://feedback.example.com/s/token", "https://feedback.example.com/u/token"
TEXT = f"Bonjour,\n\nVotre avis : {SURVEY}?r=1\n\nPlus d'enquêtes : {OBJECTION}\n"
HTML = (
    f'<html lang="fr"><body><p>Bonjour,</p><a href="{SURVEY}?r=1">Votre avis</a>'
    f'<a href="{OBJECTION}">Plus d\'enquêtes</a></body></html>'
)


def found(text: str = TEXT, html: str = HTML, subject: str = "Votre retour") -> list[tuple[bool, str]]:
    return [(flaw.grave, flaw.sentence) for flaw in flaws(subject, text, html, (SURVEY, OBJECTION))]


def test_a_sound_mail_has_none() -> None:
    assert found() == []


def added(piece: str) -> str:
    return HTML.replace("</body>", f"{piece}</body>")


@pytest.mark.parametrize(
    ("text", "html", "complaint"),
    [
        pytest.param(" \n", HTML, "text part is empty", id="no text"),
        pytest.param(TEXT, " ", "HTML part is empty", id="no page"),
        pytest.param(TEXT.replace(OBJECTION, ""), HTML, f"text part lacks the link {OBJECTION}", id="objection, text"),
        pytest.param(TEXT, HTML.replace(OBJECTION, "#"), f"HTML part lacks the link {OBJECTION}", id="objection, page"),
        pytest.param(TEXT, HTML.replace(SURVEY, "#"), f"HTML part lacks the link {SURVEY}", id="survey, page"),
        pytest.param(TEXT, added(f"<p>{SURVEY}</p>").replace(f'href="{SURVEY}', 'href="'), "lacks", id="not a link"),
        pytest.param(TEXT, added("<i>" + "x" * HTML_LIMIT), "mail programs cut it off", id="too large"),
        pytest.param(TEXT, added("<script>x</script>"), "take for an attack: script", id="script"),
        pytest.param(TEXT, added("<form action=x><input></form>"), "form, input", id="form"),
        pytest.param(TEXT, added('<b onclick="x()">Bonjour</b>'), "script in an attribute", id="handler"),
        pytest.param(TEXT, added('<a href=" JavaScript:x()">Bonjour</a>'), "script in an attribute", id="address"),
        pytest.param(TEXT, added('<img src="https://x.test/1.png" alt="">'), "tell who reads", id="remote image"),
        pytest.param(TEXT, added('<img src="//x.test/1.png" alt="">'), "tell who reads", id="without a scheme"),
        pytest.param(TEXT, added('<img srcset="https://x.test/2.png 2x" alt="">'), "tell who reads", id="srcset"),
        pytest.param(TEXT, added('<table background="http://x.test/1.png"></table>'), "tell who", id="background"),
        pytest.param(TEXT, added('<link rel="stylesheet" href="x.css">'), "comes from elsewhere", id="style sheet"),
        pytest.param(TEXT, added("<style>@import 'https://x.test'</style>"), "comes from elsewhere", id="import"),
        pytest.param(TEXT, added('<p style="background: URL( https://x)">'), "comes from elsewhere", id="url"),
    ],
)
def test_what_breaks_a_promise_or_the_law_is_grave(text: str, html: str, complaint: str) -> None:
    assert any(grave and complaint in sentence for grave, sentence in found(text, html))


@pytest.mark.parametrize(
    ("text", "html", "complaint"),
    [
        pytest.param(TEXT, HTML.replace(' lang="fr"', ""), "does not say its language", id="language"),
        pytest.param(TEXT, added('<img src="cid:logo">'), "no alternative text", id="alt"),
        pytest.param(TEXT, added("<p>Merci !</p>"), "does not say all that the HTML part says: Merci !", id="words"),
        pytest.param(TEXT, added('<a href="https://x.test/p">avis</a>'), "says: https://x.test/p", id="address"),
        pytest.param(f"{TEXT}{'mot ' * 20}", HTML, "longer than 76", id="long line"),
    ],
)
def test_what_is_only_poor_is_no_reason_not_to_send(text: str, html: str, complaint: str) -> None:
    ((grave, sentence),) = found(text, html)
    assert not grave
    assert complaint in sentence


def test_an_empty_subject_is_grave() -> None:
    assert found(subject=" ") == [(True, "The subject is empty.")]


def test_an_attached_image_and_one_inside_are_no_flaws() -> None:
    assert found(html=added('<img src="cid:logo" alt="Atelier"><img src="data:image/png;base64,AA" alt="">')) == []


def test_a_flaw_is_said_in_the_language_of_who_is_told() -> None:
    flaw = Flaw("The file has more than %(bytes)s bytes.", values={"bytes": 500_000}, file="mail/a.txt", line=3)
    assert flaw.sentence == "mail/a.txt, line 3: The file has more than 500,000 bytes."
    assert flaw.in_words("fr") == "mail/a.txt, ligne 3\u202f: Le fichier dépasse 500\u202f000 octets."


def test_what_is_filled_in_is_no_pattern() -> None:
    assert Flaw("%(words)s", values={"words": "100 % %(x)s"}).in_words("fr") == "100 % %(x)s"

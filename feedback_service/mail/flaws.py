"""What may be wrong with a rendered mail (R13, R24, R32, R42): the judge of a shop's own templates.

A grave flaw would break a promise or the law: a mail that has one is not sent as it is. A flaw is a sentence of the
catalogues and what is filled into it, so that whoever is told reads it in a language of theirs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedback_service import formats, i18n
from feedback_service.i18n import N_
from feedback_service.mail.letters import HTML_LIMIT
from feedback_service.mail.wrapping import WIDTH

_ACTIVE = "script, form, iframe, object, embed, input, button, video, audio, meta[http-equiv=refresh]"
_REMOTE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|cid:)[^)'\"\s]", re.IGNORECASE)
_UNSEEN = "head, style, script, title"
_SAMPLES = 3
_PLACE = N_("%(file)s, line %(line)s:")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong.

    Attributes:
        message: the sentence as the catalogues know it.
        grave: whether the mail must not go out like that.
        values: what is filled into the sentence; numbers are written as the language has it.
        file: the template where it stands, with its line, if that is known.
    """

    message: str
    grave: bool = True
    values: Mapping[str, str | int] = field(default_factory=dict)
    file: str = ""
    line: int = 0

    @property
    def sentence(self) -> str:
        """The sentence in English, for the command line and the log."""
        return self.in_words(i18n.SOURCE_LANGUAGE)

    def in_words(self, language: str) -> str:
        """Return the sentence in `language`."""
        catalogue = i18n.translations(language)
        values = {name: _written(value, language) for name, value in self.values.items()}
        said = catalogue.gettext(self.message) % values
        if not self.file:
            return said
        place = catalogue.gettext(_PLACE) % {"file": self.file, "line": self.line}
        return f"{place} {said}"


def _written(value: str | int, language: str) -> str:
    return formats.number(value, language) if isinstance(value, int) else value


def flaws(subject: str, text: str, html: str, needed: Sequence[str] = ()) -> list[Flaw]:
    """Return what is wrong with a mail, grave flaws first; `needed` are addresses that both parts must hold."""
    tree = LexborHTMLParser(html)
    found = [*_of_parts(subject, text, html), *_of_links(text, tree, needed), *_of_content(tree, html)]
    found += [*_of_access(tree), *_of_text(text, tree)]
    return sorted(found, key=lambda flaw: not flaw.grave)


def _of_parts(subject: str, text: str, html: str) -> Iterator[Flaw]:
    if not subject.strip():
        yield Flaw(N_("The subject is empty."))
    if not text.strip():
        yield Flaw(N_("The text part is empty: who reads mail as text gets nothing."))
    if not html.strip():
        yield Flaw(N_("The HTML part is empty."))
    size = len(html.encode())
    if size >= HTML_LIMIT:
        sentence = N_("The HTML part has %(size)s bytes; from %(limit)s on mail programs cut it off.")
        yield Flaw(sentence, values={"size": size, "limit": HTML_LIMIT})


def _of_links(text: str, tree: LexborHTMLParser, needed: Sequence[str]) -> Iterator[Flaw]:
    hrefs = [node.attributes.get("href") or "" for node in tree.css("a[href]")]
    for address in needed:
        if address not in text:
            yield Flaw(N_("The text part lacks the link %(address)s."), values={"address": address})
        if not any(href.startswith(address) for href in hrefs):
            yield Flaw(N_("The HTML part lacks the link %(address)s."), values={"address": address})


def _of_content(tree: LexborHTMLParser, html: str) -> Iterator[Flaw]:
    active = sorted({node.tag or "" for node in tree.css(_ACTIVE)})
    if active:
        sentence = N_("The HTML part has what mail programs block or take for an attack: %(tags)s.")
        yield Flaw(sentence, values={"tags": ", ".join(active)})
    if any(_acts(node) for node in tree.css("*")):
        yield Flaw(N_("The HTML part has a script in an attribute."))
    remote = [address for node in tree.css("img, [background]") if (address := _picture(node)) and _is_remote(address)]
    if remote:
        sentence = N_("An image comes from elsewhere and would tell who reads: %(address)s. Attach it instead.")
        yield Flaw(sentence, values={"address": remote[0]})
    if tree.css_first("link") is not None or _REMOTE_STYLE.search(html):
        yield Flaw(N_("A style, font or background comes from elsewhere and would tell who reads when."))


def _of_access(tree: LexborHTMLParser) -> Iterator[Flaw]:
    page = tree.css_first("html")
    if page is None or not page.attributes.get("lang"):
        yield Flaw(N_("The HTML part does not say its language (lang): screen readers guess."), grave=False)
    if any("alt" not in node.attributes for node in tree.css("img")):
        yield Flaw(N_("An image has no alternative text (alt)."), grave=False)


def _of_text(text: str, tree: LexborHTMLParser) -> Iterator[Flaw]:
    if any(len(line) > WIDTH and " " in line.strip() for line in text.split("\n")):
        sentence = N_("A line of the text part is longer than %(width)s characters.")
        yield Flaw(sentence, grave=False, values={"width": WIDTH})
    lacking = missing_in_text(text, tree)
    if lacking:
        sentence = N_("The text part does not say all that the HTML part says: %(samples)s.")
        yield Flaw(sentence, grave=False, values={"samples": " | ".join(lacking[:_SAMPLES])})


def missing_in_text(text: str, tree: LexborHTMLParser) -> list[str]:
    """Return the words and addresses of the HTML part that the text part lacks, in reading order."""
    said = _folded(text)
    for node in tree.css(_UNSEEN):
        node.decompose()
    body = tree.body
    if body is None:
        return []
    words = [piece for piece in body.text(separator="\n").split("\n") if re.search(r"\w", piece)]
    links = [node.attributes.get("href") or "" for node in body.css("a[href]")]
    lacking = [piece.strip() for piece in words if _folded(piece) not in said]
    return lacking + [link for link in links if link and link not in text]


def _folded(text: str) -> str:
    """Return only the letters and figures, in small: line ends, quotes and bullets may differ."""
    return "".join(re.findall(r"\w+", text.casefold()))


def _acts(node: LexborNode) -> bool:
    return any(
        name.startswith("on") or (value or "").strip().lower().startswith(("javascript:", "vbscript:"))
        for name, value in node.attributes.items()
    )


def _picture(node: LexborNode) -> str:
    attributes = node.attributes
    return (attributes.get("src") or attributes.get("srcset") or attributes.get("background") or "").strip()


def _is_remote(address: str) -> bool:
    return not address.lower().startswith(("cid:", "data:"))

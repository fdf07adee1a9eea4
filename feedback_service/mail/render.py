"""Rendering of mails: plain Jinja2, without a web request; the HTML part gets its CSS inlined.

A shop's own templates win over ours, unless they fail: then the mail goes out by ours, and says why.
"""

import dataclasses
import linecache
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import css_inline
import jinja2
import structlog

from feedback_service.links import Links
from feedback_service.mail.wrapping import wrapped
from feedback_service.shops.look import PLAIN
from feedback_service.templating import environment

if TYPE_CHECKING:
    from feedback_service.mail.flaws import Flaw

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
# All white space but the no-break spaces of French typography: a header has one line.
_BREAKING_SPACE = re.compile(r"[^\S\u00a0\u202f]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_LONGEST_REASON = 300

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words: one line of subject, a full text part, an HTML part.

    `own_failed` says why the shop's own templates were not used where they should have been.
    """

    subject: str
    text: str
    html: str
    own_failed: str = ""


class OwnTemplateError(Exception):
    """What an own template gave cannot be sent; the sentence says why."""


class Renderer:
    """Renders the templates of `folders` (the first that has one wins) in any language we have.

    The last folder holds ours; the ones before are the shop's own.
    """

    def __init__(self, folders: tuple[Path, ...], links: Links) -> None:
        self.folders = folders
        self._links = links
        self.environment_of = cache(self._make_environment)

    def render(self, template: str, language: str, time_zone: str, context: Mapping[str, Any]) -> Rendered:
        """Render `mail/<template>/{subject.txt,body.txt,body.html}`; an undefined name of ours is an error."""
        if not self.has_own():
            return self.render_by(self.folders[-1:], template, language, time_zone, context)
        try:
            return self.render_own(template, language, time_zone, context)
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever it is that somebody wrote: a mail must not wait for it.
            why = reason(error)
            rendered = self.render_by(self.folders[-1:], template, language, time_zone, context)
            log.error("own template not used", template=template, language=language, why=why)  # noqa: TRY400 - the reason says it; a traceback would show a customer's data
            return dataclasses.replace(rendered, own_failed=why)

    def render_own(self, template: str, language: str, time_zone: str, context: Mapping[str, Any]) -> Rendered:
        """Render by the own templates where there are some, and raise whatever keeps the result from being sent."""
        rendered = self.render_by(self.folders, template, language, time_zone, context)
        grave = [flaw.sentence for flaw in self.flaws(rendered, context) if flaw.grave]
        if grave:
            raise OwnTemplateError(" ".join(grave))
        return rendered

    def has_own(self) -> bool:
        """Tell whether the shop has mail templates of its own."""
        return any((folder / "mail").is_dir() for folder in self.folders[:-1])

    def flaws(self, rendered: Rendered, context: Mapping[str, Any]) -> "list[Flaw]":
        """Return what is wrong with a mail; one that carries a token must lead to its survey and its objection."""
        from feedback_service.mail.flaws import flaws

        token = context.get("token")
        needed = (self._links.survey(token), self._links.unsubscribe(token)) if token else ()
        return flaws(rendered.subject, rendered.text, rendered.html, needed)

    def render_by(
        self, folders: tuple[Path, ...], template: str, language: str, time_zone: str, context: Mapping[str, Any]
    ) -> Rendered:
        """Render by the templates of `folders` alone."""
        made = self.environment_of(folders, language, time_zone)
        context = {"look": PLAIN, **context}

        def part(name: str) -> str:
            return made.get_template(f"mail/{template}/{name}").render(context)

        subject = _BREAKING_SPACE.sub(" ", part("subject.txt")).strip()
        text = wrapped(_EMPTY_LINES.sub("\n\n", part("body.txt").strip()))
        return Rendered(subject, text + "\n", _INLINER.inline(part("body.html")))

    def _make_environment(self, folders: tuple[Path, ...], language: str, time_zone: str) -> jinja2.Environment:
        return environment(folders, language, time_zone, links=self._links)


def reason(error: Exception) -> str:
    """Return why a template failed, and where; nothing that the mail's own data may have put into the words."""
    place, source = _place(error)
    match error:
        case jinja2.TemplateSyntaxError():
            why = f"{error.name or 'a template'}, line {error.lineno}: {error.message}"
        case jinja2.UndefinedError() if not _is_written(str(error), source):
            why = f"{place}UndefinedError"
        case jinja2.TemplateError() | OwnTemplateError():
            why = f"{place}{error}"
        case _:
            why = f"{place}{type(error).__name__}"
    return why[:_LONGEST_REASON]


def _is_written(sentence: str, source: str) -> bool:
    """Tell whether the name that is missing stands in the template itself: else it came with the data."""
    return all(name in source for name in re.findall(r"'(\w[^' ]*)'", sentence))


def _place(error: Exception) -> tuple[str, str]:
    """Return the last place in a template that the error came through, and its line; '' if it came through none."""
    place, source, trace = "", "", error.__traceback__
    while trace:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith((".txt", ".html")):
            place = f"{'/'.join(Path(name).parts[-3:])}, line {trace.tb_lineno}: "
            linecache.checkcache(name)
            source = linecache.getline(name, trace.tb_lineno)
        trace = trace.tb_next
    return place, source

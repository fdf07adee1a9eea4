"""Rendering of mails: plain Jinja2, without a web request; the HTML part gets its CSS inlined.

A shop's own templates win over ours, unless they fail: then the mail goes out by ours, and says why.
"""

import dataclasses
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
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

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words: one line of subject, a full text part, an HTML part.

    `own_failed` says why the shop's own templates were not used where they should have been; empty where they were.
    """

    subject: str
    text: str
    html: str
    own_failed: "tuple[Flaw, ...]" = ()


class Renderer:
    """Renders the templates of `folders` (the first that has one wins) in any language we have.

    The last folder holds ours; the ones before are the shop's own.
    """

    def __init__(self, folders: tuple[Path, ...], links: Links) -> None:
        self.folders = folders
        self._links = links
        self._endless: dict[str, tuple[tuple[object, ...], tuple[Flaw, ...]]] = {}
        self.environment_of = cache(self._make_environment)

    def render(self, template: str, language: str, time_zone: str, context: Mapping[str, Any]) -> Rendered:
        """Render `mail/<template>/{subject.txt,body.txt,body.html}`; an undefined name of ours is an error."""
        if not self.has_own():
            return self.render_by(self.folders[-1:], template, language, time_zone, context)
        failed = self._known_to_fail(template)
        if not failed:
            try:
                return self.render_own(template, language, time_zone, context)
            except Exception as error:  # noqa: BLE001 - whatever it is that somebody wrote: a mail must not wait for it
                failed = self._failed(template, language, error)
        rendered = self.render_by(self.folders[-1:], template, language, time_zone, context)
        return dataclasses.replace(rendered, own_failed=failed)

    def render_own(self, template: str, language: str, time_zone: str, context: Mapping[str, Any]) -> Rendered:
        """Render by the own templates where there are some, and raise whatever keeps the result from being sent."""
        from feedback_service.mail.failing import OwnTemplateError

        rendered = self.render_by(self.folders, template, language, time_zone, context)
        grave = [flaw for flaw in self.flaws(rendered, context) if flaw.grave]
        if grave:
            raise OwnTemplateError(*grave)
        return rendered

    def _failed(self, template: str, language: str, error: Exception) -> "tuple[Flaw, ...]":
        from feedback_service.mail.bounds import TooMuchError
        from feedback_service.mail.failing import reasons

        failed = reasons(error)
        if isinstance(error, TooMuchError | RecursionError):
            self._endless[template] = (self._own_state(), failed)
        why = " ".join(flaw.sentence for flaw in failed)
        # The reason says it; a traceback would show a customer's data.
        log.error("own template not used", template=template, language=language, why=why)
        return failed

    def _known_to_fail(self, template: str) -> "tuple[Flaw, ...]":
        """Return why a template has not come to its end, if no own file was changed since: every mail would wait."""
        state, failed = self._endless.get(template, ((), ()))
        return failed if failed and state == self._own_state() else ()

    def _own_state(self) -> tuple[object, ...]:
        files = (path for folder in self.folders[:-1] for path in sorted((folder / "mail").rglob("*")))
        found = ((path, path.stat()) for path in files if path.is_file())
        return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in found)

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
            with self._within_bounds(folders):
                return made.get_template(f"mail/{template}/{name}").render(context)

        subject = _BREAKING_SPACE.sub(" ", part("subject.txt")).strip()
        text = wrapped(_EMPTY_LINES.sub("\n\n", part("body.txt").strip()))
        return Rendered(subject, text + "\n", _INLINER.inline(part("body.html")))

    def _make_environment(self, folders: tuple[Path, ...], language: str, time_zone: str) -> jinja2.Environment:
        if not self._are_ours(folders):
            from feedback_service.mail.bounds import BoundedEnvironment, SmallFiles

            return environment(SmallFiles(folders), language, time_zone, BoundedEnvironment, links=self._links)
        return environment(jinja2.FileSystemLoader(folders), language, time_zone, links=self._links)

    def _within_bounds(self, folders: tuple[Path, ...]) -> AbstractContextManager[None]:
        if self._are_ours(folders):
            return nullcontext()
        from feedback_service.mail.bounds import within_bounds

        return within_bounds()

    def _are_ours(self, folders: tuple[Path, ...]) -> bool:
        return folders == self.folders[-1:]

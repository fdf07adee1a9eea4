"""Rendering of mails: plain Jinja2, without a web request; the HTML part gets its CSS inlined."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
import jinja2

from feedback_service.links import Links
from feedback_service.templating import environment

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
# All white space but the no-break spaces of French typography: a header has one line.
_BREAKING_SPACE = re.compile(r"[^\S\u00a0\u202f]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words: one line of subject, a full text part, an HTML part."""

    subject: str
    text: str
    html: str


class Renderer:
    """Renders the templates of `folders` (the first that has one wins) in any language we have."""

    def __init__(self, folders: tuple[Path, ...], links: Links) -> None:
        self._folders = folders
        self._links = links
        self._environment = cache(self._make_environment)

    def render(self, template: str, language: str, time_zone: str, context: Mapping[str, Any]) -> Rendered:
        """Render `mail/<template>/{subject.txt,body.txt,body.html}`; an undefined name is an error."""
        made = self._environment(language, time_zone)

        def part(name: str) -> str:
            return made.get_template(f"mail/{template}/{name}").render(context)

        subject = _BREAKING_SPACE.sub(" ", part("subject.txt")).strip()
        return Rendered(subject, part("body.txt").strip() + "\n", _INLINER.inline(part("body.html")))

    def _make_environment(self, language: str, time_zone: str) -> jinja2.Environment:
        return environment(self._folders, language, time_zone, links=self._links)

"""Rendering of mails: plain Jinja2, without a web request; the HTML part gets its CSS inlined."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import css_inline
import jinja2

from feedback_service import formats, i18n
from feedback_service.formats import zone
from feedback_service.links import Links

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
        environment = self._environment(language, time_zone)

        def part(name: str) -> str:
            return environment.get_template(f"mail/{template}/{name}").render(context)

        subject = _BREAKING_SPACE.sub(" ", part("subject.txt")).strip()
        return Rendered(subject, part("body.txt").strip() + "\n", _INLINER.inline(part("body.html")))

    def _make_environment(self, language: str, time_zone: str) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._folders),
            autoescape=jinja2.select_autoescape(enabled_extensions=("html",), default=False),
            extensions=["jinja2.ext.i18n"],
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {"links": self._links, "language": language}
        environment.filters |= filters(language, time_zone)
        return environment


def filters(language: str, time_zone: str) -> dict[str, Any]:
    """Return the formatting filters of templates: day, moment, number, percent, money."""
    tz = zone(time_zone)
    return {
        "day": partial(formats.day, language=language, tz=tz),
        "moment": partial(formats.moment, language=language, tz=tz),
        "number": partial(formats.number, language=language),
        "percent": partial(formats.percent, language=language),
        "money": partial(formats.money, language=language),
    }

"""The check of a shop's own mail templates before they are used: every mail in every language, with sample data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
from jinja2 import meta

from feedback_service.i18n import N_
from feedback_service.mail.bounds import LARGEST_FILE
from feedback_service.mail.failing import reasons
from feedback_service.mail.flaws import Flaw
from feedback_service.mail.letters import HTML_LIMIT, Letter
from feedback_service.mail.models import Audience
from feedback_service.mail.render import Renderer
from feedback_service.shops.look import PLAIN, look_of

PARTS = ("subject.txt", "body.txt", "body.html")
_TOO_LARGE = N_("The file has more than %(bytes)s bytes.")
_ALWAYS = frozenset({"self", "super", "caller", "shop", "look"})


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found about one mail in one language; `size` is that of its HTML part in bytes."""

    template: str
    language: str
    size: int
    flaws: tuple[Flaw, ...]

    @property
    def is_grave(self) -> bool:
        """Tell whether the mail would go out by our template instead."""
        return any(flaw.grave for flaw in self.flaws)


def check(renderer: Renderer, letters: Iterable[Letter]) -> Iterator[Report]:
    """Render each letter by the own templates where there are some, and judge what comes out."""
    for letter in letters:
        look = look_of(letter.shop) if letter.audience is Audience.CUSTOMER else PLAIN
        context = {"shop": letter.shop, "look": look, **letter.context}
        try:
            rendered = renderer.render_by(
                renderer.folders, letter.template, letter.language, letter.shop.time_zone, context
            )
            found = (len(rendered.html.encode()), tuple(renderer.flaws(rendered, context)))
        except Exception as error:  # noqa: BLE001 - whatever somebody wrote into a template
            found = (0, reasons(error))
        yield Report(letter.template, letter.language, *found)


def check_files(renderer: Renderer, letters: Iterable[Letter]) -> Iterator[tuple[str, Flaw]]:
    """Yield what is wrong with the own files themselves, wherever in them it stands, each with its path.

    Rendering shows only what the sample data lead to; a name that stands in a branch they do not take is found here.
    """
    names = frozenset().union(*(letter.context for letter in letters))
    ours = set(_files(renderer.folders[-1]))
    for folder in renderer.folders[:-1]:
        for path in _files(folder):
            if path not in ours and path.rpartition("/")[2] in PARTS:
                yield path, Flaw(N_("No mail of the service has this name: the file is never used."), grave=False)
            yield from ((path, flaw) for flaw in _in_source(renderer, folder / path, names))


def own_files(renderer: Renderer) -> list[str]:
    """Return the shop's own mail templates, as paths below `templates`."""
    return sorted(path for folder in renderer.folders[:-1] for path in _files(folder))


def _files(folder: Path) -> list[str]:
    found = (path for path in sorted((folder / "mail").rglob("*")) if path.is_file())
    return [path.relative_to(folder).as_posix() for path in found]


def _in_source(renderer: Renderer, path: Path, names: frozenset[str]) -> Iterator[Flaw]:
    made = renderer.environment_of(renderer.folders, "en", "UTC")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        yield Flaw(_TOO_LARGE, values={"bytes": LARGEST_FILE})
        return
    try:
        source = path.read_text(encoding="utf-8")
        asked = meta.find_undeclared_variables(made.parse(source, filename=str(path)))
    except (jinja2.TemplateError, UnicodeDecodeError, RecursionError) as error:
        yield from reasons(error)
        return
    unknown = sorted(asked - names - _ALWAYS - made.globals.keys())
    if unknown:
        yield Flaw(N_("No mail has these names: %(names)s."), values={"names": ", ".join(unknown)})
    if size >= HTML_LIMIT:
        yield Flaw(_TOO_LARGE, grave=False, values={"bytes": HTML_LIMIT})

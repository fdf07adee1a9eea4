"""Templates in any language, for pages and mails alike: plain Jinja2, with or without a web request.

A text is written in the language of its reader, which is not a property of the request: a customer reads in the
language of the order, a member of staff in that of the account.
"""

from functools import partial
from typing import Any

import jinja2

from feedback_service import formats, i18n


def environment(
    loader: jinja2.BaseLoader,
    language: str,
    time_zone: str,
    kind: type[jinja2.Environment] = jinja2.Environment,
    **names: object,
) -> jinja2.Environment:
    """Return the environment of the templates that `loader` finds, for readers of `language`.

    Templates may use `_()`, `ngettext()` and `{% trans %}`, the filters day, moment, number, counted, percent and money
    (instants in `time_zone`), `language` and `names`. HTML is escaped; an undefined name is an error.
    """
    made = kind(
        loader=loader,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html",), default=False),
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    made.globals |= {"language": language, **names}
    made.filters |= _filters(language, time_zone)
    return made


def _filters(language: str, time_zone: str) -> dict[str, Any]:
    tz = formats.zone(time_zone)
    return {
        "day": partial(formats.day, language=language, tz=tz),
        "moment": partial(formats.moment, language=language, tz=tz),
        "number": partial(formats.number, language=language),
        "counted": partial(formats.Count, language=language),
        "percent": partial(formats.percent, language=language),
        "money": partial(formats.money, language=language),
    }

"""Pages in any language: one cached Jinja2 environment per language and time zone, as the mails have.

A page is rendered in the language of its reader, which is not a property of the request: a customer
reads in the language of the order, a member of staff in that of the account. So Flask's own
environment, which has one language, is not used.
"""

from functools import cache

import jinja2

from feedback_service import i18n, paths
from feedback_service.hashing import content_digest
from feedback_service.mail.render import filters

STATIC_URL = "/static"


@cache
def static(name: str) -> str:
    """Return the address of a file below `feedback_service/static`, such as 'customer.css'.

    It carries a digest of the contents, so that a browser may keep the file for good and still sees
    the next release. The application serves the folder at `STATIC_URL` (Flask's default).
    """
    contents = (paths.STATIC / name).read_bytes()
    return f"{STATIC_URL}/{name}?v={content_digest(contents.hex())[:12]}"


def render(template: str, language: str, *, time_zone: str = "UTC", **context: object) -> str:
    """Render a template below `templates/` for a reader of `language`.

    Templates may use `_()`, `ngettext()` and `{% trans %}`, the filters day, moment, number, percent and
    money (instants in `time_zone`), `static(name)` and `language`. HTML is escaped; an undefined name is
    an error.
    """
    return _environment(language, time_zone).get_template(template).render(context)


@cache
def _environment(language: str, time_zone: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.templates_folder()),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html", "svg", "xml"), default=False),
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"language": language, "static": static}
    environment.filters |= filters(language, time_zone)
    return environment

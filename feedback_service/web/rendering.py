"""Pages in any language: one cached environment per language and time zone, as the mails have.

Flask's own environment, which has one language for all readers, is not used.
"""

from functools import cache

import jinja2

from feedback_service import paths
from feedback_service.hashing import content_digest
from feedback_service.templating import environment

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

    Templates may use what `templating.environment` gives, and `static(name)`.
    """
    return _environment(language, time_zone).get_template(template).render(context)


@cache
def _environment(language: str, time_zone: str) -> jinja2.Environment:
    return environment(jinja2.FileSystemLoader(paths.templates_folder()), language, time_zone, static=static)

"""Where the package finds its own files, in a checkout and in an installed wheel."""

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
MIGRATIONS = PACKAGE / "migrations"
STATIC = PACKAGE / "static"
TRANSLATIONS = PACKAGE / "translations"


@cache
def templates_folder() -> Path:
    """Return the templates' folder: inside the package in a wheel, beside it in a checkout."""
    installed = PACKAGE / "templates"
    return installed if installed.is_dir() else PACKAGE.parent / "templates"

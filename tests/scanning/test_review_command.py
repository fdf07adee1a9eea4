"""`import reviews`, as a person at a terminal meets it, on the real services."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from feedback_service.cli import cli
from feedback_service.db import Database
from feedback_service.mentions.models import Mention
from feedback_service.sentiment.judgement import Label
from feedback_service.sources.models import Source, SourceKind
from tests.scanning.steps import count
from tests.support.builders import make_shop
from tests.support.environment import installation

__all__ = ["installation"]

ROWS = (
    "Note;Commentaire;Auteur;Date\n"
    "1;Colis jamais reçu, aucun remboursement, une honte !;Marie Dupont;02/11/2026\n"
    "5;Très belle lampe, livraison rapide.;Paul;03/11/2026\n"
)
MAP = """
delimiter = ";"
date_format = "%d/%m/%Y"

[reviews.columns]
rating = "Note"
text = "Commentaire"
author = "Auteur"
published_at = "Date"
"""


@pytest.fixture
def database_with_shop(installation: Database) -> Iterator[Database]:
    """An installation with one shop."""
    with installation.writing() as session:
        make_shop(session)
    yield installation
    structlog.reset_defaults()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def written(folder: Path, rows: str = ROWS) -> list[str]:
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    (folder / "avis.csv").write_text(rows, encoding="utf-8")
    return [str(folder / "avis.csv"), "--map", str(folder / "map.toml")]


def test_reviews_come_in_and_are_judged(database_with_shop: Database, tmp_path: Path) -> None:
    result = run("import", "reviews", *written(tmp_path), "--source", "Avis du site")
    assert result.exit_code == 0
    assert result.stdout == "Rows read: 2.\nReviews: 2 new, 0 known.\nAbout the shop, of the new ones: 2.\n"
    with database_with_shop.reading() as session:
        (source,) = session.query(Source)
        assert (source.kind, source.url, source.due_at) == (SourceKind.PUSHED, "pushed:Avis du site", None)
        assert {mention.label for mention in session.query(Mention)} == {Label.NEGATIVE, Label.POSITIVE}
    assert run("import", "reviews", *written(tmp_path), "--source", "Avis du site").stdout == (
        "Rows read: 2.\nReviews: 0 new, 2 known.\n"
    )
    assert "pushed:Avis du site" in run("source", "list").stdout
    assert "0 sources read." in run("scan", "--all").stdout


def test_a_dry_run_says_so(database_with_shop: Database, tmp_path: Path) -> None:
    result = run("import", "reviews", *written(tmp_path), "--dry-run")
    assert result.stdout.startswith("Dry run, nothing is changed.")
    assert count(database_with_shop, Source) == 0


@pytest.mark.usefixtures("database_with_shop")
def test_a_bad_row_is_told_and_the_exit_status_is_1(tmp_path: Path) -> None:
    result = run("import", "reviews", *written(tmp_path, ROWS + "3;Moyen;Zoé;bientôt\n"))
    assert result.exit_code == 1
    assert result.stderr.startswith("line 4: published_at: 'bientôt' is not a date of the form '%d/%m/%Y'")
    assert "Problems, told one by one (those rows are left out): 1." in result.stdout


@pytest.mark.usefixtures("database_with_shop")
def test_a_paused_import_cannot_be_resumed(tmp_path: Path) -> None:
    run("import", "reviews", *written(tmp_path))
    result = CliRunner().invoke(cli, ["source", "resume", "1"])
    assert "pushed or imported" in str(result.exception)

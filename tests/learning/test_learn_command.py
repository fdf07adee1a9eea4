"""`feedback-service learn`: figures in words or as JSON, also where there is too little to learn from."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from feedback_service.cli import cli
from feedback_service.db import Database
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.learning.desk import model_of
from tests.support.builders import make_shop
from tests.support.lessons import add_answers

DOCS = Path(__file__).resolve().parents[2] / "docs"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["learn", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def as_json(*arguments: str) -> dict[str, Any]:
    found = json.loads(run("--json", *arguments))
    assert isinstance(found, dict)
    return found


def shop_with_answers(database: Database, count: int = 80) -> int:
    with database.writing() as session:
        shop = make_shop(session)
        add_answers(session, shop, count)
        return shop.id


def test_a_shop_learns_and_the_figures_are_printed_in_words(installation: Database) -> None:
    shop_with_answers(installation)
    told = run()
    assert told.startswith("Atelier Lumen\n")
    assert "Yes. With them the service judged better" in told
    assert "Texts learned from: 80 (at least 60 are needed)" in told
    assert "Complaints among them: 40 (at least 12 are needed)" in told
    assert re.search(r"As for every shop: \d+\.\d\n *With your own texts: \d+\.\d\n", told)


def test_too_few_texts_are_no_failure_and_are_counted(installation: Database) -> None:
    shop_with_answers(installation, 7)
    told = run()
    assert "Not yet: there are too few texts." in told
    assert "Texts learned from: 7 (at least 60 are needed)" in told
    assert "Logarithmic loss" not in told


def test_the_keys_of_the_json_stay_and_are_documented(installation: Database) -> None:
    shop_with_answers(installation)
    found = as_json()
    assert list(found) == [
        "shop", "state", "is_used", "is_on", "lessons", "negatives", "lessons_needed", "of_each_kind_needed",
        "learned_at", "learns_again_at", "base_auc", "auc", "base_loss", "loss",
    ]  # fmt: skip
    assert (found["shop"], found["state"], found["is_used"], found["lessons"]) == ("atelier", "used", True, 80)
    assert found["auc"] > found["base_auc"]
    documented = (DOCS / "learning.md").read_text(encoding="utf-8")
    assert [key for key in found if f"`{key}`" not in documented] == []


def test_it_is_switched_off_and_on_and_deleted(installation: Database) -> None:
    shop_id = shop_with_answers(installation)
    run()
    off = as_json("--off")
    assert (off["state"], off["is_used"], off["lessons"]) == ("off", False, 80)
    assert off["learns_again_at"]
    assert as_json("--on")["state"] == "used"
    gone = as_json("--delete")
    assert (gone["state"], gone["lessons"], gone["auc"], gone["learned_at"]) == ("off", 0, None, None)
    assert gone["learns_again_at"] is None
    with installation.reading() as session:
        assert model_of(session, shop_id).weights is None
    assert "No: it is switched off." in run("--off")


@pytest.mark.parametrize("switch", ["--on", "--off"])
def test_deleting_goes_alone(installation: Database, switch: str) -> None:
    shop_with_answers(installation, 1)
    with pytest.raises(InvalidInputError):
        run("--delete", switch)


def test_the_shop_is_named_where_there_are_several(installation: Database) -> None:
    shop_with_answers(installation, 3)
    with installation.writing() as session:
        make_shop(session, "other")
    with pytest.raises(InvalidInputError, match="--shop"):
        run()
    assert as_json("--shop", "atelier")["lessons"] == 3
    assert as_json("--shop", "other")["lessons"] == 0
    with pytest.raises(NotFoundError):
        run("--shop", "nowhere")

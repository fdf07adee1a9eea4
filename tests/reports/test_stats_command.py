"""`feedback-service stats`: stable keys, a readable table, and the figures of the real slice."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedback_service.cli import cli
from feedback_service.db import Database
from tests.support.builders import make_order, make_return, make_shop

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
KEYS = [
    "shop",
    "from",
    "until",
    "at",
    "orders",
    "returns",
    "returns_of_unknown_order",
    "returns_rejected",
    "returned_orders",
    "units_sold",
    "units_returned",
    "currency",
    "gross_sales",
    "value_returned",
    "orders_in_other_currencies",
    "return_rate_orders",
    "return_rate_orders_interval",
    "return_rate_units",
    "return_rate_units_interval",
    "return_rate_value",
    "return_rate_value_interval",
    "return_rate_cohort",
    "main_reason",
    "main_reason_tied",
    "main_reason_share",
    "unknown_reason_share",
    "reasons",
    "answers",
    "ratings",
    "csat",
    "ces",
    "ces_mean",
    "surveys_sent",
    "surveys_answered",
    "response_rate",
    "nps",
    "mentions",
    "mentions_of_first_scan",
    "positive_mentions",
    "negative_mentions",
    "net_sentiment",
    "negative_stories",
    "stories_waiting",
    "time_to_detect",
    "time_to_detect_from_fetch",
    "time_to_acknowledge",
    "sources",
    "sources_lost",
]


def _stats(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(cli, ["stats", "--json", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_the_keys_stay_and_are_documented(installation: Database) -> None:
    with installation.writing() as session:
        make_shop(session)
    assert list(_stats()) == KEYS
    documented = (EXAMPLES.parent / "figures.md").read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}`" not in documented] == []


def test_days_are_the_shops_days(installation: Database) -> None:
    with installation.writing() as session:
        shop = make_shop(session)
        late_on_the_first_in_paris = datetime(2026, 11, 1, 22, 30, tzinfo=UTC)
        order = make_order(session, shop, ordered_at=late_on_the_first_in_paris)
        make_return(session, shop, order, requested_at=datetime(2026, 11, 1, 23, 30, tzinfo=UTC))
    found = _stats("--from", "2026-11-01", "--until", "2026-11-02")
    assert (found["from"], found["until"]) == ("2026-10-31T23:00:00+00:00", "2026-11-01T23:00:00+00:00")
    assert (found["orders"], found["returns"]) == (1, 0)


def test_a_period_that_ends_before_it_begins_is_refused(installation: Database) -> None:
    with installation.writing() as session:
        make_shop(session)
    result = CliRunner().invoke(cli, ["stats", "--from", "2026-11-02", "--until", "2026-11-02"])
    assert "before --until" in str(result.exception)


def test_without_json_the_figures_are_sentences_and_tables(installation: Database) -> None:
    with installation.writing() as session:
        shop = make_shop(session)
        for number in range(20):
            order = make_order(session, shop, f"AL-{number}")
            if number < 3:
                make_return(session, shop, order, external_id=f"R-{number}")
    result = CliRunner().invoke(cli, ["stats"], catch_exceptions=False)
    assert "15% of orders came back: 3 of 20 (95% interval 5–36%)." in result.stdout
    assert "Faulty or not working" in result.stdout


@pytest.mark.shared
@pytest.mark.slow
def test_the_real_slice_gives_the_known_figures(installation: Database, shared: Path) -> None:
    with installation.writing() as session:
        make_shop(session, time_zone="Europe/London", currency="GBP")
    file = shared / "data" / "shop_webhooks" / "datasets" / "uci_online_retail_dec2010_slice.csv"
    for kind in ("orders", "returns"):
        arguments = ["import", kind, str(file), "--map", str(EXAMPLES / "uci_online_retail.toml")]
        result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    found = _stats()
    assert (found["orders"], found["returns"], found["returns_of_unknown_order"]) == (678, 79, 79)
    assert (found["units_returned"], found["units_sold"]) == (11_220, 138_593)
    assert (found["gross_sales"], found["value_returned"]) == (339_876.49, 59_110.01)
    rates = [found[key] for key in ("return_rate_orders", "return_rate_units")]
    assert [round(rate, 4) for rate in rates if isinstance(rate, float)] == [0.1165, 0.081]

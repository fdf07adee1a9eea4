"""`feedback-service import` and `key`, as a person at a terminal meets them."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from feedback_service.cli import cli
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.returns.models import Order
from feedback_service.shops.api_keys import find_key
from feedback_service.shops.models import ApiKey
from tests.returns.conftest import Counter
from tests.support.builders import SECRET, make_shop

ORDERS = "order_id,ordered_at,sku,quantity,unit_price\n"
DOCS = Path(__file__).resolve().parents[2] / "docs"


def _run(counter: Counter, *arguments: str, check: bool = True) -> Result:
    settings = counter.services.settings
    environment = {
        "FEEDBACK_INSTANCE": str(settings.instance),
        "FEEDBACK_DATABASE_URL": settings.database_url,
        "FEEDBACK_SECRET_KEY": SECRET,
    }
    return CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=not check)


def _write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_good_file_ends_with_totals_and_exit_status_0(counter: Counter, tmp_path: Path) -> None:
    result = _run(counter, "import", "orders", _write(tmp_path, ORDERS + "1,2026-11-02,LAMP,2,50.00\n"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert (
        result.stdout == "Rows read: 1.\nOrders: 1 created, 0 updated, 0 unchanged.\nRows that name no customer: 1.\n"
    )


def test_the_files_of_the_documentation_come_in_as_they_stand(counter: Counter) -> None:
    orders = _run(counter, "import", "orders", str(DOCS / "examples" / "orders.csv"))
    returns = _run(counter, "import", "returns", str(DOCS / "examples" / "returns.csv"), "--no-notices")
    assert (orders.exit_code, orders.stdout) == (0, "Rows read: 4.\nOrders: 3 created, 0 updated, 0 unchanged.\n")
    assert (returns.exit_code, returns.stdout.splitlines()[:3]) == (
        0,
        [
            "Rows read: 2.",
            "Returns: 2 created, 0 updated, 0 unchanged.",
            "Rows that name no customer (the order's is taken): 2.",
        ],
    )


def test_bad_rows_go_to_standard_error_and_end_with_exit_status_1(counter: Counter, tmp_path: Path) -> None:
    file = _write(tmp_path, ORDERS + "1,2026-11-02,LAMP,x,50.00\n2,2026-11-02,LAMP,1,50.00\n")
    result = _run(counter, "import", "orders", file)
    assert (result.exit_code, result.stderr) == (1, "line 2: quantity: 'x' is not a whole number\n")
    assert "Orders: 1 created" in result.stdout
    assert counter.count(Order) == 1


def test_a_dry_run_says_so(counter: Counter, tmp_path: Path) -> None:
    result = _run(counter, "import", "orders", "--dry-run", _write(tmp_path, ORDERS + "1,2026-11-02,LAMP,2,50.00\n"))
    assert result.stdout.startswith("Dry run, nothing is changed. This would be done:\n")
    assert counter.count(Order) == 0


def test_returns_import_in_silence_when_asked_to(counter: Counter, tmp_path: Path) -> None:
    text = "return_id,requested_at,refunded_at,email,sku,quantity\nR1,2026-11-16,2026-11-22,a@example.com,LAMP,1\n"
    result = _run(counter, "import", "returns", "--no-notices", _write(tmp_path, text))
    assert result.exit_code == 0
    assert counter.mails() == []


def test_the_encoding_can_be_given_without_a_map(counter: Counter, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes((ORDERS + "é,2026-11-02,LAMP,2,50.00\n").encode("cp1252"))
    with pytest.raises(InvalidInputError, match="--encoding cp1252"):
        _run(counter, "import", "orders", str(path))
    assert _run(counter, "import", "orders", "--encoding", "cp1252", str(path)).exit_code == 0
    with pytest.raises(InvalidInputError, match="not the name of an encoding"):
        _run(counter, "import", "orders", "--encoding", "latin-99", str(path))


def test_with_two_shops_the_shop_must_be_named(counter: Counter, tmp_path: Path) -> None:
    with counter.services.database.writing() as session:
        make_shop(session, "other")
    file = _write(tmp_path, ORDERS + "1,2026-11-02,LAMP,2,50.00\n")
    with pytest.raises(InvalidInputError, match="--shop: atelier, other"):
        _run(counter, "import", "orders", file)
    with pytest.raises(NotFoundError, match="no shop 'nothing'"):
        _run(counter, "import", "orders", "--shop", "nothing", file)
    assert _run(counter, "import", "orders", "--shop", "other", file).exit_code == 0


def test_a_key_is_shown_once_listed_by_its_beginning_and_revoked(counter: Counter) -> None:
    key = _run(counter, "key", "add", "--name", "webshop").stdout.strip()
    assert key.startswith("fsk_")
    with counter.services.database.reading() as session:
        row = find_key(session, key)
        assert row is not None
        assert (row.name, row.shop.slug) == ("webshop", "atelier")
        assert key not in {row.digest, row.prefix}
        assert find_key(session, key + "x") is None
        assert find_key(session, "") is None
    listed = _run(counter, "key", "list").stdout
    assert "webshop" in listed
    assert key not in listed
    assert "refused from now on" in _run(counter, "key", "revoke", key[:10]).stdout
    with counter.services.database.reading() as session:
        assert find_key(session, key) is None
        assert session.scalar(sa.select(sa.func.count()).select_from(ApiKey)) == 1
    assert "revoked" in _run(counter, "key", "list").stdout
    with pytest.raises(NotFoundError, match="no valid key"):
        _run(counter, "key", "revoke", key[:10])

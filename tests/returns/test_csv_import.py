"""CSV: mapped, streamed, good rows kept, bad rows told by line, and what the whole file lacks told at once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from feedback_service.errors import InvalidInputError
from feedback_service.returns.connectors.csv_import import CsvImport, Desk, Kind, Totals
from feedback_service.returns.connectors.csv_map import CsvMap, read_map
from feedback_service.returns.models import Customer, Order, OrderLine, Return, ReturnEvent, ReturnLine, ReturnState
from tests.returns.conftest import Counter
from tests.support.builders import NOW

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/uci_online_retail.toml"
ORDERS = "order_id,ordered_at,sku,quantity,unit_price,product,email,language\n"
RETURNS = "return_id,order,requested_at,received_at,refunded_at,reason,sku,quantity,refund_amount\n"


@dataclass
class Clerk:
    """Who writes a file, imports it, and remembers the complaints."""

    counter: Counter
    folder: Path
    complaints: list[str] = field(default_factory=list)
    dry_run: bool = False

    def file(self, text: str | bytes) -> Path:
        """Write a file."""
        path = self.folder / "export.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def map(self, text: str) -> CsvMap:
        """Write and read a map."""
        path = self.folder / "map.toml"
        path.write_text(text, encoding="utf-8")
        return read_map(path)

    def take(self, text: str | bytes | Path, kind: Kind = Kind.ORDERS, csv_map: str = "") -> Totals:
        """Import a file."""
        self.complaints.clear()
        desk = Desk(
            self.counter.services.database,
            self.counter.services.intake,
            self.counter.shop,
            NOW,
            dry_run=self.dry_run,
            tell=lambda problem: self.complaints.append(str(problem)),
        )
        path = text if isinstance(text, Path) else self.file(text)
        return CsvImport(path, self.map(csv_map), kind).run(desk)

    def refused(self, text: str | bytes, kind: Kind = Kind.ORDERS, csv_map: str = "") -> str:
        """Import a file that cannot be used; return why."""
        with pytest.raises(InvalidInputError) as caught:
            self.take(text, kind, csv_map)
        assert self.counter.count(Order) == 0
        return str(caught.value)

    def lines(self) -> list[tuple[object, ...]]:
        """Return what was stored: order, sku, quantity, price."""
        query = sa.select(Order.external_id, OrderLine.sku, OrderLine.quantity, OrderLine.unit_price)
        with self.counter.services.database.reading() as session:
            return [tuple(row) for row in session.execute(query.join(OrderLine).order_by(OrderLine.id))]


@pytest.fixture
def clerk(counter: Counter, tmp_path: Path) -> Clerk:
    """A clerk of the shop `atelier`."""
    return Clerk(counter, tmp_path)


def test_our_own_format_imports_and_again_changes_nothing(clerk: Clerk) -> None:
    text = ORDERS + "1,2026-11-02,LAMP,2,50.00,Lampe,a@example.com,fr\n1,,CORD,1,10.00,,,\n2,2026-11-03,LAMP,1,50,,,\n"
    totals = clerk.take(text)
    assert (totals.rows, totals.created, totals.problems, totals.rows_without_customer) == (3, 2, 0, 1)
    assert clerk.lines() == [("1", "LAMP", 2, 50), ("1", "CORD", 1, 10), ("2", "LAMP", 1, 50)]
    again = clerk.take(text)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    changed = clerk.take(text.replace("CORD,1", "CORD,3"))
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)


def test_returns_import_with_their_steps(clerk: Clerk) -> None:
    clerk.take(ORDERS + "1,2026-11-02,LAMP,2,50.00,Lampe,a@example.com,fr\n")
    totals = clerk.take(
        RETURNS
        + "R1,1,2026-11-10,2026-11-18,2026-11-22,trop petit,LAMP,1,50.00\n"
        + "R2,9,2026-11-11,,,,LAMP,1,\n"
        + "R3,1,2026-11-12,2026-11-20,,style,LAMP,1,\n",
        Kind.RETURNS,
    )
    assert (totals.created, totals.unknown_orders, totals.flagged, totals.mails) == (3, 1, 0, 2)
    with clerk.counter.services.database.reading() as session:
        rows = session.scalars(sa.select(Return).order_by(Return.external_id)).all()
        assert [row.state for row in rows] == [ReturnState.REFUNDED, ReturnState.REQUESTED, ReturnState.RECEIVED]
        assert [row.reason for row in rows] == ["too_small", "unknown", "style"]
        assert rows[0].refund_amount == Decimal(50)
        assert rows[0].lines[0].unit_price == Decimal(50)
        assert rows[0].requested_at == datetime(2026, 11, 9, 23, tzinfo=UTC)


def test_a_contradiction_of_the_export_is_kept_flagged_and_counted(clerk: Clerk) -> None:
    header = "return_id,requested_at,refunded_at,rejected_at,sku,quantity\n"
    totals = clerk.take(header + "R1,2026-11-10,2026-11-12,2026-11-13,LAMP,1\n", Kind.RETURNS)
    assert (totals.created, totals.flagged, totals.problems) == (1, 1, 0)
    assert clerk.counter.count(ReturnEvent) == 3


def test_bad_rows_are_told_by_line_and_reason_and_the_good_rows_kept(clerk: Clerk) -> None:
    totals = clerk.take(
        ORDERS
        + "1,2026-11-02,LAMP,x,50.00,,,\n"
        + "1,2026-11-02,CORD,1,10.00,,,\n"
        + "2,yesterday,LAMP,1,50.00,,,\n"
        + '3,2026-11-02,LAMP,1,50.00,"two\nlines",,\n'
        + "4,2026-11-02,LAMP\n"
        + ",2026-11-02,,-1,a lot,,nobody,\n"
        + "\n"
        + "5,2026-11-02,LAMP,1,50.00,,nobody,fr\n"
    )
    assert clerk.lines() == [("1", "CORD", 1, 10), ("3", "LAMP", 1, 50), ("5", "LAMP", 1, 50)]
    assert (totals.created, totals.rows) == (3, 7)
    assert set(clerk.complaints) == {
        "line 2: quantity: 'x' is not a whole number",
        "line 4: ordered_at: 'yesterday' is not a date of the form 2026-11-23 or 2026-11-23T14:05",
        "line 7: has 3 cells where the first line names 8 columns",
        "line 8: order_id: is empty",
        "line 8: sku: is empty",
        "line 8: quantity: '-1' is not a number of units (1 or more, 1,000,000 at most)",
        "line 8: unit_price: 'a lot' is not an amount",
        "line 8: email: 'nobody' is not an e-mail address",
        "line 10: email: 'nobody' is not an e-mail address",
    }
    assert totals.problems == len(clerk.complaints) == 9


def test_a_bad_address_costs_the_address_not_the_order(clerk: Clerk) -> None:
    clerk.take(ORDERS + "5,2026-11-02,LAMP,1,50.00,,nobody,fr\n")
    assert (clerk.counter.count(Order), clerk.counter.count(Customer)) == (1, 0)


def test_a_dry_run_tells_everything_and_changes_nothing(clerk: Clerk) -> None:
    clerk.dry_run = True
    totals = clerk.take(ORDERS + "1,2026-11-02,LAMP,1,50.00,,a@example.com,\n2,2026-11-02,LAMP,x,50.00,,,\n")
    assert (totals.created, totals.problems, len(clerk.complaints)) == (1, 1, 1)
    assert (clerk.counter.count(Order), clerk.counter.count(Customer)) == (0, 0)
    returns = clerk.take(RETURNS + "R1,,2026-11-10,,2026-11-22,style,LAMP,1,\n", Kind.RETURNS)
    assert (returns.created, returns.unknown_orders) == (1, 1)
    assert (clerk.counter.count(Return), clerk.counter.mails()) == (0, [])


def test_rows_of_one_order_need_not_stand_together(clerk: Clerk) -> None:
    text = ORDERS + "".join(f"{n % 3},2026-11-02,S{n},1,1.00,,,\n" for n in range(7))
    totals = clerk.take(text)
    assert (totals.created, totals.updated) == (3, 0)
    assert {line[:2] for line in clerk.lines()} == {(str(n % 3), f"S{n}") for n in range(7)}
    assert clerk.take(text).unchanged == 3


def test_many_orders_pass_in_batches(clerk: Clerk) -> None:
    totals = clerk.take(ORDERS + "".join(f"{n},2026-11-02,A,1,1.00,,,\n" for n in range(250)))
    assert (totals.created, clerk.counter.count(Order)) == (250, 250)


def test_an_order_of_too_many_lines_is_told(clerk: Clerk) -> None:
    totals = clerk.take(ORDERS + "1,2026-11-02,A,1,1.00,,,\n" * 5001)
    assert clerk.complaints == ["line 2: 1 has 5001 lines; 5000 at most"]
    assert totals.created == 0


_FRENCH_MAP = """
encoding = "cp1252"
delimiter = ";"
decimal_comma = true
date_format = "%d/%m/%Y %Hh%M"
time_zone = "Europe/Brussels"
[orders.columns]
order_id = "N° commande"
ordered_at = "Date"
sku = "Référence"
product = "Désignation"
quantity = "Quantité"
unit_price = "Prix"
[orders.constants]
currency = "EUR"
language = "fr"
[returns.states]
"Remboursé" = "refunded"
[returns.constants]
state = "Remboursé"
"""
_FRENCH = "N° commande;Date;Référence;Désignation;Quantité;Prix\n1;02/11/2026 10h30;L1;Lampe d’été;2;1 250,50 €\n"


def test_a_french_export_imports_by_its_map(clerk: Clerk) -> None:
    totals = clerk.take(_FRENCH.encode("cp1252"), csv_map=_FRENCH_MAP)
    assert (totals.created, clerk.complaints) == (1, [])
    assert clerk.lines() == [("1", "L1", 2, Decimal("1250.50"))]
    with clerk.counter.services.database.reading() as session:
        order = session.scalars(sa.select(Order)).one()
        assert order.ordered_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
        assert order.lines[0].product == "Lampe d’été"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found_in_the_first_line(clerk: Clerk, delimiter: str) -> None:
    text = (ORDERS + "1,2026-11-02,LAMP,2,50.00,,,\n").replace(",", delimiter)
    assert clerk.take(text).created == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_byte_order_mark_does_not_hide_the_first_column(clerk: Clerk, encoding: str) -> None:
    assert clerk.take((ORDERS + "1,2026-11-02,LAMP,2,50.00,,,\n").encode(encoding)).created == 1


def test_utf_16_imports_when_the_map_says_so(clerk: Clerk) -> None:
    text = ORDERS + "1,2026-11-02,LAMP,2,50.00,,,\n"
    assert clerk.take(text.encode("utf-16"), csv_map='encoding = "utf-16"').created == 1
    assert clerk.take(text.encode("utf-16-le"), csv_map='encoding = "utf-16-le"').unchanged == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (
            (ORDERS + "1,2026-11-02,LAMP,2,50.00,été,,\n").encode("latin-1"),
            "is not UTF-8: line 2 holds the byte 0xE9. It is probably Latin-1 as Windows writes it: set encoding =",
        ),
        (ORDERS.encode("utf-16"), 'is UTF-16: set encoding = "utf-16"'),
        (ORDERS.encode("utf-16-le"), 'is UTF-16: set encoding = "utf-16-le"'),
        (b"order_id,sku,sku\n", "names the column 'sku' twice"),
        (b"order_id,name\n", "lacks the columns: ordered_at, quantity, sku, unit_price. It has: order_id, name."),
        ((ORDERS + '1,2026-11-02,"LAMP' + "x" * 200_000).encode(), "line 2: field larger than field limit"),
        (b"\x00\x01\x02\xff\xfe" * 100, "UTF-8"),
    ],
    ids=["empty", "blank", "Latin-1", "UTF-16", "UTF-16 without mark", "twice", "columns", "open quote", "binary"],
)
def test_a_file_that_cannot_be_used_says_why_and_nothing_is_stored(clerk: Clerk, content: bytes, words: str) -> None:
    assert words in clerk.refused(content)


def test_a_late_bad_byte_is_found_before_anything_is_stored(clerk: Clerk) -> None:
    rows = "".join(f"{n},2026-11-02,A,1,1.00,,,\n" for n in range(3000))
    assert "line 3002 holds the byte 0xE9" in clerk.refused(
        (ORDERS + rows + "é,2026-11-02,A,1,1,,,\n").encode("latin-1")
    )


def test_a_wrong_encoding_in_the_map_is_named(clerk: Clerk) -> None:
    assert "is not ascii" in clerk.refused(ORDERS + "é,2026-11-02,A,1,1,,,\n", csv_map='encoding = "ascii"')


def test_a_file_that_is_not_there_or_is_a_folder_is_told(clerk: Clerk) -> None:
    for path in (clerk.folder / "nothing.csv", clerk.folder):
        with pytest.raises(InvalidInputError, match="cannot be read"):
            clerk.take(path)


def test_a_header_alone_imports_nothing(clerk: Clerk) -> None:
    assert clerk.take(ORDERS).rows == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("decimal_coma = true", "decimal_coma: there is no such key"),
        ("[orders]\nrow = []", "orders.row: there is no such key"),
        ('[orders.columns]\nsku_code = "x"', "there is no field 'sku_code'"),
        ('[orders.columns]\nsku = "a"\n[orders.constants]\nsku = "b"', "only one can be meant"),
        ('[orders.constants]\norder_id = "1"', "order_id"),
        ('encoding = "utf-9"', "'utf-9' is not the name of an encoding"),
        ('time_zone = "Europe/Atlantis"', "is not a time zone"),
        ('delimiter = ";;"', "delimiter"),
        ('[returns.states]\nDone = "finished"', "returns.states.Done"),
        ('[orders]\nrows = [{ column = "a", matches = "(" }]', "is not a regular expression"),
        ("a = ", "is not TOML"),
    ],
)
def test_a_map_with_a_mistake_says_which(clerk: Clerk, text: str, words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        clerk.map(text)
    assert words in str(caught.value)


def test_a_map_that_names_a_column_the_file_lacks_says_so(clerk: Clerk) -> None:
    assert "lacks the columns: Artikel" in clerk.refused(ORDERS, csv_map='[orders.columns]\nsku = "Artikel"')
    test = '[orders]\nrows = [{ column = "Type", matches = "sale" }]'
    assert "lacks the columns: Type" in clerk.refused(ORDERS, csv_map=test)


def test_a_missing_map_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_map(tmp_path / "nothing.toml")


@pytest.mark.parametrize("state", ["refunded", "Refunded", "in transit", "IN-TRANSIT"])
def test_a_state_column_stands_for_the_steps(clerk: Clerk, state: str) -> None:
    clerk.take(f"return_id,requested_at,state,state_at,sku,quantity\nR-1,2026-11-10,{state},,A,1\n", Kind.RETURNS)
    assert clerk.counter.stored().state in {ReturnState.REFUNDED, ReturnState.IN_TRANSIT}


def test_an_unknown_state_is_told(clerk: Clerk) -> None:
    clerk.take("return_id,requested_at,state,sku,quantity\nR1,2026-11-10,lost,A,1\n", Kind.RETURNS)
    assert clerk.complaints[0].startswith("line 2: state: 'lost' is not a state; there are: requested, approved")


@pytest.mark.shared
def test_the_published_slice_of_uci_online_retail_gives_its_published_counts(clerk: Clerk, shared: Path) -> None:
    path = shared / "data/shop_webhooks/datasets/uci_online_retail_dec2010_slice.csv"
    example = EXAMPLE.read_text(encoding="utf-8")
    orders = clerk.take(path, Kind.ORDERS, example)
    assert (orders.rows, orders.created, orders.lines_left_out, orders.other_rows) == (16_985, 678, 45, 183)
    returns = clerk.take(path, Kind.RETURNS, example)
    assert (returns.created, returns.unknown_orders, returns.mails) == (79, 79, 0)
    assert orders.problems == returns.problems == 0
    assert orders.rows_without_customer + returns.rows_without_customer == 6_025
    with clerk.counter.services.database.reading() as session:
        sold = session.scalar(sa.select(sa.func.sum(OrderLine.quantity)))
        back = session.scalar(sa.select(sa.func.sum(ReturnLine.quantity)))
        value = session.scalar(sa.select(sa.func.sum(ReturnLine.quantity * ReturnLine.unit_price)))
        first = session.scalar(sa.select(sa.func.min(Order.ordered_at)))
    assert (sold, back, round(Decimal(value or 0), 2)) == (138_593, 11_220, Decimal("59110.01"))
    assert first == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert (clerk.counter.count(Order), clerk.counter.count(Return)) == (678, 79)
    assert f"{79 / 678:.2%}" == "11.65%"
    assert f"{11_220 / 138_593:.1%}" == "8.1%"
    assert clerk.take(path, Kind.ORDERS, example).unchanged == 678
    assert clerk.take(path, Kind.RETURNS, example).unchanged == 79

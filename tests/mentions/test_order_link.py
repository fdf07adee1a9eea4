"""The order behind a mention."""

import pytest

from feedback_service.db import Database
from feedback_service.mentions.order_link import find_order, order_numbers
from tests.support.builders import make_order, make_shop

PATTERN = r"AL-\d{5}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ma commande AL-10001, puis al-10002.", ("AL-10001", "al-10002")),
        ("n°AL-10001", ("AL-10001",)),
        ("AL-10001 et AL-10001", ("AL-10001",)),
        ("MEAL-10001", ()),
        ("AL-100015", ()),
        ("", ()),
    ],
)
def test_numbers_are_found_as_whole_words(text: str, expected: tuple[str, ...]) -> None:
    assert order_numbers(text, PATTERN) == expected


@pytest.mark.parametrize("pattern", ["", "(", "a{99999999999}", "*"])
def test_a_pattern_that_is_none_finds_nothing(pattern: str) -> None:
    assert order_numbers("AL-10001", pattern) == ()


def test_the_first_number_that_is_an_order_of_this_shop_counts(database: Database) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, "other")
        make_order(session, other, "AL-10001")
        make_order(session, shop, "AL-10002")
        make_order(session, shop, "AL-10003")
        found = find_order(session, shop.id, ("AL-10001", "al-10003", "AL-10002"))
        assert found is not None
        assert found.number == "AL-10003"
        assert find_order(session, shop.id, ()) is None
        assert find_order(session, shop.id, ("AL-99999",)) is None

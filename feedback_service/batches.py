"""Work in pieces: so many rows to a statement or a transaction (`itertools.batched` comes with Python 3.12)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batched(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Yield the items in order, `size` at a time; the last batch may be shorter."""
    rest = iter(items)
    while batch := tuple(islice(rest, size)):
        yield batch

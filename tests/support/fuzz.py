"""Requests that no browser of ours would send, for tests that nothing of it is a fault on our side."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

_ODD = [
    "", " ", "0", "-1", "1", "5", "6", "1e9", "NaN", "²", "٣", "99999999999999999999", "true", "None", "[]", "{}",
    "\0", "a\0b", "\ud800", "\u202e", "é" * 300, "x" * 3000, "%(shop)s", "{{ 7*7 }}", "<b>", "';--", "../..", "own:x",
    "2026-02-30", "24:00", "fr", "xx", "#12", "#ffffff", "a@example.com",
]  # fmt: skip
values = st.sampled_from(_ODD) | st.text(max_size=40) | st.integers().map(str)
TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "application/json",
    "text/plain",
    "",
    "\x7f/;;=",
]


@dataclass(frozen=True, slots=True)
class Sent:
    """A body with its type, and a query."""

    body: bytes
    content_type: str = TYPES[0]
    query: str = ""


_BROKEN = [b"--b\r\n", b"--b\r\nContent-Disposition: form-data\r\n\r\n", b"&" * 3000, b"rating=%", b"rating=%ff%fe"]


def _encoded(pairs: Sequence[tuple[str, str]]) -> str:
    """Encode a form as a browser does, but take letters that no browser could send."""
    return "&".join(
        "=".join(quote_from_bytes(part.encode("utf-8", "surrogatepass")) for part in pair) for pair in pairs
    )


def forms(names: Sequence[str], good: Sequence[tuple[str, str]] = ()) -> st.SearchStrategy[Sent]:
    """Return forms of the named fields, each several times or not at all, and of others, with any values.

    Every second one begins with `good`, so that not all stop at the first thing that is wrong.
    """
    pairs = st.lists(st.tuples(st.sampled_from(names) | st.text(max_size=8), values), max_size=12)
    queries = st.lists(st.tuples(st.sampled_from(["l", "r", "page", "which", "x"]), values), max_size=3)
    return st.builds(
        lambda begin, fields, query: Sent(_encoded([*begin, *fields]).encode(), query=_encoded(query)),
        st.sampled_from([(), tuple(good)]),
        pairs,
        queries,
    )


bodies: st.SearchStrategy[Sent] = st.builds(
    Sent,
    body=st.binary(max_size=300) | st.sampled_from(_BROKEN),
    content_type=st.sampled_from(TYPES),
)
"""Bytes of any kind under any type."""

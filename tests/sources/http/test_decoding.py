"""Packed bodies: unpacked as servers really send them, and bounded (R44)."""

import contextlib
import gzip
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.http.decoding import Body, TooLargeError, UndecodableError, decode

FEED = b'<?xml version="1.0"?><rss><channel/></rss>' + b" " * 500
MEGABYTE = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


SENT = {
    "gzip": (gzip.compress(FEED), "gzip"),
    "x-gzip": (gzip.compress(FEED), "x-gzip"),
    "identity, gzip": (gzip.compress(FEED), "identity, gzip"),
    "gzip that is not said": (gzip.compress(FEED), ""),
    "gzip said to be br": (gzip.compress(FEED), "br"),
    "several members": (gzip.compress(FEED[:20]) + gzip.compress(FEED[20:]), "gzip"),
    "padded with zeros": (gzip.compress(FEED) + bytes(512), "gzip"),
    "packed twice": (gzip.compress(gzip.compress(FEED)), "gzip, gzip"),
    "packed twice, said once": (gzip.compress(gzip.compress(FEED)), "gzip"),
    "said twice, packed once": (gzip.compress(FEED), "gzip, gzip"),
    "deflate": (zlib.compress(FEED), "deflate"),
    "raw deflate": (raw_deflate(FEED), "deflate"),
    "plain said to be gzip": (FEED, "gzip"),
    "plain said to be deflate": (FEED, "deflate"),
    "plain said to be br": (FEED, "br"),
    "plain said to be utf-8": (FEED, "utf-8"),
    "plain said to be none": (FEED, "none"),
    "short and plain": (b"<a/>", "gzip"),
    "nothing": (b"", "gzip"),
}
BROKEN = {
    "brotli": (b"\x1b\x03\x00\x00\x00\x00", "br", "'br', which was not asked for"),
    "zstd": (b"\x28\xb5\x2f\xfd\x00\x00", "zstd", "'zstd', which was not asked for"),
    "gzip cut short": (gzip.compress(FEED)[:-9], "gzip", "ends too early"),
    "second member cut short": (gzip.compress(FEED) + gzip.compress(FEED)[:-9], "gzip", "ends too early"),
    "damaged": (gzip.compress(FEED)[:10] + b"\xff" * 40, "gzip", "damaged"),
    "wrong checksum": (gzip.compress(FEED)[:-8] + bytes(8), "gzip", "damaged"),
    "three times": (gzip.compress(gzip.compress(gzip.compress(FEED))), "gzip", "again and again"),
    "ten thousand members": (gzip.compress(b"") * 10_000, "gzip", "more than 1000 parts"),
    "a name of ten thousand letters": (b"\x00\x01\x02\x03\x04\x05", "br" + " x" * 5000, "not asked for"),
}


def one_by_one(data: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in data]


@pytest.mark.parametrize(("body", "encoding"), SENT.values(), ids=SENT.keys())
def test_what_servers_send_is_unpacked_in_whatever_pieces_it_comes(body: bytes, encoding: str) -> None:
    expected = b"<a/>" if len(body) == 4 else FEED if body else b""
    assert decode([body] if body else [], MEGABYTE, encoding) == expected
    assert decode(one_by_one(body), MEGABYTE, encoding) == expected


@pytest.mark.parametrize(("body", "encoding", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_unpacked_is_said_in_a_short_sentence(body: bytes, encoding: str, words: str) -> None:
    with pytest.raises(UndecodableError, match=words) as caught:
        decode([body], MEGABYTE, encoding)
    assert len(str(caught.value)) < 150


BOMBS = {
    "one member": "gzip.compress(bytes(300_000_000), 6)",
    "many members": "gzip.compress(bytes(1_000_000), 6) * 300",
    "packed twice": "gzip.compress(gzip.compress(bytes(300_000_000), 6))",
    "deflate": "zlib.compress(bytes(300_000_000), 6)",
}
CHILD = """
import gzip, resource, sys, time, zlib
sys.path.insert(0, {path!r})
from feedback_service.sources.http.decoding import Body, TooLargeError
body = open({file!r}, "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
try:
    found = Body(5_000_000, {encoding!r})
    for at in range(0, len(body), 65536):
        found.add(body[at : at + 65536])
    found.finish()
except TooLargeError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time() - began)
"""


@pytest.mark.parametrize(("name", "made"), BOMBS.items(), ids=BOMBS.keys())
def test_a_bomb_of_300_megabytes_costs_little_memory_and_time(
    name: str, made: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Measured in a process of its own, whose peak is its own: `ru_maxrss` is in KiB on Linux."""
    file = tmp_path_factory.mktemp("bomb") / "body"
    make = f"import gzip, zlib; open({str(file)!r}, 'wb').write({made})"
    subprocess.run([sys.executable, "-c", make], check=True)
    encoding = "deflate" if name == "deflate" else "gzip"
    measure = CHILD.format(path=sys.path[0] or ".", file=str(file), encoding=encoding)
    done = subprocess.run([sys.executable, "-c", measure], check=True, capture_output=True, text=True)
    kibibytes, seconds = map(float, done.stdout.split())
    assert kibibytes < 30_000
    assert seconds < 2


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "br", "gzip, deflate", "identity"]))
def test_no_bytes_raise_anything_but_the_two_errors(body: bytes, encoding: str) -> None:
    with contextlib.suppress(TooLargeError, UndecodableError):
        assert len(decode([body], 100, encoding)) <= 100


@given(st.binary(min_size=1, max_size=2000), st.integers(1, 50))
def test_members_and_pieces_make_no_difference(data: bytes, size: int) -> None:
    packed = gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])
    if data.startswith(b"\x1f\x8b"):
        return
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert decode(pieces, MEGABYTE, "gzip") == data


def test_what_was_taken_before_the_cap_is_kept_for_readers_of_beginnings() -> None:
    body = Body(10, "")
    with pytest.raises(TooLargeError):
        body.add(b"0123456789abc")
    assert body.taken() == b"0123456789"

"""Decompression with a cap: a bomb stops at the cap, not when memory does (R44)."""

import zlib
from collections.abc import Iterable

_GZIP_MAGIC = b"\x1f\x8b"
_EITHER_WRAPPER = zlib.MAX_WBITS | 32
_RAW = -zlib.MAX_WBITS
_ZLIB_METHOD = 8


class TooLargeError(Exception):
    """The body is longer than the cap."""


class UndecodableError(Exception):
    """The body is compressed in a way that was not asked for, or is damaged; the message says which."""


class Body:
    """Collects a body of at most `limit` bytes, decompressed; `add` raises `TooLargeError` beyond.

    Whether it is compressed is read from its first bytes: servers say gzip and send plain text, and
    the other way round.
    """

    def __init__(self, limit: int, encoding: str) -> None:
        self._limit = limit
        self._encoding = encoding.strip().lower()
        self._content = bytearray()
        self._head = b""
        self._inflate: zlib._Decompress | None = None
        self._decided = False

    def add(self, chunk: bytes) -> None:
        """Take the next bytes off the wire."""
        if not self._decided:
            self._head += chunk
            if len(self._head) < len(_GZIP_MAGIC):
                return
            chunk = self._head
            self._decide()
        self._take(chunk)

    def finish(self) -> bytes:
        """Return the whole body; raise `UndecodableError` when compressed bytes are missing."""
        if not self._decided:
            self._decided = True
            self._take(self._head)
        if self._inflate and not self._inflate.eof:
            message = "the compressed body ends too early"
            raise UndecodableError(message)
        return bytes(self._content)

    def taken(self) -> bytes:
        """Return what has been read so far, for readers to whom the beginning is enough."""
        return bytes(self._content)

    def _decide(self) -> None:
        self._decided = True
        if self._head.startswith(_GZIP_MAGIC):
            self._inflate = zlib.decompressobj(_EITHER_WRAPPER)
        elif self._encoding == "deflate":
            self._inflate = zlib.decompressobj(_EITHER_WRAPPER if self._head[0] & 0x0F == _ZLIB_METHOD else _RAW)
        elif self._encoding not in {"", "identity", "gzip", "x-gzip"}:
            message = f"the site sent the encoding {self._encoding!r}, which was not asked for"
            raise UndecodableError(message)

    def _take(self, chunk: bytes) -> None:
        room = self._limit - len(self._content)
        if self._inflate is None:
            self._content += chunk[:room]
            if len(chunk) > room:
                raise TooLargeError
            return
        try:
            self._content += self._inflate.decompress(chunk, room + 1)
        except zlib.error as error:
            message = f"the compressed body is damaged: {error}"
            raise UndecodableError(message) from error
        if len(self._content) > self._limit:
            del self._content[self._limit :]
            raise TooLargeError


def decode(chunks: Iterable[bytes], limit: int, encoding: str) -> bytes:
    """Return the body that the chunks carry."""
    body = Body(limit, encoding)
    for chunk in chunks:
        body.add(chunk)
    return body.finish()

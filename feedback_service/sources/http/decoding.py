"""Decompression with a cap: a bomb stops at the cap, not when memory does (R44)."""

import re
import zlib
from collections.abc import Iterable

_GZIP_MAGIC = b"\x1f\x8b"
_EITHER_WRAPPER = zlib.MAX_WBITS | 32
_RAW = -zlib.MAX_WBITS
_ZLIB_METHOD = 8
_HEAD_BYTES = 5
_MOST_MEMBERS = 1000
_LONGEST_NAME = 40
_PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss|feed|rdf|!doct|html)", re.IGNORECASE)
# "utf-8" and "none" stand in the header of real sites, and mean that nothing is packed.
_PACKED = re.compile(r"\b(?:br|brotli|zstd|compress|x-compress|lz4|xz|bzip2|dcb|dcz|aes128gcm|exi|pack200-gzip)\b")


class TooLargeError(Exception):
    """The body is longer than the cap."""


class UndecodableError(Exception):
    """The body is compressed in a way that was not asked for, or is damaged; the message says which."""


class Body:
    """Collects a body of at most `limit` bytes, decompressed; `add` raises `TooLargeError` beyond.

    Whether it is compressed is read from its first bytes: servers say gzip and send plain text, and
    the other way round. Gzip may have several members (RFC 1952, 2.2), and be packed twice.
    """

    def __init__(self, limit: int, encoding: str, *, may_be_packed_twice: bool = True) -> None:
        self._limit = limit
        self._encoding = encoding.strip().lower()
        self._content = bytearray()
        self._head = b""
        self._inflate: zlib._Decompress | None = None
        self._decided = False
        self._members = 1
        self._may_be_packed_twice = may_be_packed_twice

    def add(self, chunk: bytes) -> None:
        """Take the next bytes off the wire."""
        if not self._decided:
            self._head += chunk
            if len(self._head) < _HEAD_BYTES:
                return
            chunk = self._head
            self._decide()
        self._take(chunk)

    def finish(self) -> bytes:
        """Return the whole body; raise `UndecodableError` when compressed bytes are missing."""
        if not self._decided and self._head:
            self._decide()
            self._take(self._head)
        if self._inflate and not self._inflate.eof:
            message = "the compressed body ends too early"
            raise UndecodableError(message)
        if self._inflate and self._content.startswith(_GZIP_MAGIC):
            return self._unpacked_again()
        return bytes(self._content)

    def taken(self) -> bytes:
        """Return what has been read so far, for readers to whom the beginning is enough."""
        return bytes(self._content)

    def _unpacked_again(self) -> bytes:
        if not self._may_be_packed_twice:
            message = "it is packed again and again"
            raise UndecodableError(message)
        inner = Body(self._limit, "gzip", may_be_packed_twice=False)
        inner.add(bytes(self._content))
        return inner.finish()

    def _decide(self) -> None:
        self._decided = True
        if self._head.startswith(_GZIP_MAGIC):
            self._inflate = zlib.decompressobj(_EITHER_WRAPPER)
        elif _PLAIN.match(self._head):
            return
        elif "deflate" in self._encoding:
            self._inflate = zlib.decompressobj(_EITHER_WRAPPER if self._head[0] & 0x0F == _ZLIB_METHOD else _RAW)
        elif _PACKED.search(self._encoding):
            message = f"the site sent the encoding {self._encoding[:_LONGEST_NAME]!r}, which was not asked for"
            raise UndecodableError(message)

    def _take(self, chunk: bytes) -> None:
        if self._inflate is None:
            room = self._limit - len(self._content)
            self._content += chunk[:room]
            if len(chunk) > room:
                raise TooLargeError
            return
        while chunk:
            chunk = self._unpack(self._inflate, chunk)

    def _unpack(self, inflate: "zlib._Decompress", chunk: bytes) -> bytes:
        """Unpack `chunk` and return what of it belongs to the next member."""
        try:
            self._content += inflate.decompress(chunk, self._limit - len(self._content) + 1)
        except zlib.error as error:
            message = f"the compressed body is damaged: {error}"
            raise UndecodableError(message) from error
        if len(self._content) > self._limit:
            del self._content[self._limit :]
            raise TooLargeError
        if not inflate.eof or not inflate.unused_data.startswith(_GZIP_MAGIC):
            # Zeros or rubbish behind the last member are padding, as gzip itself reads them.
            return b""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            message = f"it is packed in more than {_MOST_MEMBERS} parts"
            raise UndecodableError(message)
        self._inflate = zlib.decompressobj(_EITHER_WRAPPER)
        return inflate.unused_data


def decode(chunks: Iterable[bytes], limit: int, encoding: str) -> bytes:
    """Return the body that the chunks carry."""
    body = Body(limit, encoding)
    for chunk in chunks:
        body.add(chunk)
    return body.finish()

"""An answer as it comes off the wire: status, headers, and a body that is read with a cap (R44)."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpcore

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http import decoding
from feedback_service.sources.http.trips import seconds_left

_FREE_PIECES = 100_000
_BYTES_PER_PIECE = 64
_FIRST_SUCCESS, _FIRST_REDIRECT = 200, 300
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to one request, whose body is still on the wire."""

    answer: httpcore.Response

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return self.answer.status

    @property
    def is_success(self) -> bool:
        """Whether the site has taken the request (2xx)."""
        return _FIRST_SUCCESS <= self.status < _FIRST_REDIRECT

    @property
    def is_unchanged(self) -> bool:
        """Whether the site says that nothing has changed; such an answer has no body (RFC 9110, 15.4.5)."""
        return self.status == _NOT_MODIFIED

    def headers(self) -> dict[str, str]:
        """Return the headers by their names in small letters; of several with one name the last."""
        return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.answer.headers}

    def every(self, name: str) -> list[str]:
        """Return what each header of that name says; `name` is in small letters."""
        wanted = name.encode()
        return [_text(value) for key, value in self.answer.headers if key.lower() == wanted]

    def listed(self, name: str) -> str:
        """Return what all headers of that name say: several are one list (RFC 9110, 5.3)."""
        return ", ".join(self.every(name))

    def body(self, url: str, limit: int) -> bytes:
        """Return the body, decompressed; raise `FetchError` (too large) where it is longer than `limit`."""
        try:
            return self._collected(url, decoding.Body(limit, self.listed("content-encoding")))
        except decoding.TooLargeError as error:
            sentence = f"The page is longer than {limit:,} bytes (fetch_max_bytes)."
            raise FetchError(FetchFailure.TOO_LARGE, sentence, url=url) from error

    def beginning(self, url: str, cut_at: int) -> tuple[bytes, bool]:
        """Return the body up to `cut_at` bytes, and whether there is more of it."""
        body = decoding.Body(cut_at, self.listed("content-encoding"))
        try:
            return self._collected(url, body), False
        except decoding.TooLargeError:
            return body.taken(), True

    def _collected(self, url: str, body: decoding.Body) -> bytes:
        try:
            for piece in self._pieces(url):
                body.add(piece)
                seconds_left()
            return body.finish()
        except decoding.UndecodableError as error:
            raise FetchError(FetchFailure.BROKEN, f"The page cannot be unpacked: {error}.", url=url) from error

    def _pieces(self, url: str) -> Iterator[bytes]:
        # A piece costs us the same whether it holds one byte or thousands: a long page of chunks of one byte each
        # would keep a processor busy until the fetch ends.
        came = 0
        for count, piece in enumerate(self.answer.iter_stream()):
            came += len(piece)
            if count > _FREE_PIECES + came // _BYTES_PER_PIECE:
                raise FetchError(FetchFailure.BROKEN, "The page comes in far too many small pieces.", url=url)
            yield piece


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")

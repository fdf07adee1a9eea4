"""The way to the wire: connects to the address that was checked, and keeps one deadline for everything.

httpx gives each read its own timeout, so a server that drips one byte a second never ends; here every
read, write, connect and handshake gets what is left of the fetch. The host name stays in `Host` and
in the TLS handshake: only the connection goes to the number (R44), so a name that changes its answer
between check and use gains nothing.
"""

import contextlib
import ssl
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any, cast

import httpcore
import httpx

from feedback_service.sources.addresses import AddressPolicy, Resolver

_deadline: ContextVar[float] = ContextVar("fetch_deadline")


class DeadlineError(Exception):
    """The fetch has used up its time."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Give everything inside `seconds` in all; then `DeadlineError` or a timeout of httpcore."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """Return the seconds left of the fetch under way; raise `DeadlineError` when there are none."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise DeadlineError
    return left


class _TimedStream(httpcore.NetworkStream):
    """A connection on which every step ends with the fetch."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._stream.read(max_bytes, seconds_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._stream.write(buffer, seconds_left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        del timeout
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds_left()))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the signature is httpcore's
        return self._stream.get_extra_info(info)


class _CheckedBackend(httpcore.NetworkBackend):
    """Resolves once, checks, and connects to a checked number."""

    def __init__(self, policy: AddressPolicy, resolve: Resolver) -> None:
        self._policy = policy
        self._resolve = resolve
        self._wire = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        del timeout
        *others, last = self._policy.addresses(host, port, self._resolve)
        for address in others:
            share = seconds_left() / 2
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return _TimedStream(self._wire.connect_tcp(str(address), port, share, local_address, socket_options))
        return _TimedStream(self._wire.connect_tcp(str(last), port, seconds_left(), local_address, socket_options))


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close:
            close()


class PinnedTransport(httpx.BaseTransport):
    """httpx's way to the wire, through `_CheckedBackend`; raises httpcore's errors as they are."""

    def __init__(self, policy: AddressPolicy, resolve: Resolver) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=15,
            network_backend=_CheckedBackend(policy, resolve),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body of the answer is still on the wire."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore.Request(method=request.method, url=url, headers=request.headers.raw, content=b"")
        )
        stream = cast("Iterable[bytes]", answer.stream)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(stream))

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.close()

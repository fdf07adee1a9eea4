"""The way to the wire: connects to the address that was checked, and keeps one deadline for everything.

httpx gives each read its own timeout, so a server that drips one byte a second never ends; here every
read, write, connect and handshake gets what is left of the fetch. The host name stays in `Host` and
in the TLS handshake: only the connection goes to the number (R44), so a name that changes its answer
between check and use gains nothing.

Every request resolves and checks its host, also where a connection is open already. Connections are kept apart
by the private networks they lead to: one to the intranet is never used for a host that is public now.
"""

import contextlib
import ssl
import threading
from collections.abc import Iterable, Iterator
from typing import Any, cast

import httpcore
import httpx

from feedback_service.sources.addresses import AddressPolicy, Network, Resolver, Route
from feedback_service.sources.trips import DeadlineError, awaiting_head, seconds_left, time_limit, under_way

__all__ = ["DeadlineError", "PinnedTransport", "seconds_left", "time_limit"]

_PORTS = {"http": 80, "https": 443}


class _TimedStream(httpcore.NetworkStream):
    """A connection on which every step ends with the fetch."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        came = self._stream.read(max_bytes, seconds_left())
        under_way().came(len(came))
        return came

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
    """Connects to the checked numbers of the fetch under way, one after the other."""

    def __init__(self) -> None:
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
        trip = under_way()
        trip.has_connected = True
        *others, last = trip.routes[host, port].addresses
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
    """httpx's way to the wire, through `_CheckedBackend`; raises httpcore's errors as they are.

    Args:
        policy: what may be fetched.
        resolve: asks for the addresses of a host.
        trust: whose certificates are believed; those of the public internet unless a test brings its own.
    """

    def __init__(self, policy: AddressPolicy, resolve: Resolver, trust: ssl.SSLContext | None = None) -> None:
        self._policy = policy
        self._resolve = resolve
        self._trust = trust or httpx.create_ssl_context(trust_env=False)
        self._pools: dict[frozenset[Network], httpcore.ConnectionPool] = {}
        self._pools_lock = threading.Lock()

    def admit(self, url: httpx.URL) -> Route:
        """Return where the host of `url` leads in the fetch under way.

        Raises `RefusedAddressError` where that may not be fetched, and `UnknownHostError`.
        """
        host = url.raw_host.decode("ascii")
        port = url.port or _PORTS[url.scheme]
        return under_way().route(host, port, self._policy, self._resolve)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body of the answer is still on the wire."""
        route = self.admit(request.url)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(method=request.method, url=url, headers=request.headers.raw, content=request.read())
        answer = self._sent(self._pool(route), asked)
        stream = cast("Iterable[bytes]", answer.stream)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(stream))

    def _sent(self, pool: httpcore.ConnectionPool, asked: httpcore.Request) -> httpcore.Response:
        """Return the answer; where a connection that stood open has gone bad meanwhile, ask again on a new one.

        Bad is one that the site has closed, and one on which the last answer was longer than it said: what is
        left of that would be taken for the answer to this request.
        """
        while True:
            with awaiting_head() as trip:
                try:
                    answer = pool.handle_request(asked)
                except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                    if trip.has_connected or asked.method != b"GET":
                        raise
                    continue
                if trip.head_bytes or trip.has_connected:
                    return answer
            answer.extensions["network_stream"].close()
            answer.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        with self._pools_lock:
            for pool in self._pools.values():
                pool.close()

    def _pool(self, route: Route) -> httpcore.ConnectionPool:
        with self._pools_lock:
            if route.networks not in self._pools:
                self._pools[route.networks] = httpcore.ConnectionPool(
                    ssl_context=self._trust,
                    max_connections=64,
                    max_keepalive_connections=16,
                    keepalive_expiry=15,
                    network_backend=_CheckedBackend(),
                )
            return self._pools[route.networks]

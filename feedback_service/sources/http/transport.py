"""The way to the wire: connects to the address that was checked, and keeps one deadline for everything.

httpcore gives each read its own timeout, so a server that drips one byte a second never ends; here every
read, write, connect and handshake gets what is left of the fetch. The host name stays in `Host` and
in the TLS handshake: only the connection goes to the number (R44), so a name that changes its answer
between check and use gains nothing.

Every request resolves and checks its host, also where a connection is open already. Connections are kept apart
by the private networks they lead to: one to the intranet is never used for a host that is public now.
"""

import contextlib
import ssl
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import httpcore
import httpx

from feedback_service.sources.http.addresses import AddressPolicy, Resolver, Route
from feedback_service.sources.http.kept_connections import SECONDS, KeptConnections, Place
from feedback_service.sources.http.trips import awaiting_head, seconds_left, under_way
from feedback_service.sources.http.urls import Address

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

Header: TypeAlias = tuple[bytes, bytes]


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


class PinnedTransport:
    """Sends requests through `_CheckedBackend`; raises httpcore's errors as they are.

    Args:
        policy: what may be fetched.
        resolve: asks for the addresses of a host.
        trust: whose certificates are believed; those of the public internet unless a test brings its own.
    """

    def __init__(self, policy: AddressPolicy, resolve: Resolver, trust: ssl.SSLContext | None = None) -> None:
        self._policy = policy
        self._resolve = resolve
        self._trust = trust or httpx.create_ssl_context(trust_env=False)
        self._backend = _CheckedBackend()
        self._kept = KeptConnections()

    def admit(self, address: Address) -> Route:
        """Return where the host of `address` leads in the fetch under way.

        Raises `RefusedAddressError` where that may not be fetched, and `UnknownHostError`.
        """
        return under_way().route(address.ascii_host, address.port, self._policy, self._resolve)

    @contextlib.contextmanager
    def answer(
        self, method: str, address: Address, headers: Sequence[Header], content: bytes = b""
    ) -> Iterator[httpcore.Response]:
        """Give the answer to one request; its body is still on the wire."""
        place = (address.wire.scheme, address.ascii_host, address.port, self.admit(address).networks)
        length = [(b"Content-Length", b"%d" % len(content))] if content or method in _WITH_BODY else []
        pairs = [(b"Host", address.netloc), *headers, *length]
        asked = httpcore.Request(method, address.wire, headers=pairs, content=content or None)
        connection, answer = self._sent(place, asked)
        try:
            yield answer
        finally:
            answer.close()
            self._kept.keep(place, connection)

    def rest(self) -> None:
        """Close the connections that stand idle; those in use are not touched."""
        self._kept.close()

    def _sent(self, place: Place, asked: httpcore.Request) -> tuple[httpcore.HTTPConnection, httpcore.Response]:
        """Return the answer; where a connection that stood open has gone bad meanwhile, ask again on a new one.

        Bad is one that the site has closed, and one on which the last answer was longer than it said: what is
        left of that would be taken for the answer to this request.
        """
        while True:
            connection = self._kept.take(place) or self._opened(asked.url)
            with awaiting_head() as trip:
                try:
                    answer = connection.handle_request(asked)
                except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                    if trip.has_connected or asked.method != b"GET":
                        raise
                    continue
                if trip.head_bytes or trip.has_connected:
                    return connection, answer
            connection.close()

    def _opened(self, url: httpcore.URL) -> httpcore.HTTPConnection:
        return httpcore.HTTPConnection(
            url.origin, ssl_context=self._trust, keepalive_expiry=SECONDS, network_backend=self._backend
        )

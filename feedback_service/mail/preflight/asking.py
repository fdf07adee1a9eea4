"""Names by dnspython: the system's resolver, or the one that the setting `dns_resolver` names."""

from dns import exception, name, rdatatype, resolver, reversename
from dns.rdata import Rdata

from feedback_service.mail.preflight.names import Answer, Kind, Outcome, normal

_SECONDS = 3.0
_SILENCES = 2
"""After so many questions without an answer the rest is not asked: a look at everything must come to an end."""
_DNS_PORT = 53


class DnsNames:
    """Asks a resolver, each question once.

    Args:
        server: `address` or `address:port` ([address]:port for IPv6) of the resolver; empty for the system's.
        seconds: how long one question may take, with its repetitions.
    """

    def __init__(self, server: str = "", seconds: float = _SECONDS) -> None:
        self._resolver = _resolver(server)
        self._resolver.lifetime = seconds
        self._resolver.timeout = seconds / 2
        self._known: dict[tuple[str, Kind], Answer] = {}
        self._silences = 0

    def ask(self, name: str, kind: Kind) -> Answer:
        """Return what is known of `name`; PTR takes an address."""
        key = (normal(name), kind)
        if key not in self._known:
            self._known[key] = self._asked(name, kind)
        return self._known[key]

    def _asked(self, name: str, kind: Kind) -> Answer:
        if self._silences >= _SILENCES:
            return Answer(Outcome.FAILED, why="the name servers do not answer")
        try:
            wanted = reversename.from_address(name) if kind is Kind.PTR else name
            found = self._resolver.resolve(wanted, rdatatype.from_text(kind.value), search=False)
        except resolver.NXDOMAIN:
            return Answer(Outcome.NO_NAME)
        except resolver.NoAnswer:
            return Answer(Outcome.NO_RECORD)
        except resolver.LifetimeTimeout:
            self._silences += 1
            return Answer(Outcome.FAILED, why="no answer in time")
        except (exception.DNSException, OSError, UnicodeError, ValueError) as error:
            return Answer(Outcome.FAILED, why=_said(error))
        return Answer(Outcome.FOUND, tuple(sorted(_text(kind, data) for data in found)))


def _resolver(server: str) -> resolver.Resolver:
    if not server:
        try:
            return resolver.Resolver()
        except resolver.NoResolverConfiguration:
            # A machine without /etc/resolv.conf usually has a resolver of its own.
            server = "127.0.0.1"
    made = resolver.Resolver(configure=False)
    address, port = split_server(server)
    made.nameservers = [address]
    made.port = port
    return made


def split_server(server: str) -> tuple[str, int]:
    """Return address and port of `address`, `address:port` or `[address]:port`."""
    if server.startswith("["):
        address, _, port = server[1:].partition("]")
        return address, int(port.removeprefix(":") or _DNS_PORT)
    if server.count(":") == 1:
        address, _, port = server.partition(":")
        return address, int(port)
    return server, _DNS_PORT


def _said(error: Exception) -> str:
    words = str(error) or type(error).__name__
    if not isinstance(error, resolver.NoNameservers):
        return words
    return "the name servers answer SERVFAIL" if "SERVFAIL" in words else "the name servers refuse to answer"


def _text(kind: Kind, data: Rdata) -> str:
    match kind:
        case Kind.TXT:
            pieces: tuple[bytes, ...] = data.strings  # type: ignore[attr-defined]  # TXT has them
            return b"".join(pieces).decode("utf-8", "replace")
        case Kind.MX:
            exchange: name.Name = data.exchange  # type: ignore[attr-defined]  # MX has one
            preference: int = data.preference  # type: ignore[attr-defined]  # MX has one
            return f"{preference} {_plain(exchange)}"
        case Kind.PTR:
            return _plain(data.target)  # type: ignore[attr-defined]  # PTR has one
        case _:
            return str(data.address)  # type: ignore[attr-defined]  # A and AAAA have one


def _plain(found: name.Name) -> str:
    return found.to_text(omit_final_dot=True)

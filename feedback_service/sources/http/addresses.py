"""Which addresses may be fetched (R44): pure checks on numbers, and the one place that asks the resolver.

`ipaddress.is_global` is not enough: it takes NAT64 loopback (`64:ff9b::7f00:1`) and multicast for global.
An address that carries another one inside is unwrapped, and both must pass.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver: TypeAlias = Callable[[str], Sequence[str]]

# IANA's special-purpose registries, multicast, and metadata services that sit on public numbers.
_REFUSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
        "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
_LOW_32 = 0xFFFFFFFF
_KEPT = 4096

# What is said of a number never changes; which numbers a name has is asked anew for each fetch.
_number = lru_cache(maxsize=_KEPT)(ipaddress.ip_address)


class RefusedAddressError(Exception):
    """The host may not be fetched; the message is the end of a sentence that begins with the host."""


class UnknownHostError(Exception):
    """The resolver knows no address for the host."""


def embedded(address: Address) -> tuple[ipaddress.IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address carries: mapped, NAT64, 6to4, Teredo, ISATAP, compatible."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    number = int(address)
    isatap = (number >> 32) & _LOW_32 in _ISATAP
    if address in _NAT64 or isatap or (address in _COMPATIBLE and number > 1):
        return (ipaddress.IPv4Address(number & _LOW_32),)
    return ()


@lru_cache(maxsize=_KEPT)
def is_public(address: Address) -> bool:
    """Tell whether the address, and each address inside it, belongs to the public internet."""
    inner = embedded(address)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if _is_in(address, _REFUSED) or not all(map(is_public, inner)):
        return False
    return bool(inner) or address.is_global


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return bool(_networks_with(address, networks))


def _networks_with(address: Address, networks: Iterable[Network]) -> frozenset[Network]:
    return frozenset(network for network in networks if address.version == network.version and address in network)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a host leads: its checked addresses, and the allowed private `networks` they lie in; none if public."""

    addresses: tuple[Address, ...]
    networks: frozenset[Network] = frozenset()

    def may_lead_to(self, then: "Route") -> bool:
        """Tell whether a redirect may go on from here to `then`: to the public internet, or inside its own network.

        That a private network may be read is said of the addresses that staff give, not of those that a site gives.
        """
        return not then.networks or bool(then.networks & self.networks)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What may be fetched: the public internet on `ports`, and the `private` networks on any port."""

    ports: frozenset[int]
    private: tuple[Network, ...] = ()

    def check(self, address: Address, port: int) -> None:
        """Raise `RefusedAddressError` unless `address` may be fetched on `port`."""
        if self._networks_of(address):
            return
        if not is_public(address):
            message = f"leads to {address}, which is not on the public internet"
            raise RefusedAddressError(message)
        if port not in self.ports:
            message = f"is on port {port}; allowed are {', '.join(map(str, sorted(self.ports)))} (fetch_allow_ports)"
            raise RefusedAddressError(message)

    def route(self, host: str, port: int, resolve: Resolver) -> Route:
        """Resolve `host` once and return where it leads, every address checked.

        One refused address refuses the host: a name that is half public and half private is a trick. Of a host
        with public addresses and allowed private ones only the private ones count.
        """
        found = tuple(map(_number, resolve(host)))
        if not found:
            raise UnknownHostError(host)
        for address in found:
            self.check(address, port)
        private = {address: networks for address in found if (networks := self._networks_of(address))}
        return Route(tuple(private) or found, frozenset().union(*private.values()))

    def _networks_of(self, address: Address) -> frozenset[Network]:
        """Return the allowed private networks that hold `address`, or all that it carries."""
        own = _networks_with(address, self.private)
        inner = [_networks_with(each, self.private) for each in embedded(address)]
        return own or (frozenset().union(*inner) if inner and all(inner) else frozenset())


def resolve(host: str) -> Sequence[str]:
    """Ask the system's resolver, which also reads decimal, octal and hexadecimal numbers as addresses."""
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHostError(host) from error
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def policy(ports: Iterable[int], private: Iterable[str]) -> AddressPolicy:
    """Make the policy of the settings `fetch_allow_ports` and `fetch_allow_private`."""
    return AddressPolicy(frozenset(ports), tuple(map(ipaddress.ip_network, private)))

"""R44: which addresses may be fetched."""

import ipaddress

import pytest

from feedback_service.sources.http.addresses import (
    RefusedAddressError,
    UnknownHostError,
    embedded,
    is_public,
    policy,
    resolve,
)

PUBLIC = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")
REFUSED = {
    "loopback": "127.0.0.1",
    "this network": "0.0.0.0",  # noqa: S104 - not bound to, refused
    "private": "192.168.1.4",
    "CGNAT and a cloud's metadata": "100.100.100.200",
    "metadata": "169.254.169.254",
    "metadata on a public number": "168.63.129.16",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "documentation": "192.0.2.1",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "link-local with a zone": "fe80::1%eth0",
    "unique local": "fd00:ec2::254",
    "IPv6 multicast, which is_global accepts": "ff0e::1",
    "mapped": "::ffff:127.0.0.1",
    "mapped private": "::ffff:10.0.0.1",
    "compatible": "::7f00:1",
    "NAT64 loopback, which is_global accepts": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::808:808",
    "6to4": "2002:7f00:1::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "ISATAP": "2a00:1450::5efe:10.0.0.1",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_public_however_it_is_written(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED.keys())
def test_everything_else_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_what_an_address_carries_is_unwrapped() -> None:
    assert embedded(ipaddress.ip_address("64:ff9b::7f00:1")) == (ipaddress.IPv4Address("127.0.0.1"),)
    assert embedded(ipaddress.ip_address("2606:4700::1111")) == ()
    assert embedded(ipaddress.ip_address("8.8.8.8")) == ()


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_numbers_in_disguise_are_seen_after_resolving(host: str) -> None:
    with pytest.raises(RefusedAddressError, match="not on the public internet"):
        policy((80,), ()).route(host, 80, resolve)


def test_one_private_answer_refuses_the_host() -> None:
    with pytest.raises(RefusedAddressError, match=r"10\.0\.0\.1"):
        policy((80,), ()).route("half.example", 80, lambda _: ("8.8.8.8", "10.0.0.1"))


def test_a_host_without_an_address_is_unknown() -> None:
    with pytest.raises(UnknownHostError):
        policy((80,), ()).route("nowhere.example", 80, lambda _: ())


def test_other_ports_need_a_setting() -> None:
    public = ipaddress.ip_address("8.8.8.8")
    policy((80, 8080), ()).check(public, 8080)
    with pytest.raises(RefusedAddressError, match="fetch_allow_ports"):
        policy((80, 443), ()).check(public, 6379)


def test_an_allowed_network_may_be_read_on_any_port_and_no_other_network_with_it() -> None:
    allowed = policy((80,), ("127.0.0.0/8",))
    allowed.check(ipaddress.ip_address("127.0.0.1"), 5000)
    allowed.check(ipaddress.ip_address("::ffff:127.0.0.1"), 5000)
    with pytest.raises(RefusedAddressError):
        allowed.check(ipaddress.ip_address("10.0.0.1"), 80)


def test_an_address_that_carries_two_is_allowed_only_where_both_are() -> None:
    teredo = ipaddress.ip_address("2001:0:7f00:1::f7f7:f7f7")  # The server is 127.0.0.1, the client 8.8.8.8.
    with pytest.raises(RefusedAddressError):
        policy((80,), ("127.0.0.0/8",)).check(teredo, 80)

"""Where a fetch may go on its way: redirects, names that change, connections that stand open (R44)."""

import ipaddress
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.clock import ManualClock
from feedback_service.sources.adapters import Asked
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.addresses import AddressPolicy, RefusedAddressError, Route, policy
from feedback_service.sources.http.fetcher import Fetcher, check_address
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.models import SourceKind
from feedback_service.sources.reading import SourceReader
from tests.sources.conftest import MakeFetcher

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "::1"])
APART = "127.0.0.1/32, 127.0.0.2/32"
NAMES = {"site.test": ("127.0.0.1",), "intranet.test": ("127.0.0.2",), "other.test": ("127.0.0.1",)}


@pytest.fixture
def intranet() -> Iterator[HTTPServer]:
    """A server in another private network than `httpserver` is in."""
    server = HTTPServer(host="127.0.0.2", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def apart(make_fetcher: MakeFetcher) -> Fetcher:
    """A fetcher for which the two servers are in networks of their own, both allowed."""
    return make_fetcher(lambda host: NAMES.get(host, (host,)), fetch_allow_private=APART)


def failure(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value


def test_a_site_may_not_send_us_into_a_private_network_that_is_allowed_for_others(
    httpserver: HTTPServer, intranet: HTTPServer, apart: Fetcher
) -> None:
    inside = f"http://intranet.test:{intranet.port}/secret"
    httpserver.expect_request("/feed").respond_with_data("", 301, {"Location": inside})
    intranet.expect_request("/secret").respond_with_data("<rss/>")
    error = failure(apart, f"http://site.test:{httpserver.port}/feed")
    assert error.kind is FetchFailure.REFUSED_ADDRESS
    assert "may not send us" in str(error)
    assert intranet.log == []


def test_nor_over_a_connection_that_stands_open(httpserver: HTTPServer, intranet: HTTPServer, apart: Fetcher) -> None:
    inside = f"http://intranet.test:{intranet.port}/secret"
    httpserver.expect_request("/feed").respond_with_data("", 302, {"Location": inside})
    intranet.expect_request("/secret").respond_with_data("<rss/>")
    assert apart.fetch(inside).body == b"<rss/>"
    assert failure(apart, f"http://site.test:{httpserver.port}/feed").kind is FetchFailure.REFUSED_ADDRESS
    assert len(intranet.log) == 1


def test_nor_for_its_robots_txt(
    httpserver: HTTPServer, intranet: HTTPServer, apart: Fetcher, clock: ManualClock
) -> None:
    inside = f"http://intranet.test:{intranet.port}/avis"
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/avis").respond_with_data("", 302, {"Location": inside})
    reader = SourceReader(apart, Robots(apart, clock))
    with pytest.raises(FetchError) as caught:
        reader.poll(SourceKind.REVIEW_PAGE, Asked(f"http://site.test:{httpserver.port}/avis"))
    assert caught.value.kind is FetchFailure.REFUSED_ADDRESS
    assert intranet.log == []


def test_inside_its_own_network_a_redirect_is_followed(httpserver: HTTPServer, apart: Fetcher) -> None:
    target = f"http://other.test:{httpserver.port}/feed"
    httpserver.expect_request("/old").respond_with_data("", 301, {"Location": target})
    httpserver.expect_request("/feed").respond_with_data("<rss/>")
    assert apart.fetch(f"http://site.test:{httpserver.port}/old").moved_to == target


def test_a_name_that_moves_into_the_intranet_between_two_redirects_is_asked_once(
    httpserver: HTTPServer, make_fetcher: MakeFetcher
) -> None:
    asked: list[str] = []

    def turning(host: str) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("127.0.0.2",)

    httpserver.expect_request("/a").respond_with_data("", 302, {"Location": "/b"})
    httpserver.expect_request("/b").respond_with_data("here")
    fetcher = make_fetcher(turning, fetch_allow_private=APART)
    assert fetcher.fetch(f"http://turning.test:{httpserver.port}/a").body == b"here"
    assert asked == ["turning.test"]


def test_a_connection_to_the_intranet_is_not_used_for_a_name_that_has_become_public(
    httpserver: HTTPServer, make_fetcher: MakeFetcher
) -> None:
    """The name leads elsewhere now: what answers on the old connection is not asked again."""
    answers = iter([("127.0.0.1",), ("127.0.0.2",)])
    httpserver.expect_request("/feed").respond_with_data("here")
    fetcher = make_fetcher(lambda _: next(answers), fetch_allow_private=APART, fetch_timeout=2)
    url = f"http://turning.test:{httpserver.port}/feed"
    assert fetcher.fetch(url).body == b"here"
    assert failure(fetcher, url).kind is FetchFailure.UNREACHABLE
    assert len(httpserver.log) == 1


INTRANET = AddressPolicy(frozenset({80}), (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")))


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("8.8.8.8", "8.8.4.4", True),
        ("8.8.8.8", "10.0.0.7", False),
        ("10.0.0.1", "10.0.0.7", True),
        ("10.0.0.1", "::ffff:10.0.0.7", True),
        ("10.0.0.1", "fd00::7", False),
        ("10.0.0.1", "8.8.8.8", True),
        ("64:ff9b::a00:1", "10.0.0.7", True),
    ],
)
def test_the_first_address_decides_which_networks_may_follow(
    first: str,
    then: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    before, after = (INTRANET.route(address, 80, lambda host: (host,)) for address in (first, then))
    assert before.may_lead_to(after) is expected


def test_of_a_host_with_public_and_allowed_private_addresses_the_private_ones_count() -> None:
    found = INTRANET.route("both.test", 80, lambda _: ("8.8.8.8", "10.0.0.5"))
    assert found == Route((ipaddress.ip_address("10.0.0.5"),), frozenset({ipaddress.ip_network("10.0.0.0/8")}))


@pytest.mark.parametrize(
    "url",
    [
        "http://0/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://localhost./",
        "http://127.0.0.1./",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://１２７.0.0.1/",
        "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "http://127。0。0。1/",
        "http://[fe80::1]/",
    ],
)
def test_this_machine_and_its_neighbours_are_refused_however_they_are_written(
    url: str, make_fetcher: MakeFetcher
) -> None:
    error = failure(make_fetcher(fetch_allow_private=""), url)
    assert error.kind in {FetchFailure.REFUSED_ADDRESS, FetchFailure.BAD_ADDRESS, FetchFailure.UNKNOWN_HOST}


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example:0x50/",
        "http://a.example:99999/",
        "http://a.example:-1/",
        "http://a.example\\@127.0.0.1/",
        "http://a.example@127.0.0.1/",
        "http://:pw@127.0.0.1/",
        "http://[::1%25lo]/",
        "http:///etc/passwd",
        "http://a..example/",
        "http://xn--\u2603/",
        "http://" + "a" * 300 + ".example/",
        "http://a.example\r\nHost: b.example/",
    ],
)
def test_addresses_that_mean_two_things_are_refused_or_lead_nowhere(url: str, make_fetcher: MakeFetcher) -> None:
    error = failure(make_fetcher(fetch_allow_private=""), url)
    assert error.kind in {FetchFailure.BAD_ADDRESS, FetchFailure.UNKNOWN_HOST, FetchFailure.REFUSED_ADDRESS}


def test_names_that_look_alike_keep_their_own_ascii_form() -> None:
    assert check_address("https://аtelier.example/").startswith("https://xn--telier-")


def test_other_ports_of_a_public_site_stay_closed() -> None:
    with pytest.raises(RefusedAddressError, match="fetch_allow_ports"):
        policy((80, 443), ("10.0.0.0/8",)).route("site.test", 22, lambda _: ("8.8.8.8",))


def test_the_location_header_may_come_twice(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    def twice(_: Request) -> Response:
        return Response("", 302, [("Location", "/feed"), ("Location", "/feed")])

    httpserver.expect_request("/old").respond_with_handler(twice)
    httpserver.expect_request("/feed").respond_with_data("here")
    assert fetcher.fetch(httpserver.url_for("/old")).body == b"here"

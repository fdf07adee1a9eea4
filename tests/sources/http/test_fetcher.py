"""The client: polite, capped, and never where it must not go (R44, R52-R54)."""

import gzip
import itertools
import threading
import time
import zlib
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http import answers
from feedback_service.sources.http.fetcher import Fetcher, check_address
from feedback_service.sources.http.pages import Validators
from tests.sources.conftest import MakeFetcher
from tests.support.wire import raw_server, sending

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def failure(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value


def test_a_page_comes_with_its_validators_and_we_say_who_asks(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    headers = {"ETag": '"1"', "Last-Modified": "yesterday", "Cache-Control": "public, max-age=7200"}
    httpserver.expect_request("/feed").respond_with_data("<rss/>", headers=headers)
    page = fetcher.fetch(httpserver.url_for("/feed"))
    assert (page.body, page.unchanged, page.max_age) == (b"<rss/>", False, 7200)
    assert page.validators == Validators('"1"', "yesterday")
    asked = httpserver.log[0][0].headers
    assert asked["User-Agent"].startswith("feedback-service/")
    assert asked["User-Agent"].endswith("(+https://feedback.example.com)")
    assert asked["Accept-Encoding"] == "gzip"


def test_validators_go_back_verbatim_and_304_keeps_them(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    sent = Validators('W/"a,b \xe9"', "Mon, 23 nov 2026 9:30 GMT")

    def answer(request: Request) -> Response:
        same = (request.headers["If-None-Match"], request.headers["If-Modified-Since"])
        return Response(status=304 if same == (sent.etag, sent.last_modified) else 200)

    httpserver.expect_request("/feed").respond_with_handler(answer)
    page = fetcher.fetch(httpserver.url_for("/feed"), validators=sent)
    assert page.unchanged
    assert page.validators == sent


@pytest.mark.parametrize(("status", "moved"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_only_a_move_for_good_changes_the_address(
    httpserver: HTTPServer,
    fetcher: Fetcher,
    status: int,
    moved: bool,  # noqa: FBT001 - a table
) -> None:
    httpserver.expect_request("/old").respond_with_data("", status, {"Location": "/new"})
    httpserver.expect_request("/new").respond_with_data("here")
    page = fetcher.fetch(httpserver.url_for("/old"))
    assert (page.body, page.url) == (b"here", httpserver.url_for("/new"))
    assert page.moved_to == (httpserver.url_for("/new") if moved else "")


def test_a_move_behind_a_passing_redirect_is_not_for_good(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/a").respond_with_data("", 301, {"Location": "/b"})
    httpserver.expect_request("/b").respond_with_data("", 302, {"Location": "/c"})
    httpserver.expect_request("/c").respond_with_data("", 301, {"Location": "/d"})
    httpserver.expect_request("/d").respond_with_data("here")
    assert fetcher.fetch(httpserver.url_for("/a")).moved_to == httpserver.url_for("/b")


def test_redirects_in_a_circle_end(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/a").respond_with_data("", 302, {"Location": "/a"})
    assert failure(fetcher, httpserver.url_for("/a")).kind is FetchFailure.REDIRECTS
    assert len(httpserver.log) == 6


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://[::ffff:10.0.0.1]/", "http://167772161/", "//169.254.169.254/latest"]
)
def test_a_redirect_to_a_private_address_is_refused(httpserver: HTTPServer, fetcher: Fetcher, target: str) -> None:
    httpserver.expect_request("/a").respond_with_data("", 302, {"Location": target})
    error = failure(fetcher, httpserver.url_for("/a"))
    assert error.kind is FetchFailure.REFUSED_ADDRESS
    assert "not on the public internet" in str(error)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x.example/", "http://user:pw@x.example/"])
def test_a_redirect_to_another_scheme_is_refused(httpserver: HTTPServer, fetcher: Fetcher, target: str) -> None:
    httpserver.expect_request("/a").respond_with_data("", 302, {"Location": target})
    assert failure(fetcher, httpserver.url_for("/a")).kind is FetchFailure.BAD_ADDRESS


def test_this_machine_is_refused_by_default(httpserver: HTTPServer, make_fetcher: MakeFetcher) -> None:
    error = failure(make_fetcher(fetch_allow_private=""), httpserver.url_for("/feed"))
    assert (error.kind, error.permanent) == (FetchFailure.REFUSED_ADDRESS, True)
    assert httpserver.log == []


def test_a_name_that_changes_its_answer_after_the_check_gains_nothing(
    httpserver: HTTPServer, make_fetcher: MakeFetcher
) -> None:
    asked: list[str] = []

    def rebinding(host: str) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.1",)

    httpserver.expect_request("/feed").respond_with_data("here")
    url = f"http://rebind.example:{httpserver.port}/feed"
    page = make_fetcher(rebinding).fetch(url)
    assert page.body == b"here"
    assert asked == ["rebind.example"]
    assert httpserver.log[0][0].headers["Host"] == f"rebind.example:{httpserver.port}"


def test_the_next_address_of_a_host_is_tried_when_one_does_not_answer(
    httpserver: HTTPServer, make_fetcher: MakeFetcher
) -> None:
    httpserver.expect_request("/feed").respond_with_data("here")
    fetcher = make_fetcher(lambda _: ("::1", "127.0.0.1"), fetch_allow_private="127.0.0.0/8, ::1/128")
    assert fetcher.fetch(f"http://two.example:{httpserver.port}/feed").body == b"here"


def test_an_unknown_host_is_named(make_fetcher: MakeFetcher) -> None:
    error = failure(make_fetcher(lambda _: ()), "http://nowhere.example/")
    assert error.kind is FetchFailure.UNKNOWN_HOST
    assert "nowhere.example" in str(error)


def test_a_closed_port_is_unreachable(fetcher: Fetcher) -> None:
    assert failure(fetcher, "http://127.0.0.1:9/").kind is FetchFailure.UNREACHABLE


def test_a_server_without_tls_is_told_apart(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    url = httpserver.url_for("/").replace("http:", "https:")
    assert failure(fetcher, url).kind is FetchFailure.TLS


STATUSES = {
    401: FetchFailure.FORBIDDEN,
    403: FetchFailure.FORBIDDEN,
    404: FetchFailure.NOT_FOUND,
    410: FetchFailure.GONE,
    418: FetchFailure.REFUSED,
    429: FetchFailure.BUSY,
    500: FetchFailure.SERVER,
    503: FetchFailure.BUSY,
    204: FetchFailure.REFUSED,
    206: FetchFailure.REFUSED,
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_each_status_has_its_name(httpserver: HTTPServer, fetcher: Fetcher, status: int, kind: FetchFailure) -> None:
    httpserver.expect_request("/a").respond_with_data("", status)
    error = failure(fetcher, httpserver.url_for("/a"))
    assert (error.kind, error.status) == (kind, status)
    assert f"HTTP {status}" in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Mon, 23 Nov 2026 09:31:00 GMT", 60),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 09:31:00 -0000", 60),
        ("99999999999999", 7 * 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: int | None) -> None:
    assert answers.retry_after(value, NOW) == seconds


def test_a_body_of_fifty_megabytes_stops_at_the_cap(fetcher: Fetcher) -> None:
    sent = itertools.count()
    chunks = (b"x" * 100_000 for _ in itertools.takewhile(lambda number: number < 500, sent))
    with raw_server(sending(HEAD, chunks)) as url:
        error = failure(fetcher, url)
    assert error.kind is FetchFailure.TOO_LARGE
    assert "fetch_max_bytes" in str(error)
    assert next(sent) < 200


def test_a_page_that_never_ends_stops_at_the_time_cap(make_fetcher: MakeFetcher) -> None:
    began = time.monotonic()
    with raw_server(sending(HEAD, itertools.repeat(b"x"), pause=0.05)) as url:
        error = failure(make_fetcher(fetch_timeout=0.6), url)
    assert error.kind is FetchFailure.TIMEOUT
    assert time.monotonic() - began < 3


def test_headers_that_never_end_stop_at_the_time_cap(make_fetcher: MakeFetcher) -> None:
    began = time.monotonic()
    with raw_server(sending(b"HTTP/1.1 200 OK\r\nX: ", itertools.repeat(b"x"), pause=0.05)) as url:
        assert failure(make_fetcher(fetch_timeout=0.6), url).kind is FetchFailure.TIMEOUT
    assert time.monotonic() - began < 3


def test_a_server_that_says_nothing_stops_at_the_time_cap(make_fetcher: MakeFetcher) -> None:
    with raw_server(sending(b"", itertools.repeat(b""), pause=0.1)) as url:
        assert failure(make_fetcher(fetch_timeout=0.5), url).kind is FetchFailure.TIMEOUT


def test_gzip_is_unpacked_whatever_the_header_says(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    packed = gzip.compress(b"<rss/>")
    httpserver.expect_request("/said").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/unsaid").respond_with_data(packed)
    httpserver.expect_request("/lied").respond_with_data("<rss/>", headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/deflate").respond_with_data(
        zlib.compress(b"<rss/>"), headers={"Content-Encoding": "deflate"}
    )
    for path in ("/said", "/unsaid", "/lied", "/deflate"):
        assert fetcher.fetch(httpserver.url_for(path)).body == b"<rss/>"


def test_a_gzip_bomb_stops_at_the_cap(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    httpserver.expect_request("/bomb").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    assert failure(fetcher, httpserver.url_for("/bomb")).kind is FetchFailure.TOO_LARGE


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(gzip.compress(b"x" * 5000)[:-20], "gzip"), (b"\x1f\x8b" + b"no gzip" * 9, "gzip"), (b"brotli?", "br")],
    ids=["cut short", "damaged", "not asked for"],
)
def test_what_cannot_be_unpacked_is_named(httpserver: HTTPServer, fetcher: Fetcher, body: bytes, encoding: str) -> None:
    httpserver.expect_request("/a").respond_with_data(body, headers={"Content-Encoding": encoding})
    assert failure(fetcher, httpserver.url_for("/a")).kind is FetchFailure.BROKEN


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"220 smtp.example ESMTP\r\n", b""],
    ids=["length lies", "another protocol", "hangs up"],
)
def test_what_is_no_http_is_named(fetcher: Fetcher, answer: bytes) -> None:
    with raw_server(sending(answer, ())) as url:
        assert failure(fetcher, url).kind is FetchFailure.BROKEN


def test_one_request_per_host_at_a_time(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    under_way, most = [], []
    lock = threading.Lock()

    def answer(_: Request) -> Response:
        with lock:
            under_way.append(1)
            most.append(len(under_way))
        time.sleep(0.05)
        with lock:
            under_way.pop()
        return Response("here")

    httpserver.expect_request("/a").respond_with_handler(answer)
    threads = [threading.Thread(target=fetcher.fetch, args=(httpserver.url_for("/a"),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com/",
        "javascript:alert(1)",
        "http://",
        "http://a b.example/",
        "http://[::1",
        "http://u@h.example/",
        "http://x.example/" + "a" * 5000,
    ],
)
def test_what_is_no_web_address_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        check_address(url)
    assert caught.value.kind is FetchFailure.BAD_ADDRESS


def test_an_address_is_fetched_without_its_fragment_and_in_ascii() -> None:
    assert check_address(" https://bücher.example/é#x ") == "https://xn--bcher-kva.example/%C3%A9"


@pytest.mark.parametrize("status", [200, 201, 304, 401, 429, 500])
def test_an_api_is_called_and_its_answer_comes_back_whatever_the_status(
    httpserver: HTTPServer, fetcher: Fetcher, status: int
) -> None:
    httpserver.expect_request(
        "/token", method="POST", data=b"a=1", headers={"Authorization": "Bearer x"}
    ).respond_with_data("" if status == 304 else "said", status, {"X-Left": "3"})
    answer = fetcher.call("POST", httpserver.url_for("/token"), headers={"Authorization": "Bearer x"}, body=b"a=1")
    assert (answer.status, answer.headers["x-left"]) == (status, "3")
    assert answer.body == (b"" if status == 304 else b"said")


def test_a_call_follows_no_redirect(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/a").respond_with_data("", 307, {"Location": httpserver.url_for("/b")})
    assert fetcher.call("GET", httpserver.url_for("/a"), headers={"Authorization": "Bearer x"}).status == 307
    assert [request.path for request, _ in httpserver.log] == ["/a"]


def test_a_call_has_the_limits_of_a_fetch(httpserver: HTTPServer, make_fetcher: MakeFetcher) -> None:
    httpserver.expect_request("/big").respond_with_data(
        gzip.compress(b"x" * 50_000), headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(FetchError) as caught:
        make_fetcher(fetch_max_bytes=20_000).call("GET", httpserver.url_for("/big"), headers={})
    assert caught.value.kind is FetchFailure.TOO_LARGE
    with pytest.raises(FetchError) as caught:
        make_fetcher(fetch_allow_private="").call("GET", httpserver.url_for("/big"), headers={})
    assert caught.value.kind is FetchFailure.REFUSED_ADDRESS
    with raw_server(sending(HEAD, itertools.repeat(b"x"), pause=0.1)) as url, pytest.raises(FetchError) as caught:
        make_fetcher(fetch_timeout=0.5).call("GET", url, headers={})
    assert caught.value.kind is FetchFailure.TIMEOUT

"""A form is posted with the same care as a page is fetched (R44), and a secret in it goes nowhere else."""

import itertools

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.fetcher import Fetcher
from tests.sources.conftest import MakeFetcher
from tests.support.wire import raw_server, sending

FORM = {"hub.mode": "subscribe", "hub.topic": "https://b.example/?a=1&b=é", "hub.secret": "s"}


def failure(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.post_form(url, FORM)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_form_arrives_as_it_was_given(httpserver: HTTPServer, fetcher: Fetcher, status: int) -> None:
    came: list[tuple[dict[str, str], str, str]] = []

    def answer(request: Request) -> Response:
        came.append((request.form.to_dict(), request.method, request.headers["User-Agent"]))
        return Response("" if status == 204 else "taken", status)

    httpserver.expect_request("/hub").respond_with_handler(answer)
    fetcher.post_form(httpserver.url_for("/hub"), FORM)
    [(form, method, agent)] = came
    assert (form, method) == (FORM, "POST")
    assert agent.startswith("feedback-service/")


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_repeats_the_form_is_followed(httpserver: HTTPServer, fetcher: Fetcher, status: int) -> None:
    httpserver.expect_request("/hub").respond_with_data("", status, {"Location": "/new"})
    came: list[str] = []

    def answer(request: Request) -> Response:
        came.append(request.form["hub.secret"])
        return Response(status=202)

    httpserver.expect_request("/new", method="POST").respond_with_handler(answer)
    fetcher.post_form(httpserver.url_for("/hub"), FORM)
    assert came == ["s"]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_form_is_an_error(httpserver: HTTPServer, fetcher: Fetcher, status: int) -> None:
    httpserver.expect_request("/hub").respond_with_data("", status, {"Location": "/new"})
    assert failure(fetcher, httpserver.url_for("/hub")).kind is FetchFailure.REDIRECTS
    assert len(httpserver.log) == 1


def test_redirects_in_a_circle_end(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/hub").respond_with_data("", 307, {"Location": "/hub"})
    assert failure(fetcher, httpserver.url_for("/hub")).kind is FetchFailure.REDIRECTS
    assert len(httpserver.log) == 6


def test_a_redirect_to_a_private_address_is_refused(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/hub").respond_with_data("", 307, {"Location": "http://169.254.169.254/latest"})
    assert failure(fetcher, httpserver.url_for("/hub")).kind is FetchFailure.REFUSED_ADDRESS


def test_this_machine_is_refused_by_default(httpserver: HTTPServer, make_fetcher: MakeFetcher) -> None:
    assert failure(make_fetcher(fetch_allow_private=""), httpserver.url_for("/")).kind is FetchFailure.REFUSED_ADDRESS
    assert httpserver.log == []


def test_a_refusal_is_told_with_the_words_of_the_site(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    said = "<p>We could not verify your callback: <b>certificate has expired</b></p>" + "x" * 5000
    httpserver.expect_request("/hub").respond_with_data(said, 422, content_type="text/html")
    error = failure(fetcher, httpserver.url_for("/hub"))
    assert (error.kind, error.status) == (FetchFailure.REFUSED, 422)
    assert "HTTP 422" in str(error)
    assert "certificate has expired" in str(error)
    assert "<" not in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("status", "kind"),
    [(304, FetchFailure.REFUSED), (404, FetchFailure.NOT_FOUND), (429, FetchFailure.BUSY), (500, FetchFailure.SERVER)],
)
def test_every_other_status_is_an_error(
    httpserver: HTTPServer, fetcher: Fetcher, status: int, kind: FetchFailure
) -> None:
    httpserver.expect_request("/hub").respond_with_data("", status, {"Retry-After": "7200"})
    error = failure(fetcher, httpserver.url_for("/hub"))
    assert error.kind is kind
    assert error.retry_after == (None if status == 304 else 7200)


@pytest.mark.parametrize("status", [b"202 Accepted", b"422 Unprocessable Content"])
def test_an_answer_without_end_is_not_read_to_its_end(fetcher: Fetcher, status: bytes) -> None:
    sent = itertools.count()
    chunks = (b"x" * 100_000 for _ in itertools.takewhile(lambda number: number < 500, sent))
    with raw_server(sending(b"HTTP/1.1 " + status + b"\r\nContent-Type: text/plain\r\n\r\n", chunks)) as url:
        if status.startswith(b"2"):
            fetcher.post_form(url, FORM)
        else:
            assert len(str(failure(fetcher, url))) < 300
    assert next(sent) < 200


def test_a_server_that_never_answers_stops_at_the_time_cap(make_fetcher: MakeFetcher) -> None:
    with raw_server(sending(b"", itertools.repeat(b""), pause=0.1)) as url:
        assert failure(make_fetcher(fetch_timeout=0.5), url).kind is FetchFailure.TIMEOUT

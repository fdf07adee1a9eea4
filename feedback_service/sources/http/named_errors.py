"""What goes wrong on the wire, as a `FetchError` with its kind and in words."""

import contextlib
from collections.abc import Iterator
from typing import NoReturn

import httpcore

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http import addresses
from feedback_service.sources.http.handshakes import tls_sentence
from feedback_service.sources.http.trips import DeadlineError, EndlessHeadError, seconds_left
from feedback_service.sources.http.urls import Address

_LONGEST_SAID = 120


def left_of(url: str) -> float:
    """Return the seconds left of the fetch under way; raise `FetchError` (timeout) when there are none."""
    try:
        return seconds_left()
    except DeadlineError as error:
        raise timeout(url) from error


def timeout(url: str) -> FetchError:
    """Return the error of a fetch that has used up its time."""
    return FetchError(FetchFailure.TIMEOUT, "The site takes too long to answer (fetch_timeout).", url=url)


@contextlib.contextmanager
def named_errors(address: Address) -> Iterator[None]:
    """Turn whatever goes wrong on the way to `address` and back into a `FetchError`."""
    host, url = address.host[:_LONGEST_SAID], address.url
    try:
        yield
    except addresses.RefusedAddressError as error:
        _fail(FetchFailure.REFUSED_ADDRESS, f"{host} {error}: it is not fetched.", url, error)
    except addresses.UnknownHostError as error:
        _fail(FetchFailure.UNKNOWN_HOST, f"There is no host {host!r}, or the name service does not answer.", url, error)
    except (DeadlineError, httpcore.TimeoutException) as error:
        raise timeout(url) from error
    except httpcore.ConnectError as error:
        tls = tls_sentence(error)
        kind = FetchFailure.TLS if tls else FetchFailure.UNREACHABLE
        _fail(kind, tls or f"{host} cannot be reached: {_said(error)}.", url, error)
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, EndlessHeadError) as error:
        _fail(FetchFailure.BROKEN, f"The answer breaks off or is no HTTP: {_said(error)}.", url, error)


def _said(error: Exception) -> str:
    """Return an error in one short plain line: some quote what the site sent."""
    shown = "".join(character if " " <= character <= "~" and character not in "<>" else " " for character in str(error))
    return " ".join(shown.split())[:_LONGEST_SAID].rstrip(". ")


def _fail(kind: FetchFailure, sentence: str, url: str, cause: Exception) -> NoReturn:
    raise FetchError(kind, sentence, url=url) from cause

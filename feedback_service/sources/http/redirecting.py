"""Where an answer sends us on to. `feeds.redirects` reads links of search engines, this answers of HTTP."""

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http import answers
from feedback_service.sources.http.received import Received
from feedback_service.sources.http.urls import Address, joined

MAX_REDIRECTS = 5


def target_of(answer: Received, address: Address) -> Address | None:
    """Return where the answer of `address` sends us; None where it does not, `FetchError` where that is no address."""
    if answer.status not in answers.REDIRECTS:
        return None
    # Some servers send the header twice.
    location = next(iter(answer.every("location")), "").strip()
    return joined(address, location) if location else None


def endless(address: Address) -> FetchError:
    """Return the error of a fetch that is sent on and on."""
    sentence = f"The site sends us from one address to the next without end (more than {MAX_REDIRECTS} redirects)."
    return FetchError(FetchFailure.REDIRECTS, sentence, url=address.url)

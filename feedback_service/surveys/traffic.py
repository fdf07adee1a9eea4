"""What came to the survey pages in the last minutes, held in memory alone: opening a link stores nothing (R31).

A machine is known by what it does in a row, not by one request: it answers several surveys within seconds, sends
one form again and again, opens every link of a mail. Each web process remembers what came to itself and forgets it
within minutes, or when it ends; addresses of readers are in no table and in no log (R15). What is seen here
becomes a flag when an answer is stored (`signs`), and filters nothing.
"""

import ipaddress
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from feedback_service.hashing import token_digest

BURST = timedelta(seconds=10)
SURVEYS_OF_A_BURST = 3
"""One household may answer two at once; addresses that many share are why this is a flag and no filter."""
FORMS_OF_A_BURST = 3
"""A double press sends a form twice."""
LINKS_REMEMBERED = timedelta(minutes=10)
_MOST = 20_000
_SHARED_BITS = 64  # Of an IPv6 address: one household or machine has all that begin alike.

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a submission is part of.

    Attributes:
        is_burst: it is one of several surveys answered from one source within seconds.
        companions: digests of the tokens of the others of that burst that were not known to be of one before.
        is_repeated: this form was sent several times within seconds.
        opened_all_links: every rating's link of the mail was opened in the minutes before.
    """

    is_burst: bool = False
    companions: tuple[str, ...] = ()
    is_repeated: bool = False
    opened_all_links: bool = False


NOTHING = Seen()


@dataclass(slots=True)
class _Sent:
    at: datetime
    digest: str
    is_flagged: bool = False


class Traffic:
    """Remembers what came lately; safe for threads, bounded in size."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_source: OrderedDict[str, list[_Sent]] = OrderedDict()
        self._by_survey: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._opened: OrderedDict[str, dict[int, datetime]] = OrderedDict()

    def link_opened(self, token: str, number: int, now: datetime) -> None:
        """Note that the link of a number in the mail was opened."""
        with self._lock:
            _entry(self._opened, token_digest(token), dict)[number] = now

    def submitted(self, token: str, source: str | None, links: int, now: datetime) -> Seen:
        """Note a form that was sent, from `source` (None: not known), of a survey whose mail has so many links."""
        digest = token_digest(token)
        with self._lock:
            of_survey = _entry(self._by_survey, digest, _last_forms)
            of_survey.append(now)
            is_repeated = len(of_survey) == FORMS_OF_A_BURST and now - of_survey[0] < BURST
            is_burst, companions = self._burst(digest, source, now)
            opened = self._opened.get(digest, {})
            lately = [number for number, at in opened.items() if now - at < LINKS_REMEMBERED]
        return Seen(is_burst, companions, is_repeated, len(lately) >= links)

    def _burst(self, digest: str, source: str | None, now: datetime) -> tuple[bool, tuple[str, ...]]:
        if source is None:
            return False, ()
        sent = _entry(self._by_source, source, list[_Sent])
        # The last of each survey, and no more of them than make a burst: one address may send thousands.
        sent[:] = [each for each in sent if now - each.at < BURST and each.digest != digest][1 - SURVEYS_OF_A_BURST :]
        is_burst = len(sent) == SURVEYS_OF_A_BURST - 1
        companions = tuple(sorted(each.digest for each in sent if is_burst and not each.is_flagged))
        for each in sent:
            each.is_flagged = each.is_flagged or is_burst
        sent.append(_Sent(now, digest, is_burst))
        return is_burst, companions


def _last_forms() -> deque[datetime]:
    return deque(maxlen=FORMS_OF_A_BURST)


def _entry(kept: OrderedDict[str, Value], key: str, make: Callable[[], Value]) -> Value:
    """Return what is kept of `key`, as the newest; what was used longest ago makes room."""
    value = kept.pop(key, None)
    if value is None:
        value = make()
        if len(kept) >= _MOST:
            kept.popitem(last=False)
    kept[key] = value
    return value


def source_of(address: str | None, *, is_forwarded: bool) -> str | None:
    """Return what tells one source from another: an address, of IPv6 its network.

    None where the address is not the reader's: a header that names another one, which is not believed
    (`trusted_proxies`), says that all readers come by one proxy.
    """
    if not address or is_forwarded:
        return None
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, _SHARED_BITS), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)

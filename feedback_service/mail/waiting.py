"""The mails of a batch that wait for a connection, and what is known of domains that wait altogether."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from feedback_service.clock import Clock
from feedback_service.mail.held import HeldMail
from feedback_service.mail.paces import EVERYTHING, Trouble
from feedback_service.mail.rules import URGENT


class Waiting:
    """Shared by the connections of a run: each takes the next mail when it is free."""

    def __init__(self, clock: Clock, endings: Sequence[threading.Event]) -> None:
        self._clock = clock
        self._endings = endings
        self._lock = threading.Lock()
        self._mails: deque[HeldMail] = deque()
        self._kept_back: list[HeldMail] = []
        self._troubles: dict[str, Trouble] = {}

    def fill(self, mails: Iterable[HeldMail], troubles: Iterable[Trouble]) -> None:
        """Take a batch, and what the database knows of trouble."""
        with self._lock:
            self._mails.extend(mails)
            self._troubles = {trouble.scope: trouble for trouble in troubles}

    def take(self) -> HeldMail | None:
        """Return the next mail whose domain does not wait; None when there is none, or the process is to end."""
        with self._lock:
            while self._mails and not any(ending.is_set() for ending in self._endings):
                mail = self._mails.popleft()
                if mail.priority <= URGENT or not self._is_paused(mail.domain):
                    return mail
                self._kept_back.append(mail)
        return None

    def put_back(self, mail: HeldMail) -> None:
        """Give back a mail that was taken and not sent: it is the next one."""
        with self._lock:
            self._mails.appendleft(mail)

    def empty(self) -> list[HeldMail]:
        """Return the mails that nobody took, and forget them."""
        with self._lock:
            left = [*self._mails, *self._kept_back]
            self._mails.clear()
            self._kept_back.clear()
            return left

    def note(self, troubles: Iterable[Trouble]) -> None:
        """Learn of trouble."""
        with self._lock:
            self._troubles |= {trouble.scope: trouble for trouble in troubles}

    @property
    def is_in_trouble(self) -> bool:
        """Tell whether any scope is known to be in trouble."""
        return bool(self._troubles)

    def troubled(self, scopes: set[str]) -> set[str]:
        """Return those of `scopes` that are known to be in trouble."""
        return scopes & self._troubles.keys() if self._troubles else set()

    def absolve(self, scopes: set[str]) -> None:
        """Learn that the mail of `scopes` is taken again."""
        with self._lock:
            for scope in scopes:
                self._troubles.pop(scope, None)

    def _is_paused(self, domain: str) -> bool:
        if not self._troubles:
            return False
        now: datetime = self._clock.now()
        found: Sequence[Trouble | None] = [self._troubles.get(domain), self._troubles.get(EVERYTHING)]
        return any(one and one.paused_until and now < one.paused_until for one in found)

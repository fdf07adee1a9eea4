"""The one family of errors. The web and the command line map it to a status once.

Every error is a sentence for the person who can act on it. Errors of the outside world carry their
subject (an address, a URL, a host) and `permanent`, which decides whether a retry makes sense.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class FeedbackError(Exception):
    """Root of every error this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with a stable id to look up and a sentence to act on."""

    id: str
    sentence: str

    def __str__(self) -> str:
        return f"[{self.id}] {self.sentence}"


class SettingsError(FeedbackError):
    """The settings do not allow a start; `problems` says why, one by one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotFoundError(FeedbackError):
    """What was asked for does not exist (or is not the asker's to see)."""


class InvalidInputError(FeedbackError):
    """What came in cannot be used; `field` names the part at fault where one is."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


class ConflictError(FeedbackError):
    """What was asked contradicts what is already recorded."""


class OutsideError(FeedbackError):
    """The outside world failed: a mail server, a web site, a database.

    Args:
        sentence: what happened, in words for the person who can act.
        subject: whom or what it concerns (address, URL, host).
        permanent: True when trying again cannot help.
    """

    def __init__(self, sentence: str, *, subject: str, permanent: bool) -> None:
        self.subject = subject
        self.permanent = permanent
        super().__init__(sentence)


class DatabaseUnavailableError(OutsideError):
    """The database cannot be reached or used."""

    def __init__(self, sentence: str, *, subject: str) -> None:
        super().__init__(sentence, subject=subject, permanent=False)

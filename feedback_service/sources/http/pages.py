"""What a fetch gives: the body, where it came from, and what the next poll must know."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes a request conditional: verbatim, as the server sent it (R52)."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API answered, whatever its status. `headers` have lower-case names; `body` is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to one fetch.

    `url` is where the body came from; `moved_to` is the new address when the server says that the move
    is for good (301, 308), else empty (R53). `body` is decompressed, and empty when `unchanged` (304).
    `headers` have lower-case names. `max_age` is the seconds that Cache-Control asks us to wait.
    """

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False
    moved_to: str = ""
    validators: Validators = NO_VALIDATORS
    max_age: int | None = None
    truncated: bool = False

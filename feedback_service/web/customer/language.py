"""Which language a customer reads: the invitation's, unless another is asked for on the page.

The choice stays in the address (`?l=de`): the pages set no cookie.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from feedback_service import i18n
from feedback_service.web.customer.serving import Request

PARAMETER = "l"


@dataclass(frozen=True, slots=True)
class Choice:
    """A language one may change to: what it calls itself, and the address of the page in it."""

    code: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Reader:
    """What the address of a page says of its reader.

    Attributes:
        language: the one to speak.
        chosen: the one that `?l=` asks for, for links to further pages; None where it names none of ours.
        rating: the number that the mail's link has selected, if the survey has it.
    """

    language: str
    chosen: str | None = None
    rating: int | None = None

    @property
    def query(self) -> str:
        """The end of the addresses of further pages: the language stays chosen."""
        return f"?{PARAMETER}={self.chosen}" if self.chosen else ""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every language of this page; a rating that the mail's link has selected stays selected."""
        kept = {} if self.rating is None else {"r": self.rating}
        return tuple(
            Choice(code, i18n.OWN_NAMES[code], "?" + urlencode({PARAMETER: code} | kept)) for code in i18n.LANGUAGES
        )


def reader_of(request: Request, invited_in: str, rating: int | None = None) -> Reader:
    """Return the reader of a page for a known invitation: its language, unless the page asks for another."""
    chosen = chosen_language(request)
    return Reader(chosen or i18n.best_language(invited_in, i18n.LANGUAGES, i18n.SOURCE_LANGUAGE), chosen, rating)


def language_of_stranger(request: Request) -> str:
    """Return the language asked for, else the best by Accept-Language, for a page that belongs to no invitation."""
    return chosen_language(request) or request.accept_languages.best_match(i18n.LANGUAGES) or i18n.SOURCE_LANGUAGE


def chosen_language(request: Request) -> str | None:
    """Return the language that `?l=` asks for; None where it names none of ours."""
    wanted = request.args.get(PARAMETER)
    return i18n.best_language(wanted, i18n.LANGUAGES, "") or None if wanted else None

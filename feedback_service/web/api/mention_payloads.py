"""Payloads of mentions that are handed in: what may be said of one, and what becomes of it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from feedback_service.hashing import content_digest
from feedback_service.sources.errors import FetchError
from feedback_service.sources.http.fetcher import check_address
from feedback_service.sources.items import Item, pseudonym, short_guid
from feedback_service.sources.texts.dates import YEARS
from feedback_service.sources.texts.plain import MAX_TEXT, html_to_text, one_line

MOST_MENTIONS = 100
_MOST_STARS = 1000
_USUAL_STARS = 5.0


def _address(value: str) -> str:
    try:
        return check_address(value)
    except FetchError as error:
        raise ValueError(str(error)) from error


def _name(value: str) -> str:
    name = one_line(value)
    if not name:
        msg = "is empty"
        raise ValueError(msg)
    return name


def _in_our_time(value: AwareDatetime) -> AwareDatetime:
    if value.year not in YEARS:
        msg = f"must lie between {YEARS[0]} and {YEARS[-1]}"
        raise ValueError(msg)
    return value


Stars = Annotated[float, Field(ge=0, le=_MOST_STARS, allow_inf_nan=False)]


class MentionBody(BaseModel):
    """One post, comment or review, as it was published."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    source: Annotated[str, Field(max_length=100), AfterValidator(_name)] = Field(
        description="Name of the place or of the program; the first mention of a name makes it a source of the shop."
    )
    url: Annotated[str, Field(max_length=4000), AfterValidator(_address)] = Field(description="Where it can be read.")
    title: Annotated[str, Field(max_length=1000)] = ""
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] = Field(description="Plain, or HTML, which goes.")
    author: Annotated[str, Field(max_length=300)] = Field("", description="Only initials are kept.")
    published_at: Annotated[AwareDatetime, AfterValidator(_in_our_time)] | None = Field(
        None, description="ISO 8601 with an offset."
    )
    rating: Stars | None = None
    best_rating: Stars | None = Field(None, description="The most stars there are; left out: 5.")
    id: Annotated[str, Field(max_length=1000)] = Field(
        "", description="The publisher's id of it; left out: the same address and content is the same mention."
    )

    @model_validator(mode="after")
    def _is_complete(self) -> "MentionBody":
        if not html_to_text(self.text):
            msg = "text holds nothing that could be read"
            raise ValueError(msg)
        if self.rating is not None and not self.rating <= (self.best_rating or _USUAL_STARS):
            msg = "rating is more than best_rating"
            raise ValueError(msg)
        return self

    def item(self) -> Item:
        """Return what the scan takes in; its GUID is the id, else a digest of all that was said."""
        published = self.published_at.isoformat() if self.published_at else ""
        content = content_digest(self.url, self.title, self.text, self.author, published, str(self.rating))
        given = one_line(self.id)
        return Item(
            guid=short_guid(given) if given else f"sha256:{content}",
            url=self.url,
            title=one_line(html_to_text(self.title)),
            text=html_to_text(self.text),
            author=pseudonym(self.author),
            published_at=self.published_at,
            rating=self.rating,
            best_rating=None if self.rating is None else self.best_rating or _USUAL_STARS,
        )


class MentionsBody(BaseModel):
    """One or several mentions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mentions: list[MentionBody] = Field(min_length=1, max_length=MOST_MENTIONS)
    alerts: bool = Field(
        True,  # noqa: FBT003 - pydantic's signature
        description="False to hand in a history: it is stored and shown, and nobody is alerted.",
    )


class MentionResult(BaseModel):
    """What became of one mention."""

    outcome: Literal["new", "known"]
    about_us: bool = Field(description="Whether a new one is about the shop: only such a one can become a story.")


class MentionsAnswer(BaseModel):
    """What became of the mentions; `results` has one for each, in the order sent."""

    new: int
    known: int
    about_us: int
    results: list[MentionResult]

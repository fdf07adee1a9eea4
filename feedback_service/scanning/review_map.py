"""The map of a review export: which column is what, which rows count. docs/import.md tells it at length."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from feedback_service.returns.connectors.csv_map import FileWays, RowTest

REVIEW_FIELDS = ("id", "url", "title", "text", "author", "published_at", "rating", "best_rating")
"""Fields of a review; none is required, but a row needs a text, a title or a rating."""


class ReviewPart(BaseModel):
    """How reviews stand in the file.

    Attributes:
        rows: only rows that fit all of these are reviews; the others are left out.
        columns: our field -> the file's column; in JSON a path such as `reviewer.displayName`.
        constants: our field -> a value for every row.
        ratings: the file's word -> stars, where it writes words.
        records: JSON only: the path to the list of reviews; left out, the document is the list.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: tuple[RowTest, ...] = ()
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    ratings: dict[str, Annotated[float, Field(ge=0, le=100)]] = Field(default_factory=dict)
    records: str = ""

    @field_validator("columns", "constants")
    @classmethod
    def _knows_fields(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = [field for field in value if field not in REVIEW_FIELDS]
        if unknown:
            msg = f"there is no field {', '.join(map(repr, unknown))}; there are: {', '.join(REVIEW_FIELDS)}"
            raise ValueError(msg)
        return value

    @field_validator("constants")
    @classmethod
    def _is_no_id(cls, value: dict[str, str]) -> dict[str, str]:
        if "id" in value:
            msg = "an id cannot be a constant; leave it out where the file has none"
            raise ValueError(msg)
        return value

    def column(self, field: str) -> str:
        """Return the file's name of a field."""
        return self.columns.get(field, field)

    @property
    def named_columns(self) -> tuple[str, ...]:
        """The columns that the map names: they must be there."""
        return (*self.columns.values(), *(test.column for test in self.rows))


class ReviewMap(FileWays):
    """A whole map of a review export."""

    reviews: ReviewPart = ReviewPart()

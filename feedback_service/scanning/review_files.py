"""The records of a review export, whatever its form: CSV, a JSON document, or JSON lines.

The first character tells: `{` and `[` begin JSON. A first line that is an object by itself, with more to come, begins
JSON lines. CSV and JSON lines are streamed; a document is read whole.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from feedback_service.errors import InvalidInputError
from feedback_service.returns.connectors.csv_reader import CsvFile, Problem
from feedback_service.scanning.review_map import REVIEW_FIELDS, ReviewMap

_LARGEST_DOCUMENT = 500_000_000
_LONGEST_LINE = 10_000_000
_DEEPEST_PATH = 20

Cells: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """One review as the file has it: where it stands ('line 3', 'record 3'), and its cells by column."""

    place: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a record, in words; the record is left out."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class ReviewFile(Protocol):
    """A file that has been opened and understood."""

    def records(self) -> Iterator[Record | Complaint]:
        """Give every record in order; what cannot be read is a complaint."""
        ...


def open_reviews(path: Path, review_map: ReviewMap) -> ReviewFile:
    """Open an export; raise `InvalidInputError` where it cannot be read or lacks a column that the map names."""
    try:
        first, second = _first_lines(path, _encoding(review_map))
    except OSError as error:
        sentence = f"{path} cannot be read: {error.strerror}."
        raise InvalidInputError(sentence, field="file") from error
    except UnicodeError:
        return _CsvReviews(path, review_map)  # It tells where, and which encoding it probably is.
    if first.lstrip()[:1] not in {"{", "["}:
        return _CsvReviews(path, review_map)
    if second and isinstance(_parsed(first), dict):
        return _JsonLines(path, review_map)
    return _JsonDocument(path, review_map)


def _first_lines(path: Path, encoding: str) -> tuple[str, str]:
    """Return the first two lines that are not blank, as far as they are of a reasonable length; '' for none."""
    with path.open(encoding=encoding) as file:
        lines = (line for line in iter(lambda: file.readline(_LONGEST_LINE), "") if line.strip())
        return next(lines, ""), next(lines, "")


class _CsvReviews:
    """A CSV file: a record is a row."""

    def __init__(self, path: Path, review_map: ReviewMap) -> None:
        self._file = CsvFile(path, review_map.encoding, review_map.delimiter)
        missing = sorted(set(review_map.reviews.named_columns) - set(self._file.columns))
        fields = {review_map.reviews.column(field) for field in ("title", "text", "rating")}
        if missing or not fields & set(self._file.columns):
            lacks = f"the columns: {', '.join(missing)}" if missing else "a column text, title or rating"
            sentence = (
                f"{path} lacks {lacks}. It has: {', '.join(self._file.columns)}. "
                f"A map (--map) can say which column is which; docs/import.md tells how."
            )
            raise InvalidInputError(sentence, field="file")
        self._file.survey(None)  # What makes the whole file unusable is found before anything is stored.

    def records(self) -> Iterator[Record | Complaint]:
        for row in self._file.rows():
            place = f"line {row.line}"
            yield Complaint(place, row.reason) if isinstance(row, Problem) else Record(place, row.cells)


class _JsonLines:
    """One JSON object a line; a record is a line."""

    def __init__(self, path: Path, review_map: ReviewMap) -> None:
        self._path = path
        self._map = review_map
        for _ in self._lines():
            pass  # What makes the whole file unusable is found before anything is stored.

    def records(self) -> Iterator[Record | Complaint]:
        for number, line in enumerate(self._lines(), 1):
            if line.strip():
                yield _record(f"line {number}", _parsed(line), self._map)

    def _lines(self) -> Iterator[str]:
        try:
            with self._path.open(encoding=_encoding(self._map)) as file:
                yield from file
        except UnicodeError as error:
            raise _undecodable(self._path, self._map) from error


class _JsonDocument:
    """One JSON document, which is a list of reviews or holds one; a record is an element."""

    def __init__(self, path: Path, review_map: ReviewMap) -> None:
        self._map = review_map
        self._elements = _elements(path, review_map)

    def records(self) -> Iterator[Record | Complaint]:
        for number, element in enumerate(self._elements, 1):
            yield _record(f"record {number}", element, self._map)


def _elements(path: Path, review_map: ReviewMap) -> list[Any]:
    if path.stat().st_size > _LARGEST_DOCUMENT:
        sentence = f"{path} is larger than {_LARGEST_DOCUMENT:,} bytes: JSON lines, or CSV, can be of any size."
        raise InvalidInputError(sentence, field="file")
    try:
        document = json.loads(path.read_text(encoding=_encoding(review_map)))
    except UnicodeError as error:
        raise _undecodable(path, review_map) from error
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        sentence = f"{path} is not JSON{where}, neither as a whole nor line by line."
        raise InvalidInputError(sentence, field="file") from error
    records = review_map.reviews.records
    elements = value_at(document, records) if records else document
    if isinstance(elements, dict) and not records:
        elements = [document]
    if not isinstance(elements, list):
        keys = ", ".join(map(repr, list(document)[:10])) if isinstance(document, dict) else "no names"
        sentence = f"{path} has no list of reviews at {records!r}; at the top it has {keys}."
        raise InvalidInputError(sentence, field="file")
    return elements


def value_at(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what stands at a path such as `comments.0.text`; None where there is nothing."""
    if isinstance(value, dict) and path in value:
        return value[path]  # A name may hold dots itself.
    for name in path.split(".")[:_DEEPEST_PATH]:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name[:9]) < len(value):
            value = value[int(name[:9])]
        else:
            return None
    return value


def _record(place: str, value: Any, review_map: ReviewMap) -> Record | Complaint:  # noqa: ANN401 - any JSON
    if not isinstance(value, dict):
        return Complaint(place, "is no JSON object")
    part = review_map.reviews
    columns = {*map(part.column, REVIEW_FIELDS), *part.named_columns}
    return Record(place, {column: _text(value_at(value, column)) for column in columns})


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _parsed(line: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _encoding(review_map: ReviewMap) -> str:
    return "utf-8-sig" if review_map.encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else review_map.encoding


def _undecodable(path: Path, review_map: ReviewMap) -> InvalidInputError:
    sentence = f"{path} is not {review_map.encoding}: set the encoding in the map, or give --encoding."
    return InvalidInputError(sentence, field="file")

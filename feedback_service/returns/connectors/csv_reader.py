"""Reading a CSV file of any size: encoding, delimiter, header, and rows grouped by their id.

The file is read twice. The first pass keeps only ids: it finds what makes the whole file unusable before
anything is stored, counts the rows, and learns which ids do not stand together. The second pass streams;
only the rows of scattered ids are held back until the end.
"""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from feedback_service.errors import InvalidInputError

_DELIMITERS = ",;\t|"
_LONGEST_HEADER = 100_000
# The marks of UTF-32 begin like those of UTF-16, so they are looked for first.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WRONG_ENCODING = 'is {name}: set encoding = "{encoding}" in the map, or give --encoding {encoding}.'


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: the line it begins on, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, in words; the row is left out."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass learned: rows in all, and the ids whose rows do not stand together."""

    rows: int
    scattered: frozenset[str]


class CsvFile:
    """A CSV file that has been opened and understood as far as its header."""

    def __init__(self, path: Path, encoding: str = "utf-8", delimiter: str = "") -> None:
        """Read the header; raise `InvalidInputError` when the file is missing, empty or in another encoding."""
        self._path = path
        self._encoding = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
        self._refuse_byte_order_mark()
        first = self._first_line()
        self._delimiter = delimiter or max(_DELIMITERS, key=first.count)
        with self._opened() as file:
            self.columns = tuple(name.strip() for name in next(csv.reader(file, delimiter=self._delimiter)))
        twice = sorted({name for name in self.columns if name and self.columns.count(name) > 1})
        if twice:
            reason = f"names the column {', '.join(map(repr, twice))} twice."
            raise self._unusable(reason)

    def survey(self, id_column: str | None) -> Survey:
        """Pass once over the file: count the rows and find the ids that do not stand together."""
        seen: set[str] = set()
        scattered: set[str] = set()
        rows, last = 0, None
        for row in self.rows():
            rows += 1
            if isinstance(row, Problem) or id_column is None:
                continue
            row_id = row.cells[id_column].strip()
            if row_id != last and row_id in seen:
                scattered.add(row_id)
            seen.add(row_id)
            last = row_id
        return Survey(rows, frozenset(scattered))

    def rows(self) -> Iterator[Row | Problem]:
        """Give every data row; blank lines are passed over, a row of the wrong width is a problem."""
        line = 1
        try:
            with self._opened() as file:
                reader = csv.reader(file, delimiter=self._delimiter)
                next(reader)
                line = reader.line_num + 1
                for values in reader:
                    if any(value.strip() for value in values):
                        yield self._row(line, values)
                    line = reader.line_num + 1
        except csv.Error as error:
            reason = f"line {line}: {error}. Is a quotation mark left open?"
            raise self._unusable(reason) from error
        except UnicodeError as error:
            raise self._undecodable() from error

    def _row(self, line: int, values: list[str]) -> Row | Problem:
        if len(values) != len(self.columns):
            return Problem(line, f"has {len(values)} cells where the first line names {len(self.columns)} columns")
        return Row(line, dict(zip(self.columns, values, strict=True)))

    def _opened(self) -> TextIO:
        return self._path.open(encoding=self._encoding, newline="")

    def _first_line(self) -> str:
        try:
            with self._opened() as file:
                first = file.readline(_LONGEST_HEADER)
        except UnicodeError as error:
            raise self._undecodable() from error
        if not first.strip():
            reason = "is empty: its first line must name the columns."
            raise self._unusable(reason)
        if "\0" in first:
            raise self._unusable(_WRONG_ENCODING.format(name="UTF-16", encoding="utf-16-le"))
        return first

    def _refuse_byte_order_mark(self) -> None:
        try:
            with self._path.open("rb") as file:
                start = file.read(4)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}."
            raise self._unusable(reason) from error
        family = codecs.lookup(self._encoding).name.replace("-", "")[:5]
        for mark, name in _BYTE_ORDER_MARKS:
            if start.startswith(mark) and family != name.replace("-", ""):
                raise self._unusable(_WRONG_ENCODING.format(name=name.upper(), encoding=name))

    def _undecodable(self) -> InvalidInputError:
        if self._encoding != "utf-8-sig":
            return self._unusable(
                f"is not {self._encoding}: the setting encoding (in the map, or --encoding) is wrong."
            )
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    byte = line[error.start]
                    return self._unusable(
                        f"is not UTF-8: line {number} holds the byte 0x{byte:02X}. It is probably Latin-1 as Windows "
                        f'writes it: set encoding = "cp1252" in the map, or give --encoding cp1252.'
                    )
        return self._unusable("is not UTF-8: set the encoding in the map, or give --encoding.")

    def _unusable(self, reason: str) -> InvalidInputError:
        separator = ", " if reason.startswith("line ") else " "
        return InvalidInputError(f"{self._path}{separator}{reason}", field="file")


def grouped(
    rows: Iterable[Row], id_of: Callable[[Row], str], scattered: frozenset[str]
) -> Iterator[tuple[str, list[Row]]]:
    """Group rows by id: each id once. Scattered ids come last, the others as they stand in the file."""
    held: dict[str, list[Row]] = {}
    current: list[Row] = []
    current_id = ""
    for row in rows:
        row_id = id_of(row)
        if row_id in scattered:
            held.setdefault(row_id, []).append(row)
            continue
        if current and row_id != current_id:
            yield current_id, current
            current = []
        current_id = row_id
        current.append(row)
    if current:
        yield current_id, current
    yield from held.items()

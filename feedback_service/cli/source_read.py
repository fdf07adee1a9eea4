"""`source read`: saved documents in, one JSON object per file out; needs no settings, no database, no network."""

import contextlib
import itertools
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import IO, Any

import click

from feedback_service.cli.json_lines import json_line
from feedback_service.errors import SettingsError
from feedback_service.mentions import identity
from feedback_service.sources.errors import ReadError
from feedback_service.sources.http import decoding
from feedback_service.sources.items import Item
from feedback_service.sources.recognition import recognise

_UNKNOWN = "unknown"
_STDIN = "-"
_UNASKED = 1_000_000
_PIECE = 65_536


@click.command("read")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--url", default="", help="Where the documents came from: relative links are resolved against it.")
@click.option("--content-type", default="", help="The Content-Type with which they came.")
def read(files: tuple[str, ...], url: str, content_type: str) -> None:
    """Read saved documents, without fetching or storing, and print one JSON object per FILE (- is standard input).

    What a file is, a feed or a page, is found by its content; gzip is unpacked. A file that cannot be read has an
    "error", and the exit status is 1 at the end.
    """
    headers = {"content-type": content_type} if content_type else {}
    failed = False
    for file in files:
        answer = answer_for(file, url, headers)
        failed |= "error" in answer
        sys.stdout.buffer.write(json_line(answer))
        sys.stdout.buffer.flush()
    sys.exit(1 if failed else 0)


def answer_for(file: str, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return what a file holds: file, kind, items; or an error in a sentence."""
    try:
        document = recognise(_body(file), url, headers)
        items = [_as_object(item, name) for item, name in _named(document.reading.items)]
    except (ReadError, _UnreadableError) as error:
        return {"file": file, "kind": _UNKNOWN, "error": str(error), "items": []}
    except Exception as error:  # noqa: BLE001 - whatever a document does to us, the next one is read
        sentence = f"Reading it failed by a fault of this program ({type(error).__name__}: {error})."
        return {"file": file, "kind": _UNKNOWN, "error": sentence, "items": []}
    return {"file": file, "kind": document.kind, "items": items}


class _UnreadableError(Exception):
    """A file whose bytes cannot be had; the message is a sentence."""


def _body(file: str) -> bytes:
    try:
        if file == _STDIN:
            return _unpacked(sys.stdin.buffer)
        with Path(file).open("rb") as stream:
            return _unpacked(stream)
    except FileNotFoundError as error:
        message = "There is no such file."
        raise _UnreadableError(message) from error
    except IsADirectoryError as error:
        message = "This is a folder; name the files in it."
        raise _UnreadableError(message) from error
    except (OSError, ValueError) as error:  # A name with a zero byte is a ValueError.
        message = f"The file cannot be opened: {getattr(error, 'strerror', None) or error}."
        raise _UnreadableError(message) from error


def _unpacked(stream: IO[bytes]) -> bytes:
    """Return what a stream holds, unpacked, up to what a fetch would take.

    Loading the settings takes longer than reading most documents, so only a long one asks them for the limit.
    """
    first = stream.read(_UNASKED + 1)
    limit = _UNASKED
    try:
        with contextlib.suppress(decoding.TooLargeError):
            return decoding.decode([first], limit, "")
        limit = _most_bytes()
        return decoding.decode(itertools.chain([first], iter(lambda: stream.read(_PIECE), b"")), limit, "")
    except decoding.TooLargeError as error:
        message = f"The page is longer than {limit:,} bytes (fetch_max_bytes)."
        raise _UnreadableError(message) from error
    except decoding.UndecodableError as error:
        message = f"The page cannot be unpacked: {error}."
        raise _UnreadableError(message) from error


@cache
def _most_bytes() -> int:
    """Return `fetch_max_bytes` of the installation, and its default where there is none."""
    from feedback_service.settings import Settings, load_settings

    try:
        return load_settings().fetch_max_bytes
    except SettingsError:
        return int(Settings.model_fields["fetch_max_bytes"].default)


def _named(items: Sequence[Item]) -> list[tuple[Item, str]]:
    return [(item, item.guid or name) for item, name in zip(items, identity.identities(items), strict=True)]


def _as_object(item: Item, name: str) -> dict[str, Any]:
    optional = {
        "author": item.author or None,
        "published_at": item.published_at.astimezone(UTC).isoformat() if item.published_at else None,
        "rating": item.rating,
        "best_rating": item.best_rating,
    }
    given = {key: value for key, value in optional.items() if value is not None}
    return {"id": name, "url": item.address, "title": item.title, "text": item.text, **given}

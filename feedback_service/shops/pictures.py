"""Pictures that a shop hands in: what they are is read from their bytes, never from their name.

Only PNG and JPEG: every mail program shows them, and neither can hold a script as SVG can.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

LARGEST = 100_000
"""Most bytes: the picture goes out with every mail."""
MOST_PIXELS, LEAST_PIXELS = 2000, 16
"""Bounds of width and height."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_BITS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_KEPT_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs"})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Baseline, extended and progressive, of 8 bits, grey or of three colours. Four are for print.
_SHOWN_FRAMES, _SHOWN_BITS, _SHOWN_PARTS, _PRINT_PARTS = frozenset({0xC0, 0xC1, 0xC2}), 8, frozenset({1, 3}), 4
_MOST_SCANS = 64
"""Programs write ten. A file of thousands keeps whoever shows it busy for minutes."""
_LARGEST_PROFILE = 1_000_000
_PALETTE = 3
_SCAN, _END, _STUFFED = 0xDA, 0xD9, 0x00
_FILL = 0xFF  # Begins every marker, and may stand before it any number of times.
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
# JFIF, the colour profile and Adobe's colour transform; the other APP segments tell where and by whom it was taken, or
# hold more pictures.
_KEPT_APPS = {0xE0: b"JFIF", 0xE2: b"ICC_PROFILE", 0xEE: b"Adobe"}
_APPS_AND_COMMENT = frozenset({*range(0xE0, 0xF0), 0xFE})


class Kind(StrEnum):
    """What a picture is; the value is its subtype of `image/`."""

    PNG = "png"
    JPEG = "jpeg"


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture, without what is not picture in it (comments, place, what hangs behind its end)."""

    data: bytes
    kind: Kind
    width: int
    height: int


def kind_of(data: bytes) -> Kind:
    """Return the kind of a picture that has been checked."""
    return Kind.JPEG if data.startswith(_JPEG) else Kind.PNG


def read_picture(data: bytes) -> Picture:
    """Return a picture of at most `LARGEST` bytes; raise `ValueError` with what is wrong in a sentence."""
    if len(data) > LARGEST:
        msg = f"the picture has {len(data):,} bytes; at most {LARGEST:,} can go out with every mail: make it smaller"
        raise ValueError(msg)
    try:
        if data.startswith(_PNG):
            picture = _read_png(data)
        elif data.startswith(_JPEG):
            picture = _read_jpeg(data)
        else:
            msg = "the file is neither PNG nor JPEG; mail programs show no other kind for sure"
            raise ValueError(msg)
    except (struct.error, IndexError, zlib.error) as error:
        msg = "the picture is damaged or cut off"
        raise ValueError(msg) from error
    if not all(LEAST_PIXELS <= side <= MOST_PIXELS for side in (picture.width, picture.height)):
        size = f"{picture.width} x {picture.height}"
        msg = f"the picture has {size} pixels; each side must have {LEAST_PIXELS} to {MOST_PIXELS}"
        raise ValueError(msg)
    return picture


def _damaged(what: str) -> ValueError:
    return ValueError(f"the picture is damaged: {what}")


def _read_png(data: bytes) -> Picture:
    chunks = list(_chunks(data))
    if not chunks or chunks[0][0] != b"IHDR":
        what = "it has no header"
        raise _damaged(what)
    width, height, bits, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    if bits not in _BITS.get(colour, ()) or compression or filtering or interlace > 1:
        what = "its header says what PNG does not know"
        raise _damaged(what)
    if colour == _PALETTE and b"PLTE" not in dict(chunks):
        what = "it has no palette"
        raise _damaged(what)
    _check_profile(dict(chunks).get(b"iCCP"))
    if max(width, height) <= MOST_PIXELS:
        _inflate(b"".join(body for name, body in chunks if name == b"IDAT"), width, height, bits * _SAMPLES[colour])
    kept = b"".join(_chunk(name, body) for name, body in chunks if name in _KEPT_CHUNKS)
    return Picture(_PNG + kept, Kind.PNG, width, height)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, name = len(_PNG), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if checksum != zlib.crc32(name + body):
            what = "a checksum does not fit"
            raise _damaged(what)
        yield name, body
        at += length + 12


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _inflate(packed: bytes, width: int, height: int, bits: int) -> None:
    """Unpack the pixels as far as the header promises them: a small file may hold gigabytes."""
    least = height * (1 + (width * bits + 7) // 8) if width and height else 0
    most = 2 * least + 1024  # Interlaced pictures have more, shorter lines.
    pixels = zlib.decompressobj().decompress(packed, most)
    if not least // 2 <= len(pixels) < most:
        what = "its pixels are not as many as its header says"
        raise _damaged(what)


def _check_profile(chunk: bytes | None) -> None:
    """Unpack a colour profile as far as one is ever long: a small one may hold gigabytes, too."""
    if chunk is None:
        return
    packed = chunk.partition(b"\0")[2][1:]
    if len(zlib.decompressobj().decompress(packed, _LARGEST_PROFILE)) == _LARGEST_PROFILE:
        what = "its colour profile has no end"
        raise _damaged(what)


def _read_jpeg(data: bytes) -> Picture:
    segments = list(_segments(data))
    frames = [(marker, segment) for marker, segment in segments if marker in _FRAMES]
    if len(frames) != 1:
        what = "it has several frames" if frames else "it has no frame"
        raise _damaged(what)
    if sum(marker == _SCAN for marker, _ in segments) > _MOST_SCANS:
        what = f"it has more than {_MOST_SCANS} passes"
        raise _damaged(what)
    width, height = _shown_frame(*frames[0])
    kept = b"".join(segment for marker, segment in segments if _is_kept(marker, segment))
    return Picture(data[:2] + kept, Kind.JPEG, width, height)


def _shown_frame(marker: int, segment: bytes) -> tuple[int, int]:
    """Return width and height of a frame, if what shows mail can show it."""
    bits, height, width, parts = struct.unpack_from(">BHHB", segment, 4)
    if parts == _PRINT_PARTS:
        msg = "the picture is in CMYK, which is for print: save it in RGB"
        raise ValueError(msg)
    if marker not in _SHOWN_FRAMES or bits != _SHOWN_BITS or parts not in _SHOWN_PARTS:
        msg = "the picture is a JPEG of a kind that no mail program shows: save it as a plain one"
        raise ValueError(msg)
    return width, height


def _is_kept(marker: int, segment: bytes) -> bool:
    if marker in _KEPT_APPS:
        return segment.startswith(_KEPT_APPS[marker], 4)
    return marker not in _APPS_AND_COMMENT


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the segments behind the start, each with its marker; a scan's segment holds its pixels."""
    at, marker = 2, 0
    while marker != _END:
        if data[at] != _FILL:
            what = "a marker is missing"
            raise _damaged(what)
        while data[at + 1] == _FILL:
            at += 1
        marker, begin = data[at + 1], at
        at += 2
        if marker not in _ALONE and marker != _END:
            at += struct.unpack_from(">H", data, at)[0]
        if marker == _SCAN:
            at = _end_of_pixels(data, at)
        if at > len(data):
            raise IndexError
        yield marker, data[begin:at]


def _end_of_pixels(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at == -1:
            raise IndexError
        if data[at + 1] != _STUFFED and data[at + 1] not in _ALONE:
            return at
        at += 2

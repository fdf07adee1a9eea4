"""A logo is what its bytes say: PNG or JPEG, whole, not too large, and nothing but a picture."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.shops.pictures import LARGEST, Kind, read_picture

DATA = Path(__file__).parent / "data"
PNG, JPEG = (DATA / "logo.png").read_bytes(), (DATA / "logo.jpg").read_bytes()
TRUE_COLOUR = b"\x08\x02\x00\x00\x00"
starts = st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", PNG[:40], JPEG[:200]])


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 32, height: int = 32, pixels: bytes | None = None, header: bytes = TRUE_COLOUR) -> bytes:
    """Return a PNG of true colour with these pixels (black ones if left out)."""
    pixels = b"\0" * height * (1 + 3 * width) if pixels is None else pixels
    head = chunk(b"IHDR", struct.pack(">II", width, height) + header)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def framed(marker: int = 0xC0, precision: int = 8, parts: int = 3) -> bytes:
    """Return the JPEG with its frame of another kind."""
    at = JPEG.index(b"\xff\xc0")
    head = bytes([0xFF, marker]) + JPEG[at + 2 : at + 4] + bytes([precision]) + JPEG[at + 5 : at + 9] + bytes([parts])
    return JPEG[:at] + head + JPEG[at + 10 :]


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(("data", "kind"), [(PNG, Kind.PNG), (JPEG, Kind.JPEG)], ids=["png", "jpeg"])
def test_a_picture_is_known_by_its_bytes(data: bytes, kind: Kind) -> None:
    picture = read_picture(data)
    assert (picture.kind, picture.width, picture.height) == (kind, 480, 120)
    assert picture.data == data


def test_what_hangs_behind_the_picture_is_cut_off() -> None:
    assert read_picture(PNG + b"<script>").data == PNG
    assert read_picture(JPEG + b"<script>").data == JPEG


def test_of_an_animated_picture_the_first_frame_is_left() -> None:
    moving = chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", b"\0" * 26)
    at = PNG.index(b"IEND") - 4
    animated = PNG[:33] + moving + PNG[33:at] + chunk(b"fcTL", b"\0" * 26) + chunk(b"fdAT", b"\0" * 90) + PNG[at:]
    assert read_picture(animated).data == PNG


def test_a_progressive_and_a_grey_picture_are_taken() -> None:
    assert read_picture(framed(marker=0xC2)).width == 480
    assert read_picture(framed(parts=1)).width == 480


def test_of_what_programs_add_only_the_colour_profile_is_kept() -> None:
    more_pictures = segment(0xE2, b"MPF\0" + b"\0" * 60)
    assert read_picture(JPEG[:2] + more_pictures + JPEG[2:]).data == JPEG
    assert b"ICC_PROFILE" in read_picture(JPEG).data


def test_comments_and_the_place_where_it_was_taken_are_left_out() -> None:
    told = PNG[:33] + chunk(b"tEXt", b"Author\0Camille") + PNG[33:]
    assert read_picture(told).data == PNG
    place = b"\xff\xe1\x00\x0dExif\0\0place"
    comment = b"\xff\xfe\x00\x09Camille"
    assert read_picture(JPEG[:2] + place + comment + JPEG[2:]).data == JPEG


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        pytest.param(b"", "neither PNG nor JPEG", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither PNG nor JPEG", id="svg"),
        pytest.param(b"GIF89a" + b"\0" * 50, "neither PNG nor JPEG", id="gif"),
        pytest.param(PNG + b"\0" * LARGEST, "at most 100,000", id="too many bytes"),
        pytest.param(png(8, 32), "8 x 32 pixels", id="too narrow"),
        pytest.param(png(32, 20_000, b""), "32 x 20000 pixels", id="too tall"),
        pytest.param(PNG[:-20], "damaged or cut off", id="png cut off"),
        pytest.param(PNG[:60] + b"\0" + PNG[61:], "checksum", id="png changed"),
        pytest.param(png(32, 32, b"\0" * 100), "pixels", id="too few pixels"),
        pytest.param(png(32, 32, b"\0" * 10_000_000), "pixels", id="a bomb"),
        pytest.param(png(header=b"\x07\x02\x00\x00\x00"), "header", id="a depth that is none"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "no header", id="png without header"),
        pytest.param(JPEG[:-700], "damaged or cut off", id="jpeg cut off"),
        pytest.param(JPEG[:2] + b"\xff\xd9", "no frame", id="jpeg without frame"),
        pytest.param(JPEG[:20] + b"\x00" + JPEG[20:], "marker is missing", id="jpeg without marker"),
        pytest.param(b"RIFF\x00\x01\x00\x00WEBPVP8 " + b"\0" * 50, "neither PNG nor JPEG", id="webp"),
        pytest.param(b"<?xml version='1.0'?><svg onload='x()'/>" + PNG, "neither PNG nor JPEG", id="svg before png"),
        pytest.param(framed(parts=4), "CMYK.*save it in RGB", id="for print"),
        pytest.param(framed(parts=2), "no mail program shows", id="two colours"),
        pytest.param(framed(precision=12), "no mail program shows", id="twelve bits"),
        pytest.param(framed(marker=0xC3), "no mail program shows", id="lossless"),
        pytest.param(framed(marker=0xC9), "no mail program shows", id="arithmetic"),
        pytest.param(JPEG[:2] + JPEG[JPEG.index(b"\xff\xc0") :][:19] + JPEG[2:], "several frames", id="two frames"),
        pytest.param(JPEG[:-2] + (segment(0xDA, b"\0" * 10) + b"\0") * 3000 + b"\xff\xd9", "passes", id="scan bomb"),
        pytest.param(
            PNG[:33] + chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 40_000_000, 9)) + PNG[33:],
            "colour profile",
            id="profile bomb",
        ),
        pytest.param(PNG[:33] + chunk(b"iCCP", b"p\0\0nothing") + PNG[33:], "damaged", id="no profile"),
        pytest.param(png(pixels=b"\0" * 32 * 33, header=b"\x08\x03\x00\x00\x00"), "palette", id="no palette"),
    ],
)
def test_what_is_no_usable_picture_is_refused_with_a_sentence(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_picture(data)


@settings(deadline=None)
@given(start=starts, rest=st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_refused(start: bytes, rest: bytes) -> None:
    try:
        picture = read_picture(start + rest)
    except ValueError:
        return
    assert picture.data


@settings(deadline=None)
@given(data=st.sampled_from([PNG, JPEG]), at=st.integers(2, 5000), byte=st.integers(0, 255))
def test_a_picture_with_one_byte_changed_is_a_picture_or_refused(data: bytes, at: int, byte: int) -> None:
    changed = data[:at] + bytes([byte]) + data[at + 1 :]
    try:
        picture = read_picture(changed)
    except ValueError:
        return
    assert 16 <= picture.width <= 2000

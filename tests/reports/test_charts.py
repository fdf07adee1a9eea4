"""Charts: what is drawn, what is a gap, and that a mail's picture has its words."""

import struct
import zlib
from xml.etree import ElementTree as ET

import pytest

from feedback_service.reports.charts import Bar, Interval, Point, axis_top, bar_list, course, intervals, png

AXIS = [(0.0, "0"), (0.1, "10%"), (0.2, "20%")]
SVG = "{http://www.w3.org/2000/svg}"


def _points(*values: float | None) -> list[Point]:
    return [
        Point(f"week {number}", value, None if value is None else value - 0.02, None if value is None else value + 0.03)
        for number, value in enumerate(values)
    ]


def _all(svg: str, name: str) -> list[ET.Element]:
    return ET.fromstring(svg).findall(f".//{SVG}{name}")  # noqa: S314 - our own drawing


def test_a_gap_breaks_the_line_and_its_band() -> None:
    svg = course(_points(0.1, 0.12, None, 0.1, 0.11), "alt", AXIS)
    assert len(_all(svg, "polyline")) == 2
    assert len(_all(svg, "polygon")) == 2


def test_a_lone_value_is_a_dot_with_its_reach() -> None:
    svg = course(_points(None, 0.1, None), "alt", AXIS)
    assert _all(svg, "polyline") == []
    assert "c-reach" in svg


def test_the_last_measured_value_is_labelled() -> None:
    points = [*_points(0.1), Point("week 1", 0.117, 0.1, 0.13, "11.7%"), Point("week 2", None, None, None)]
    assert "11.7%" in [text.text for text in _all(course(points, "alt", AXIS), "text")]


def test_everything_drawn_stays_inside_the_picture() -> None:
    svg = course(_points(*[0.02 * number for number in range(11)]), "alt", [(0.0, "0"), (0.2, "20%")])
    _, _, width, height = map(float, ET.fromstring(svg).attrib["viewBox"].split())  # noqa: S314 - our own drawing
    for line in _all(svg, "polyline"):
        for pair in line.attrib["points"].split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_outside_text_never_becomes_markup() -> None:
    svg = bar_list([Bar("<script>&", 0.5, '"1"')], '"><script>')
    assert "<script" not in svg
    assert [text.text for text in _all(svg, "text")] == ["<script>&", '"1"']


def test_a_bar_without_returns_has_no_length() -> None:
    assert [bar.attrib["width"] for bar in _all(bar_list([Bar("a", 0, "0"), Bar("b", 1, "9")], "alt"), "rect")] == [
        "0.0",
        "400.0",
    ]


def test_an_interval_without_a_share_is_named_but_not_drawn() -> None:
    rows = [Interval("now", 0.8, 0.49, 0.94, "80%", is_main=True), Interval("before", None, None, None, "n = 4")]
    svg = intervals(rows, "alt", ("0%", "100%"))
    assert len(_all(svg, "circle")) == 1
    assert "before" in svg


def test_a_drawing_says_what_it_shows_to_those_who_do_not_see_it() -> None:
    root = ET.fromstring(bar_list([Bar("a", 1, "1")], "Reasons of 7 returns"))  # noqa: S314 - our own drawing
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", "Reasons of 7 returns")


@pytest.mark.parametrize(
    ("values", "top"),
    [([0.0], 0.01), ([0.117, None], 0.2), ([0.43], 0.5), ([1.0], 1.0), ([1.5], 2.0), ([], 0.01)],
)
def test_the_axis_ends_at_a_round_value_above_all(values: list[float | None], top: float) -> None:
    assert axis_top(values) == top


def _dark_pixels(picture: bytes) -> int:
    """Count the bytes below half brightness of an unfiltered view of the picture; enough to see text appear."""
    data = b""
    position = 8
    while position < len(picture):
        (length,) = struct.unpack(">I", picture[position : position + 4])
        if picture[position + 4 : position + 8] == b"IDAT":
            data += picture[position + 8 : position + 8 + length]
        position += length + 12
    return sum(byte not in {0, 255} for byte in zlib.decompress(data))


def test_the_picture_for_mails_is_800_wide_and_has_its_words() -> None:
    with_words = png(bar_list([Bar("Trop petit, œuvré", 0, "12\u202f%")], "alt"))
    without = png(bar_list([Bar("", 0, "")], "alt"))
    assert with_words.startswith(b"\x89PNG")
    assert struct.unpack(">I", with_words[16:20]) == (800,)
    assert _dark_pixels(with_words) > _dark_pixels(without) + 1000

"""Charts as SVG: thin, labelled directly, with the band of the 95 % interval, and nothing for show.

The drawing carries class names only. A page colours them by its style sheet (light and dark); a mail gets
a PNG drawn with `MAIL_STYLE` and the bundled font, because a small server may have no fonts. Each chart
stands beside a table with the same numbers; its alt text is the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from feedback_service import paths

WIDTH = 400  # Units of the drawing: in a mail on a phone of 360 px, 14 units are still 10 px.
_FONTS = ("Inter-Regular.ttf", "Inter-SemiBold.ttf")
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 338.0, 16.0, 150.0  # The plot of a course.
_NICE_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)

MAIL_STYLE = """
svg { background: #ffffff }
text { font-family: Inter, sans-serif; font-size: 14px; fill: #1f2328 }
.c-strong { font-weight: 600 }
.c-quiet { fill: #5b6067; font-size: 13px }
.c-bar, .c-dot { fill: #1d5c4a }
.c-rest { fill: #b9c4bf }
.c-band { fill: #cfe0d9 }
.c-line { fill: none; stroke: #1d5c4a; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.c-reach { stroke: #1d5c4a; stroke-width: 1.5 }
.c-grid { stroke: #dddad3; stroke-width: 1 }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar list: `share` (0-1 of the longest possible bar) and the words beside it."""

    label: str
    share: float
    text: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of a course; `value` None is a gap. `text` is written where the point is labelled."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """One row of an interval chart: a share (0-1) with its bounds; None hides the dot, not the row."""

    label: str
    share: float | None
    low: float | None
    high: float | None
    text: str
    is_main: bool = False


def bar_list(bars: Sequence[Bar], alt: str) -> str:
    """Return a list of thin horizontal bars, in the order given."""
    rows = []
    for number, bar in enumerate(bars):
        top = number * 38
        weight = " c-strong" if bar.is_main else ""
        length = max(2.0, min(1.0, bar.share) * WIDTH) if bar.share > 0 else 0
        rows += [
            _text(0, top + 15, bar.label, f"c-ink{weight}"),
            _text(WIDTH, top + 15, bar.text, f"c-ink{weight}", anchor="end"),
            _rect(0, top + 22, length, 6, "c-bar" if bar.is_main else "c-rest"),
        ]
    return _svg(rows, 38 * len(bars) - 6, alt)


def course(points: Sequence[Point], alt: str, axis: Sequence[tuple[float, str]]) -> str:
    """Return a line over time with the band of its interval; the last point is labelled directly.

    `axis` holds the grid's values, 0 first, with their words; the last is the top of the plot. Use `axis_top`.
    """
    top = axis[-1][0]
    step = (_RIGHT - _LEFT) / max(1, len(points) - 1)
    spots = [_Spot(_LEFT + number * step, point, top) for number, point in enumerate(points)]
    parts = [part for value, words in axis for part in _grid(value, top, words)]
    for run in _runs(spots):
        parts += _run(run)
    drawn = [spot for spot in spots if spot.point.value is not None]
    parts += _last(drawn[-1]) if drawn else []
    parts.append(_text(_LEFT, _BOTTOM + 20, points[0].label, "c-quiet"))
    if len(points) > 1:
        parts.append(_text(_RIGHT, _BOTTOM + 20, points[-1].label, "c-quiet", anchor="end"))
    return _svg(parts, _BOTTOM + 28, alt)


def axis_top(values: Sequence[float | None]) -> float:
    """Return a round top for an axis that starts at 0 and holds every value (shares, 0-1, more if they are)."""
    largest = max((value for value in values if value is not None), default=0.0)
    return next((top for top in _NICE_TOPS if largest <= top), float(int(largest) + 1))


def intervals(rows: Sequence[Interval], alt: str, ends: tuple[str, str]) -> str:
    """Return one line from 0 to 1 per row with the band of its interval and a dot for its share."""
    parts = []
    for number, row in enumerate(rows):
        top = number * 50
        weight = " c-strong" if row.is_main else ""
        parts += [
            _text(0, top + 15, row.label, f"c-ink{weight}"),
            _text(WIDTH, top + 15, row.text, f"c-ink{weight}", anchor="end"),
            _line(0, top + 31, WIDTH, top + 31, "c-grid"),
        ]
        if row.share is None or row.low is None or row.high is None:
            continue
        left, width = row.low * WIDTH, (row.high - row.low) * WIDTH
        parts.append(_rect(left, top + 26, width, 10, "c-band"))
        centre = min(max(row.share * WIDTH, 5), WIDTH - 5)
        parts.append(f'<circle cx="{centre:.1f}" cy="{top + 31}" r="5" class="c-dot"/>')
    bottom = 50 * len(rows) + 4
    parts += [_text(0, bottom, ends[0], "c-quiet"), _text(WIDTH, bottom, ends[1], "c-quiet", anchor="end")]
    return _svg(parts, bottom + 6, alt)


def png(svg: str) -> bytes:
    """Return the drawing as a PNG of 800 pixels width, on white, in the bundled font alone."""
    import resvg_py

    folder = paths.STATIC / "vendor" / "fonts"
    # The bundled font has no narrow no-break space; the wider one reads the same.
    return resvg_py.svg_to_bytes(
        svg_string=svg.replace("\u202f", "\u00a0"),
        style_sheet=MAIL_STYLE,
        background="#ffffff",
        width=2 * WIDTH,
        skip_system_fonts=True,
        font_files=[str(folder / name) for name in _FONTS],
        font_family="Inter",
        sans_serif_family="Inter",
    )


class _Spot:
    """A point with its place in the plot."""

    def __init__(self, x: float, point: Point, top: float) -> None:
        self.x, self.point, self._top = x, point, top

    @property
    def y(self) -> float:
        return self.place(self.point.value)

    def place(self, value: float | None) -> float:
        return _height(min(value or 0.0, self._top), self._top)


def _height(value: float, top: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * (value / top if top else 0)


def _runs(spots: Sequence[_Spot]) -> list[list[_Spot]]:
    """Split at the gaps: a line over a gap would claim what nobody measured."""
    runs: list[list[_Spot]] = [[]]
    for spot in spots:
        if spot.point.value is None:
            runs.append([])
        else:
            runs[-1].append(spot)
    return [run for run in runs if run]


def _run(run: Sequence[_Spot]) -> list[str]:
    parts = []
    banded = [spot for spot in run if spot.point.low is not None and spot.point.high is not None]
    if len(run) == 1:
        spot = run[0]
        if banded:
            parts.append(_line(spot.x, spot.place(spot.point.low), spot.x, spot.place(spot.point.high), "c-reach"))
        return [*parts, f'<circle cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="3" class="c-dot"/>']
    if len(banded) > 1:
        edge = [(spot.x, spot.place(spot.point.high)) for spot in banded]
        edge += [(spot.x, spot.place(spot.point.low)) for spot in reversed(banded)]
        parts.append(f'<polygon points="{_points(edge)}" class="c-band"/>')
    return [*parts, f'<polyline points="{_points([(spot.x, spot.y) for spot in run])}" class="c-line"/>']


def _last(spot: _Spot) -> list[str]:
    """Draw the last measured point with its value beside it: right of it nothing is drawn."""
    dot = f'<circle cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="4" class="c-dot"/>'
    return [dot, _text(spot.x + 9, spot.y + 5, spot.point.text, "c-ink c-strong")]


def _grid(value: float, top: float, words: str) -> list[str]:
    y = _height(value, top)
    return [_line(_LEFT, y, _RIGHT, y, "c-grid"), _text(_LEFT - 8, y + 4.5, words, "c-quiet", anchor="end")]


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1.5" class="{kind}"/>'


def _text(x: float, y: float, words: str, kind: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(parts: Sequence[str], height: float, alt: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{escape(alt)}" '
        f'viewBox="0 0 {WIDTH} {height:.0f}">{"".join(parts)}</svg>'
    )

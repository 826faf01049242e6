"""Finland's regions as tiles on paper, each where a reader of the map would look for it.

The page's map is the macro `region_map` with `figures.css`; a test holds the two to the same places and words.
"""

from collections.abc import Mapping, Sequence
from html import escape

from msgspec import Struct

from events.core.i18n import format_number
from events.core.i18n import lazy_gettext as _
from events.reports.words import Words

PLACES: Mapping[str, tuple[int, int]] = {
    "19": (1, 3),
    "16": (2, 2),
    "17": (2, 3),
    "18": (2, 4),
    "15": (3, 1),
    "14": (3, 2),
    "13": (3, 3),
    "11": (3, 4),
    "12": (3, 5),
    "04": (4, 1),
    "06": (4, 2),
    "07": (4, 3),
    "10": (4, 4),
    "09": (4, 5),
    "02": (5, 1),
    "05": (5, 2),
    "01": (5, 3),
    "08": (5, 4),
    "21": (6, 1),
}
"""Region → row and column of its tile, from 1."""

SHORT: Mapping[str, Words] = {
    "01": _("Uus"),
    "02": _("V-S"),
    "04": _("Sat"),
    "05": _("K-H"),
    "06": _("Pir"),
    "07": _("P-H"),
    "08": _("Kym"),
    "09": _("E-K"),
    "10": _("E-S"),
    "11": _("P-S"),
    "12": _("P-K"),
    "13": _("K-S"),
    "14": _("E-P"),
    "15": _("Poh"),
    "16": _("K-P"),
    "17": _("P-P"),
    "18": _("Kai"),
    "19": _("Lap"),
    "21": _("Ahv"),
}

SHADES = (
    ("#f7f7f8", "#1b1b1b"),
    ("#d5e4f6", "#1b1b1b"),
    ("#a5c5e9", "#1b1b1b"),
    ("#2a6ebb", "#fff"),
    ("#00357a", "#fff"),
)
"""Colour and ink of a tile, from none to the most: by lightness alone they can be told apart in grey print."""

SIDE, GAP = 64, 4
"""Of a tile, and between two, in pixels."""

_LARGEST, _SIGN = 20, 0.56
"""Size of the number in pixels, and how wide its signs are at most, of that."""


class MapTile(Struct, frozen=True, kw_only=True):
    """A region on the map of a report: its participations, None where hidden, and whether it is to be reached."""

    code: str
    short: str
    name: str
    participations: int | None
    target: bool = False


def drawn_map(tiles: Sequence[MapTile]) -> str:
    """Draw the map as SVG; the same tiles in the same language give the same bytes."""
    most = max((tile.participations or 0 for tile in tiles), default=0)
    rows, columns = (max(place[axis] for place in PLACES.values()) for axis in (0, 1))
    width, height = columns * (SIDE + GAP) - GAP, rows * (SIDE + GAP) - GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="Source Sans 3" text-anchor="middle">'
        + "".join(_tile(tile, most) for tile in tiles if tile.code in PLACES)
        + "</svg>"
    )


def _tile(tile: MapTile, most: int) -> str:
    row, column = PLACES[tile.code]
    shade = -(-(tile.participations or 0) * (len(SHADES) - 1) // most) if most else 0
    fill, ink = SHADES[shade]
    number = "–" if tile.participations is None else format_number(tile.participations) if tile.participations else ""
    size = min(_LARGEST, int((SIDE - 8) / (len(number) * _SIGN))) if number else _LARGEST
    edge = f'stroke="{ink}" stroke-width="3"' if tile.target else 'stroke="#8a9197" stroke-width="1"'
    return (
        f'<g transform="translate({(column - 1) * (SIDE + GAP)} {(row - 1) * (SIDE + GAP)})" fill="{ink}">'
        f'<rect x="2" y="2" width="{SIDE - 4}" height="{SIDE - 4}" rx="4" fill="{fill}" {edge}/>'
        + (f'<path d="{_STAR}"/>' if tile.target else "")
        + f'<text x="{SIDE / 2:g}" y="27" font-size="14">{escape(tile.short)}</text>'
        + (f'<text x="{SIDE / 2:g}" y="49" font-size="{size}" font-weight="700">{number}</text>' if number else "")
        + "</g>"
    )


_STAR = "M55 6l1.3 3.2 3.5.3-2.6 2.3.8 3.4-3-1.8-3 1.8.8-3.4-2.6-2.3 3.5-.3z"
"""In a corner of a tile."""

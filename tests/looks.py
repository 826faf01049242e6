"""How wide words are and how far colours stand apart, reckoned without a browser."""

import re
from functools import cache
from typing import cast

from PIL import ImageColor, ImageFont

from events.core.paths import folder

TEXT_CONTRAST = 4.5
"""WCAG 1.4.3."""

MEASURED = 100
"""Pixels: wide enough that rounding to whole ones does not matter."""


def luminance(colour: str) -> float:
    """The relative luminance of a colour as CSS writes it (WCAG 2.2), 0 to 1."""
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in cast("tuple[int, int, int]", ImageColor.getrgb(_with_commas(colour))[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart in lightness: from 1 (the same) to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """How wide words are in the service's own font at a size, both in pixels."""
    return _font(bold=bold).getlength(words) * size / MEASURED


@cache
def _font(*, bold: bool) -> ImageFont.FreeTypeFont:
    cut = "700Bold" if bold else "400Regular"
    (path,) = folder("fonts").glob(f"SourceSans3_{cut}.ttf")
    return ImageFont.truetype(str(path), MEASURED)


def _with_commas(colour: str) -> str:
    """`hsl(212 63% 45%)` in the older way of writing, which Pillow knows."""
    return re.sub(r"^hsl\((\S+) (\S+) (\S+)\)$", r"hsl(\1, \2, \3)", colour)

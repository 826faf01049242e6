import io
import random
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from events.core import qr

TEXT = "https://sixnet.example/t/abcdefghjkmnpqrstuvwxyz234"


def test_a_png_can_be_opened_and_has_its_quiet_zone() -> None:
    image = Image.open(io.BytesIO(qr.png(TEXT, scale=5)))
    image.load()
    assert image.width == image.height
    assert image.width % 5 == 0
    edge = 4 * 5
    assert image.crop((0, 0, image.width, edge)).getextrema() == (255, 255)
    assert image.getpixel((edge, edge)) == 0


def test_svg_and_png_show_the_same_modules() -> None:
    image = Image.open(io.BytesIO(qr.png(TEXT, scale=1)))
    root = ET.fromstring(qr.svg(TEXT))
    assert root.attrib["viewBox"] == f"0 0 {image.width} {image.height}"
    dark = {(x, y) for y in range(image.height) for x in range(image.width) if image.getpixel((x, y)) == 0}
    drawn = set()
    for run in root[1].attrib["d"].removesuffix("z").split("z"):
        x, y = map(int, run[1:].split("h")[0].split())
        drawn |= {(x + offset, y) for offset in range(int(run.split("h")[1].split("v")[0]))}
    assert drawn == dark


@pytest.mark.parametrize("draw", [qr.png, qr.svg])
def test_another_text_gives_another_picture(draw: object) -> None:
    assert callable(draw)
    assert draw(TEXT) != draw(TEXT + "x")


@pytest.mark.parametrize("seed", range(20))
def test_a_picture_made_from_another_one_is_the_picture_of_its_text(seed: int) -> None:
    draw = random.Random(seed)
    begin = "https://sixnet.example/t/"
    for _ in range(3):
        text = begin + "".join(draw.choices("abcdefghjkmnpqrstuvwxyz23456789", k=26))
        made = qr.png(text, scale=1)
        alone = qr._drawn(text.encode())
        image = Image.open(io.BytesIO(made))
        size = image.width
        modules = "".join("1" if image.getpixel((x, y)) == 0 else "0" for y in range(size) for x in range(size))
        assert (size, int(modules, 2)) == alone

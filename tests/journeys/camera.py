"""A camera that shows what we want: a Motion JPEG file that Chromium plays in a loop in place of a real camera."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import qrcode
from PIL import Image, ImageEnhance, ImageFilter

SIZE = (640, 480)
FRAMES_A_SECOND = 30
"""At which Chromium plays such a file."""


class Look(NamedTuple):
    """How a code is held before the camera: `side` in pixels, turned by degrees, out of focus, in bad light."""

    side: int = 320
    turned: float = 0
    blur: float = 0
    light: float = 1


PLAIN = Look()


def film(path: Path, texts: Sequence[str], *, seconds: float = 2.0, looks: Sequence[Look] = (PLAIN,)) -> Path:
    """Write a film of QR codes to `path`, each shown for some seconds; "" shows an empty wall. Returns the path.

    The codes have the `looks` in turn.
    """
    with path.open("wb") as file:
        for number, text in enumerate(texts):
            file.write(frame(text, looks[number % len(looks)]) * max(1, round(seconds * FRAMES_A_SECOND)))
    return path


def frame(text: str, look: Look = PLAIN) -> bytes:
    """What the camera sees at one moment, as JPEG."""
    wall = Image.new("RGB", SIZE, (150, 150, 145))
    if text:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
        code.add_data(text)
        image = code.make_image().get_image().convert("RGBA").resize((look.side, look.side))
        image = image.rotate(look.turned, expand=True, resample=Image.Resampling.BICUBIC)
        wall.paste(image, ((SIZE[0] - image.width) // 2, (SIZE[1] - image.height) // 2), image)
        wall = ImageEnhance.Brightness(wall.filter(ImageFilter.GaussianBlur(look.blur))).enhance(look.light)
    buffer = io.BytesIO()
    wall.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()

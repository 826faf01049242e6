"""A camera that shows what we want: a Motion JPEG file that Chromium plays in a loop in place of a real camera."""

import io
from collections.abc import Sequence
from pathlib import Path

import qrcode
from PIL import Image

SIZE = (640, 480)
FRAMES_A_SECOND = 30
"""At which Chromium plays such a file."""


def film(path: Path, texts: Sequence[str], *, seconds: float = 2.0) -> Path:
    """Write a film of QR codes to `path`, each shown for some seconds; "" shows an empty wall. Returns the path."""
    with path.open("wb") as file:
        for text in texts:
            file.write(_frame(text) * max(1, round(seconds * FRAMES_A_SECOND)))
    return path


def _frame(text: str) -> bytes:
    wall = Image.new("RGB", SIZE, (150, 150, 145))
    if text:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
        code.add_data(text)
        image = code.make_image().get_image().convert("RGB").resize((320, 320))
        wall.paste(image, ((SIZE[0] - 320) // 2, (SIZE[1] - 320) // 2))
    buffer = io.BytesIO()
    wall.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()

"""QR codes as PNG for mails and as SVG for pages; black on white, with the quiet zone the standard asks for."""

import struct
import zlib

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData

QUIET_ZONE = 4
"""Modules around the code (ISO/IEC 18004)."""

_MASK = 3
"""One of the eight masks: trying all of them takes five times as long, and readers take any."""


def png(text: str, *, scale: int = 6) -> bytes:
    """Draw a code as a PNG of one bit per pixel, `scale` pixels to the module."""
    size, code = _alike(text.encode())
    width = size * scale
    wide = str.maketrans({"0": "1" * scale, "1": "0" * scale})
    modules = format(code, f"0{size * size}b")
    lines = bytearray()
    for begin in range(0, size * size, size):
        bits = modules[begin : begin + size].translate(wide) + "0" * (-width % 8)
        lines += (b"\x00" + int(bits, 2).to_bytes(len(bits) // 8, "big")) * scale
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(lines))) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def svg(text: str) -> str:
    """Draw a code as an SVG image without a size of its own."""
    rows = _matrix(text.encode())
    size = len(rows)
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < size:
            end = x
            while end < size and row[end]:
                end += 1
            if end > x:
                runs.append(f"M{x} {y}h{end - x}v1H{x}z")
            x = max(end, x + 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{"".join(runs)}"/></svg>'
    )


def _alike(data: bytes) -> tuple[int, int]:
    """Return the size of a code and its modules as the bits of a number, row by row, dark ones set.

    Under one mask and for texts of one length, every module is a sum without carry of some bits of the text and a
    constant: Reed-Solomon is linear. So a code follows from another one and from what each differing bit changes in it,
    which is learned once. Tickets, alike but for their secrets, take a fiftieth of the time so.
    """
    if len(data) not in _firsts:
        if len(_firsts) >= _LENGTHS:
            _firsts.clear()
        _firsts[len(data)] = _First(data, *_drawn(data))
    first = _firsts[len(data)]
    code, changed = first.code, int.from_bytes(data, "big") ^ int.from_bytes(first.data, "big")
    while changed:
        bit = changed & -changed
        if bit not in first.changes:
            other = (int.from_bytes(first.data, "big") ^ bit).to_bytes(len(data), "big")
            first.changes[bit] = _drawn(other)[1] ^ first.code
        code ^= first.changes[bit]
        changed ^= bit
    return first.size, code


class _First:
    """The first code of a length, and what a differing bit of the text changes in it."""

    def __init__(self, data: bytes, size: int, code: int) -> None:
        self.data = data
        self.size = size
        self.code = code
        self.changes: dict[int, int] = {}


_LENGTHS = 16
_firsts: dict[int, _First] = {}


def _drawn(data: bytes) -> tuple[int, int]:
    rows = _matrix(data)
    return len(rows), int("".join("1" if dark else "0" for row in rows for dark in row), 2)


def _matrix(data: bytes) -> list[list[bool]]:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=_MASK)
    code.add_data(QRData(data, mode=MODE_8BIT_BYTE), optimize=0)
    code.make(fit=True)
    rows: list[list[bool]] = code.get_matrix()
    return rows


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

"""Text files in any of the encodings that spreadsheets and meetings write."""

SAMPLE = 400
"""So many bytes tell how a file is written."""


def is_utf16(source: bytes) -> bool:
    """Say whether a file is UTF-16, with its mark or without."""
    return source[:2] in {b"\xff\xfe", b"\xfe\xff"} or _utf16_without_mark(source) is not None


def _utf16_without_mark(source: bytes) -> str | None:
    sample = source[:SAMPLE]
    pairs = max(1, len(sample) // 2)
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros.count(0) > 0.7 * pairs:  # Latin text has one in nearly every pair
            return encoding
    return None


def decoded(source: bytes) -> str:
    """Return the text of a file: UTF-16, UTF-8, or else what Windows wrote in the west of Europe."""
    if source[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return source.decode("utf-16", errors="replace")
    if encoding := _utf16_without_mark(source):
        return source.decode(encoding, errors="replace")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return source.decode("cp1252", errors="replace")

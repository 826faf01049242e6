"""Marks of many in one value, a bit at the place of each: no row, time or transaction of its own stands for one."""


def marked(marks: str, place: str) -> str:
    """Return SQL: whether the bit at a place is set, as `has_mark` says it; both are columns."""
    return f"(CASE WHEN {place} < 8 * length({marks}) THEN get_bit({marks}, {place}) = 1 ELSE false END)"


def has_mark(marks: bytes, place: int) -> bool:
    """Say whether the bit at a place is set."""
    byte, bit = divmod(place, 8)
    return byte < len(marks) and bool(marks[byte] >> bit & 1)


def with_mark(marks: bytes, place: int) -> bytes:
    """Set the bit at a place."""
    byte, bit = divmod(place, 8)
    longer = bytearray(marks.ljust(byte + 1, b"\0"))
    longer[byte] |= 1 << bit
    return bytes(longer)

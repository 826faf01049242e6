"""The sizes in which badges and table signs are printed; a new one is a line here, the templates know none by name."""

from collections.abc import Mapping

from msgspec import Struct

from events.core.i18n import format_number, ngettext
from events.core.i18n import gettext as _


class BadgeFormat(Struct, frozen=True, kw_only=True):
    """A badge in millimetres: `columns` × `rows` of them on a sheet of A4, or one a page for printers of labels.

    `pad` is left free on each side, `code` is the side of the QR code, `marks` the height for the marks of projects (0:
    they do not fit). `beside` sets the code beside everything, else beside what stands below the name.
    """

    name: str
    width: int
    height: int
    columns: int = 1
    rows: int = 1
    pad: int
    code: int
    marks: int = 0
    beside: bool = False

    @property
    def is_label(self) -> bool:
        """Whether each is a page of its own."""
        return self.columns * self.rows == 1

    @property
    def words(self) -> str:
        """The size as people choose it."""
        size = f"{self.name} {format_number(self.width)} × {format_number(self.height)} mm".strip()
        if self.is_label:
            return _("Label %(size)s", size=size)
        return _with_number(size, self.columns * self.rows)


BADGES: Mapping[str, BadgeFormat] = {
    "a6": BadgeFormat(name="A6", width=105, height=148, columns=2, rows=2, pad=8, code=36, marks=12),
    "a7": BadgeFormat(name="A7", width=105, height=74, columns=2, rows=4, pad=6, code=26, marks=8),
    "90x55": BadgeFormat(name="", width=90, height=55, columns=2, rows=5, pad=5, code=22),
    "100x62": BadgeFormat(name="", width=100, height=62, pad=4, code=26),
    "89x36": BadgeFormat(name="", width=89, height=36, pad=3, code=25, beside=True),
}
"""A code of version 4 with its quiet zone has 41 modules: at 22 mm each is half a millimetre, which any phone reads."""


class SignFormat(Struct, frozen=True):
    """A sheet in millimetres and how many tents it is cut into, one above the other; each is folded in the middle."""

    name: str
    width: int
    height: int
    tents: int

    @property
    def words(self) -> str:
        """The size of the side one sees, as people choose it."""
        high = self.height // self.tents // 2
        size = f"{self.name}, {format_number(self.width)} × {format_number(high)} mm"
        return _with_number(size, self.tents)


SIGNS: Mapping[str, SignFormat] = {
    "a4": SignFormat("A4", 297, 210, 1),
    "a5": SignFormat("A5", 210, 297, 2),
}


def _with_number(size: str, on_sheet: int) -> str:
    return ", ".join((size, ngettext("%(n)s on a sheet", "%(n)s on a sheet", on_sheet)))

"""Which bit of `participation.cells` stands for which cell, and which number in `counts_as` for which kind and role.

The migration that made the columns holds the same order; a test compares the two. New codes go to the end of their
axis, in a migration that makes the column anew.
"""

from collections.abc import Mapping

from msgspec import Struct

from events.network.tables import OrganisationType, SizeClass
from events.programme.tables import Kind, SiteMode
from events.registration.tables import RegistrationRole


class Axis(Struct, frozen=True):
    """A break-down in which each participation stands in exactly one cell: its codes, from bit `first` on."""

    first: int
    codes: tuple[str, ...]

    def bit(self, code: str) -> int:
        """Return the bit of one cell, alone."""
        return 1 << (self.first + self.codes.index(code))

    @property
    def mask(self) -> int:
        """All bits of the axis."""
        return ((1 << len(self.codes)) - 1) << self.first


REGIONS = (
    "01",
    "02",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "19",
    "21",
)

AXES: Mapping[str, Axis] = {
    "region": Axis(0, (*REGIONS, "abroad", "unknown")),
    "organisation_type": Axis(24, tuple(OrganisationType)),
    "size_class": Axis(40, tuple(SizeClass)),
    "event_kind": Axis(48, tuple(Kind)),
    "site_mode": Axis(56, tuple(SiteMode)),
}

KINDS_AND_ROLES = tuple((kind, role) for kind in Kind for role in RegistrationRole)
"""`counts_as` is the place in this list, from 1 on; 0 for what is not in it, which counts nowhere."""


def month_of(number: int) -> str:
    """Name a month as `participation.month` numbers it: 24320 is 2026-09."""
    year, month = divmod(number, 12)
    return f"{year}-{month + 1:02}"


def months_until(year: int, month: int) -> int:
    """Number a month as `participation.month` does."""
    return year * 12 + month - 1

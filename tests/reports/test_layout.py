"""The bits that PostgreSQL keeps beside a participation are those that the counts read."""

import asyncpg
import pytest

from events.core import database
from events.network.tables import OrganisationType, SizeClass
from events.programme.tables import Kind, SiteMode
from events.reports.counting.layout import AXES, KINDS_AND_ROLES, REGIONS, month_of, months_until
from tests.reports.world import Held, Row, World, build

CELLS = "SELECT report_cells($1, $2, $3, $4, $5, $6)"


def codes(cells: int) -> dict[str, str]:
    """The cells whose bits are set; each axis has exactly one."""
    found = {name: [code for code in axis.codes if cells & axis.bit(code)] for name, axis in AXES.items()}
    assert all(len(each) == 1 for each in found.values()), found
    assert sum(axis.bit(found[name][0]) for name, axis in AXES.items()) == cells
    return {name: each[0] for name, each in found.items()}


@pytest.mark.parametrize("region", REGIONS)
async def test_each_region_has_its_bit(db: asyncpg.Connection, region: str) -> None:
    cells = await database.fetchval(CELLS, region, "FI", "company", "small", "meeting", "venue")
    assert codes(cells)["region"] == region


async def test_all_regions_have_one(db: asyncpg.Connection) -> None:
    known = await database.fetch("SELECT code FROM region ORDER BY code")
    assert tuple(row["code"] for row in known) == REGIONS


@pytest.mark.parametrize("kind", OrganisationType)
@pytest.mark.parametrize("size", SizeClass)
async def test_each_type_and_size_has_its_bit(db: asyncpg.Connection, kind: str, size: str) -> None:
    cells = codes(await database.fetchval(CELLS, "06", "FI", kind, size, "meeting", "venue"))
    assert (cells["organisation_type"], cells["size_class"]) == (kind, size)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("mode", SiteMode)
async def test_each_kind_and_mode_has_its_bit(db: asyncpg.Connection, kind: str, mode: str) -> None:
    cells = codes(await database.fetchval(CELLS, "06", "FI", "company", "micro", kind, mode))
    assert (cells["event_kind"], cells["site_mode"]) == (kind, mode)


@pytest.mark.parametrize(
    ("region", "country", "cell"), [("", "FI", "unknown"), ("", "SE", "abroad"), ("99", "FI", "unknown")]
)
async def test_who_has_no_region_stands_in_one_cell_all_the_same(
    db: asyncpg.Connection, region: str, country: str, cell: str
) -> None:
    cells = codes(await database.fetchval(CELLS, region, country, "nothing", "nothing", "meeting", "venue"))
    assert (cells["region"], cells["organisation_type"], cells["size_class"]) == (cell, "unknown", "unknown")


@pytest.mark.parametrize(("place", "kind", "role"), [(n, *each) for n, each in enumerate(KINDS_AND_ROLES, start=1)])
async def test_kind_and_role_have_their_number(db: asyncpg.Connection, place: int, kind: str, role: str) -> None:
    assert await database.fetchval("SELECT report_counts_as($1, $2)", kind, role) == place
    assert await database.fetchval("SELECT report_counts_as($1, $2)", kind, "guest") == 0


async def test_the_bits_of_a_row_follow_it_and_cannot_be_written(db: asyncpg.Connection) -> None:
    await build(World([Held()], [Row(0, 0, None)]))
    await database.execute("UPDATE participation SET region = '14', held_on = '2026-12-31', event_kind = 'meeting'")
    row = await database.fetchrow("SELECT cells, month, counts_as FROM participation")
    assert row
    assert codes(row["cells"])["region"] == "14"
    assert codes(row["cells"])["event_kind"] == "meeting"
    assert (row["month"], row["counts_as"]) == (months_until(2026, 12), 1)
    assert month_of(row["month"]) == "2026-12"
    with pytest.raises(asyncpg.PostgresError):
        await database.execute("UPDATE participation SET cells = 0")

"""Counting the persons that blocks are made by: of few exactly, of more at least so many."""

import asyncpg

from events.core import database
from events.core.small_groups import SMALLEST
from events.reports.counting.layout import REGIONS, months_until
from events.reports.participation import EVERYTHING
from events.reports.protection import parts, persons
from events.reports.protection.lots import half_year
from tests.reports.world import Held, Row, World, build


async def test_persons_of_cells_and_classes_are_those_of_the_rows(db: asyncpg.Connection) -> None:
    """Regions of 1 to 80 persons, who come to two events of a half-year, some to one of another; two of them are one."""
    sizes = {region: place % 7 + 1 for place, region in enumerate(REGIONS)}
    sizes[REGIONS[0]] = 8
    sizes[REGIONS[-1]] = 80
    coming = [(region, n) for region, size in sizes.items() for n in range(size)]
    rows = [
        Row(event, person, None, region=region)
        for person, (region, n) in enumerate(coming)
        for event in (0, 1, 2)
        if event < 2 or n % 2
    ]
    await build(World([Held(), Held(day=5), Held(day=400)], rows))
    double = [person for person, (region, n) in enumerate(coming) if sizes[region] == 8 and n < 2]
    one_of = "SELECT id FROM person WHERE given_name = $1"
    first, second = [await database.fetchval(one_of, f"Henkilö{person}") for person in double[:2]]
    await database.execute("UPDATE person SET merged_into = $1 WHERE id = $2", first, second)

    known = await parts.read(db, EVERYTHING)
    read = await persons.reading(db, {part: part.of for part in known.parts})
    cells = (await persons.of_cells(db, read))["region"]
    first_half, later = (("1", half_year(months_until(year, 1))) for year in (2026, 2027))
    assert sorted(read.classes) == [first_half, later]
    places = {of: 1 << place for place, of in enumerate(read.classes)}
    for region, size in sizes.items():
        for of, real in ((first_half, size - (size == 8)), (later, size // 2)):
            told = cells[of][(region,)].persons if real else 0
            assert told == real if real < SMALLEST else SMALLEST <= told <= real, (of, region)
    again = sum(size // 2 for size in sizes.values())
    assert await persons.of_classes(db, read) == {places[first_half]: len(coming) - 1 - again, 0b11: again}

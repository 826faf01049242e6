"""The list of enterprises and the aid to them: whatever they and their events are called, none is taken for another."""

import asyncpg

from events.reports.funder import enterprises
from tests.reports.funder.made import make_report
from tests.reports.world import Held, Row, World

ADVISED_TWICE = World(
    [Held(kind=kind, projects=("P1",)) for kind in ("workshop", "meeting")],
    [Row(event, person, person) for event in (0, 1) for person in (0, 1)],
)
"""Two companies, at two events of one day."""


async def test_each_event_of_each_company_is_a_line_of_aid(db: asyncpg.Connection) -> None:
    head = await make_report(ADVISED_TWICE)
    await db.execute("UPDATE event SET title_fi = 'Neuvonta', company_specific = true, aid_value = 500")
    await db.execute("UPDATE organisation SET name = 'Sama Oy'")
    _companies, aid = await enterprises.enterprises(head)
    assert [(each.name, each.event, each.value) for each in aid] == [("Sama Oy", "Neuvonta", 500)] * 4


async def test_several_of_a_company_at_one_event_are_one_line_of_aid(db: asyncpg.Connection) -> None:
    head = await make_report(ADVISED_TWICE)
    await db.execute("UPDATE event SET company_specific = true, aid_value = 500")
    await db.execute("UPDATE participation SET organisation = (SELECT organisation FROM participation LIMIT 1)")
    _companies, aid = await enterprises.enterprises(head)
    assert len(aid) == 2

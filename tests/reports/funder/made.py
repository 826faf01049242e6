"""A project with participations and a report on them, for the tests of funder's reports."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from events.core import database
from events.core.actor import Actor, ActorKind, Grant
from events.reports.funder import actions
from events.reports.funder.actions import IndicatorValues, TextValues
from events.reports.funder.queries import ReportHead, report
from events.reports.funder.tables import Rule
from tests.reports.world import FIRST, Held, Row, World, build

NOW = datetime(2026, 6, 1, tzinfo=UTC)
STAFF = Actor(ActorKind.STAFF, uuid4(), "Test", (Grant("coordinator"),))
VIEWER = Actor(ActorKind.STAFF, uuid4(), "Test", (Grant("viewer"),))
PERIOD = (FIRST, date(2026, 3, 31))

WORLD = World(
    [
        Held(projects=("P1",)),
        Held(kind="meeting", day=30, projects=("P1", "P2")),
        Held(day=1, projects=("P1",), reconciled=False),
    ],
    [
        *(Row(0, person, person % 4, size_class="small") for person in range(7)),
        *(
            Row(1, person, None, organisation_type="university", size_class="none", region="14")
            for person in range(3, 10)
        ),
    ],
)


def indicator(rule: Rule, part: str = "", **values: Any) -> IndicatorValues:
    """An indicator called by its rule."""
    names = {"fi": f"{rule.value} {part}".strip()}
    return IndicatorValues(
        **{"code": "", "names": names, "notes": {}, "units": {}, "rule": rule, "part": part, **values}
    )


async def project(code: str = "P1") -> UUID:
    """The id of a project."""
    identity: UUID = await database.fetchval("SELECT id FROM project WHERE code = $1", code)
    return identity


async def make_report(world: World = WORLD, *rules: Rule) -> ReportHead:
    """Build a world, a report on P1 with an indicator for each rule (all of them unless some are given), and a text."""
    await build(world)
    identity = await project()
    for rule in rules or Rule:
        await actions.save_indicator(identity, None, indicator(rule), actor=STAFF, now=NOW)
    made = await actions.create_report(identity, *PERIOD, actor=STAFF, now=NOW)
    texts = TextValues(
        headings={"fi": "Yhteenveto"}, bodies={"fi": "Meni **hyvin**:\n\n- yksi\n- kaksi", "en": "Went *well*."}
    )
    await actions.save_text(made, None, texts, actor=STAFF, now=NOW)
    head = await report(made)
    assert head is not None
    return head

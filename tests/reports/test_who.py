"""Who is behind a figure, and their rows: the sums are the figure's, whatever page they stand on."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings

from events.core import database
from events.reports import rows as rows_module
from events.reports import who as who_module
from events.reports.filters import Filters, Reach
from events.reports.participation import report
from events.reports.rows import Behind, Rows, rows
from events.reports.who import Kind, WhoPage, who
from tests.factories import insert, make_staff, sign_in
from tests.reports.test_pages import PATH, SMALL, get
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, build, filters, worlds

NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def all_rows(wanted: Filters, behind: Behind) -> list[Rows]:
    pages = [await rows(wanted, Reach(), behind)]
    while pages[-1].next:
        pages.append(await rows(wanted, Reach(), behind, after=pages[-1].next))
    return pages


async def everybody(wanted: Filters, behind: Behind, kind: Kind) -> list[WhoPage]:
    pages = [await who(wanted, Reach(), behind, kind)]
    while pages[-1].next:
        pages.append(await who(wanted, Reach(), behind, kind, after=pages[-1].next))
    return pages


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters())
async def test_persons_organisations_and_rows_add_up_to_their_figures(
    db: asyncpg.Connection, world: World, wanted: Filters
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "PAGE", 3)
        patch.setattr(who_module, "PAGE", 3)
        async with undone():
            await build(world)
            made = await report(wanted, now=NOW)
            cells = [("", made.totals), *((each.by, cell) for each in made.break_downs for cell in each.cells[:2])]
            for by, cell in cells:
                behind = Behind(by=by, cell=cell.code)
                pages = await all_rows(wanted, behind)
                shown = [row for page in pages for row in page.rows]
                assert len({row.id for row in shown}) == len(shown) == cell.participations == pages[0].total
                assert sum(row.minutes for row in shown) == cell.minutes == pages[0].minutes
                assert [(row.held_on, row.slug) for row in shown] == sorted((row.held_on, row.slug) for row in shown)
                for kind, number in (("persons", cell.persons), ("organisations", cell.organisations)):
                    listed = await everybody(wanted, behind, kind)
                    each = [one for page in listed for one in page.rows]
                    assert len({one.id for one in each}) == len(each) == number == listed[0].total
                    assert sum(one.participations for one in each) == listed[0].participations
                    assert listed[0].participations + (listed[0].without or 0) == cell.participations


async def test_one_of_the_list_opens_its_own_rows_and_leads_back(client: AsyncClient) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    listed = await who(Filters(region="06"), Reach(), Behind(by="event_kind", cell="workshop"), "organisations")
    one = listed.rows[0]
    query = {"region": "06", "by": "event_kind", "cell": "workshop", "list": "organisations", "back": "dashboard"}
    opened = (await get(client, f"{PATH}/rows", organisation=str(one.id), **query)).text
    assert opened.count('<tr role="row">') - 1 == one.participations == 2
    assert 'href="/staff/reports?region=06#event_kinds"' in opened
    back = "/staff/reports/participation/organisations?region=06&amp;by=event_kind&amp;cell=workshop&amp;back=dashboard"
    assert f'href="{back}"' in opened


@pytest.mark.parametrize("place", ["rows", "persons", "organisations"])
async def test_what_is_no_id_and_what_is_not_there_has_no_rows(client: AsyncClient, place: str) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    for query in (
        {"after": "x"},
        {"after": str(uuid4())},
        {"person": "'"},
        {"by": "nothing"},
        {"by": "event", "cell": ""},
    ):
        opened = await get(client, f"{PATH}/{place}", **query)
        assert opened.status_code == 200
        assert opened.text.count('<tr role="row">') == 0, query


@pytest.mark.parametrize(
    "place", ["participation/rows", "participation/persons", "participation/organisations", "steps"]
)
async def test_who_may_not_see_persons_opens_nothing(client: AsyncClient, place: str) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("viewer"))
    assert (await get(client, f"/staff/reports/{place}")).status_code == 404


@pytest.mark.parametrize("place", ["rows", "persons"])
async def test_who_sees_persons_of_one_region_alone_is_told_that_rows_are_fewer(
    client: AsyncClient, place: str
) -> None:
    await build(SMALL)
    told = "You see persons of some events only"
    await sign_in(client, await make_staff("coordinator"))
    assert told not in (await get(client, f"/staff/reports/participation/{place}")).text
    both = await make_staff("viewer")
    await insert("staff_grant", staff=both, role="coordinator", resource_kind="region", resource_id="06")
    await sign_in(client, both)
    opened = await get(client, f"/staff/reports/participation/{place}")
    assert (opened.status_code, told in opened.text) == (200, True)


@pytest.mark.parametrize(("few", "read"), [(2, {2}), (99, {10})])
async def test_a_page_reads_the_rows_of_its_own_events(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, few: int, read: set[int]
) -> None:
    """Ten events of four rows, pages of three: however far on, two events are looked at; all of them at 99 at a time."""
    await build(World([Held(day=day) for day in range(10)], [Row(day, n, None) for day in range(10) for n in range(4)]))
    monkeypatch.setattr(rows_module, "PAGE", 3)
    monkeypatch.setattr(rows_module, "FEW", few)
    looked_at: list[int] = []
    growing = rows_module._growing

    def told(events: list[UUID], size: int) -> Iterator[list[UUID]]:
        for piece in growing(events, size):
            looked_at.append(len(piece))
            yield piece

    first = await rows(Filters(), Reach(), Behind())
    monkeypatch.setattr(rows_module, "_growing", told)
    second = await rows(Filters(), Reach(), Behind(), after=first.next)
    assert (first.total, second.total, len(second.rows)) == (40, None, 3)
    assert set(looked_at) == read


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("rows?by=region&cell=06&kind=workshop&from=2026-01-01", {"Pirkanmaa", "Työpaja", "1.1.2026"}),
        ("rows?by=heat&cell=none,06", {"Ei teemaa", "Pirkanmaa"}),
        ("rows?by=month&cell=2026-01", {"tammikuu 2026"}),
        ("persons?by=new_persons&from=2026-01-01", {"Uudet henkilöt", "1.1.2026"}),
        ("rows?by=role&cell=host", {"Isäntä"}),
        ("rows?by=month&cell=x", {"x"}),
        ("organisations?project=P1", {"P1"}),
    ],
)
async def test_what_is_behind_a_figure_says_which_figure(client: AsyncClient, place: str, told: set[str]) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    page = (await client.get(f"{PATH}/{place}&lang=fi")).text
    assert told <= set(re.findall("<li>[^<]*<strong>([^<]*)</strong></li>", page))


async def test_the_rows_of_one_say_whose_they_are(client: AsyncClient) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    for kind in ("person", "organisation"):
        (one, *_others) = (await who(Filters(), Reach(), Behind(), f"{kind}s")).rows  # type: ignore[arg-type]
        page = (await client.get(f"{PATH}/rows?{kind}={one.id}")).text
        assert f"<li><strong>{one.name}</strong></li>" in page
        assert "Everything there is" not in page
    assert "Everything there is" not in (await client.get(f"{PATH}/rows?person={uuid4()}")).text


async def test_names_are_in_the_order_of_finnish_and_swedish(client: AsyncClient) -> None:
    await build(World([Held()], [Row(0, person, person) for person in range(3)]))
    for number, name in enumerate(("Åskmoln", "Zeta", "Ammatti")):
        await database.execute("UPDATE organisation SET name = $1 WHERE name = $2", name, f"Yritys {number}")
        await database.execute("UPDATE person SET given_name = $1 WHERE given_name = $2", name, f"Henkilö{number}")
    listed = await everybody(Filters(), Behind(), "organisations")
    assert [one.name for page in listed for one in page.rows] == ["Ammatti", "Zeta", "Åskmoln"]
    assert [row.given_name for page in await all_rows(Filters(), Behind()) for row in page.rows] == [
        *("Ammatti", "Zeta", "Åskmoln")
    ]

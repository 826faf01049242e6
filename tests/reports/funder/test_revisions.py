"""Who may not see persons reads the last revision of a report alone, whatever the way to it, and not what differs."""

import io
from collections.abc import Callable
from uuid import UUID

import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.documents.actions import make_due
from events.documents import KINDS
from events.reports.funder import freezing
from events.reports.funder.shapes import FunderReportView
from tests.factories import make_staff, sign_in
from tests.reports.funder.made import NOW, STAFF, make_report
from tests.reports.funder.test_pages import PATH, get, post

WHY = "Yksi osallistuja poistettiin."
API = "/api/v1/reports/funder"


@pytest.fixture
async def report(client: AsyncClient) -> UUID:
    """A report that was frozen, and frozen again with one participation less; a viewer is signed in."""
    head = await make_report()
    staff = await make_staff("coordinator")
    await sign_in(client, staff)
    await _freeze(client, head.id, seen=0)
    await database.execute("DELETE FROM participation WHERE id = (SELECT min(id::text)::uuid FROM participation)")
    await _freeze(client, head.id, seen=1, why=WHY)
    await sign_in(client, await make_staff("viewer"))
    return head.id


async def _freeze(client: AsyncClient, report: UUID, **data: object) -> None:
    assert (await post(client, f"{PATH}/{report}/freeze", sure="on", **data)).status_code == 303
    assert await make_due(KINDS, now=NOW)


EARLIER: dict[str, Callable[[str], str]] = {
    "json": "{}/revisions/1/report.json".format,
    "nothing": "{}/revisions/3".format,
    "draft": "{}/revisions/0".format,
    "more than a column holds": "{}/revisions/2147483648/report.json".format,
}


@pytest.mark.parametrize("way", EARLIER)
async def test_an_earlier_revision_is_not_there_for_a_viewer(client: AsyncClient, report: UUID, way: str) -> None:
    assert (await get(client, EARLIER[way](f"{PATH}/{report}"))).status_code == 404
    assert (await get(client, f"{PATH}/{report}/revisions/2/report.json")).status_code == 200


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "json"])
async def test_no_file_of_it_is_made_for_a_viewer(client: AsyncClient, report: UUID, kind: str) -> None:
    wanted = {"format": kind, "language": "fi"}
    assert (await post(client, f"{PATH}/{report}/files/1", **wanted)).status_code == 404
    assert (await post(client, f"{PATH}/{report}/files/2", **wanted)).status_code == 303


async def test_what_was_asked_for_before_the_correction_is_not_made_after_it(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await make_report()
    coordinator, viewer = await make_staff("coordinator"), await make_staff("viewer")
    await sign_in(client, coordinator)
    await _freeze(client, head.id, seen=0)
    await sign_in(client, viewer)
    asked = await post(client, f"{PATH}/{head.id}/files/1", format="json", language="fi")
    await freezing.freeze(head.id, seen=1, why=WHY, actor=STAFF, now=NOW)
    await make_due(KINDS, now=NOW)
    assert (await get(client, f"{asked.headers['location']}/file")).status_code == 404


async def test_the_page_of_an_earlier_revision_leads_a_viewer_to_the_one_that_replaced_it(
    client: AsyncClient, report: UUID
) -> None:
    led = await get(client, f"{PATH}/{report}/revisions/1")
    assert (led.status_code, led.headers["location"]) == (303, f"{PATH}/{report}/revisions/2")
    shown = (await get(client, led.headers["location"])).text
    assert "replaced an earlier one" in shown
    assert WHY in shown
    assert "<caption" not in shown.split('id="changes"')[1].split("</section>")[0]
    assert "/revisions/1" not in (listed := (await get(client, f"{PATH}/{report}")).text)
    assert WHY in listed


async def test_the_last_revision_says_why_and_not_what_differs(client: AsyncClient, report: UUID) -> None:
    told = (await get(client, f"{PATH}/{report}/revisions/2/report.json")).json()
    assert (told["why"], told["changes"]) == (WHY, [])
    api = (await get(client, f"{API}/{report}/2")).json()
    assert (api["why"], api["changes"]) == (WHY, [])
    assert (await get(client, f"{API}/{report}/1")).status_code == 404
    asked = await post(client, f"{PATH}/{report}/files/2", format="xlsx", language="en")
    await make_due(KINDS, now=NOW)
    content = (await get(client, f"{asked.headers['location']}/file")).content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert not [name for name in book.sheet_names if name.startswith("Change")]
    assert ["Why", WHY] in book.get_sheet_by_name("Report to the funder").to_python()


async def test_who_may_see_persons_reads_all_revisions_with_what_differs(client: AsyncClient, report: UUID) -> None:
    await sign_in(client, await make_staff("coordinator"))
    assert (await get(client, f"{PATH}/{report}/revisions/1")).status_code == 200
    page = await get(client, f"{PATH}/{report}/revisions/2")
    assert "<caption" in page.text.split('id="changes"')[1].split("</section>")[0]
    one, two = [await _whole(report, number) for number in (1, 2)]
    assert one.totals.participations == (two.totals.participations or 0) + 1
    assert two.changes


async def _whole(report: UUID, revision: int) -> FunderReportView:
    return await freezing.frozen(report, revision, "fi", whole=True)

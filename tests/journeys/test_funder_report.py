"""A report to a funder as a coordinator hands it in and corrects it, without a mouse; the correction on a phone's width."""

import json
from pathlib import Path
from uuid import UUID

from playwright.async_api import Locator, Page, expect
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from events.checkin.actions import attendance, closing
from events.checkin.tables import AttendanceState
from events.core import clock, database
from events.core.actor import SYSTEM
from events.reports.funder import actions
from events.reports.funder.tables import Rule
from tests.journeys.conftest import Launch
from tests.journeys.keyboard import Keyboard
from tests.journeys.looking import WIDE
from tests.journeys.staff import sign_in_as
from tests.reports.funder.made import NOW, PERIOD, STAFF, WORLD, indicator, project
from tests.reports.world import build
from workers.documents import make_all

PHONE = {"width": 360, "height": 740}
FAR = 60
"""Stops of a long report, each of whose tables is one."""


async def test_a_report_is_handed_in_and_corrected_by_keyboard(
    server_url: str, chromium: Launch, tmp_path: Path
) -> None:
    events = await build(WORLD)
    for rule in (Rule.PARTICIPATIONS, Rule.PERSONS):
        await actions.save_indicator(await project(), None, indicator(rule), actor=STAFF, now=NOW)
    await actions.create_report(await project(), *PERIOD, actor=STAFF, now=NOW)
    context = await (await chromium()).new_context(
        locale="en-GB", viewport={"width": 1280, "height": 800}, reduced_motion="reduce", accept_downloads=True
    )
    await sign_in_as(context, server_url, "coordinator")
    page = await context.new_page()
    desk = Keyboard(page)
    await page.goto(f"{server_url}/staff/reports/funder")
    await writes_a_text(desk)
    await freezes(desk)
    revision = page.url
    handed_in = await files(desk, tmp_path / "first")
    await somebody_did_not_come(events[1])
    await stays_as_it_was(page, revision, handed_in, tmp_path / "again")
    await page.set_viewport_size(PHONE)
    await corrects(desk)
    await shows_the_difference(page)
    await page.goto(revision)
    await expect(participations(page)).to_have_text("14")


async def writes_a_text(desk: Keyboard) -> None:
    main = desk.page.get_by_role("main")
    await desk.skip_to_content()
    await desk.go(main.get_by_role("link", name="P1,"))
    await expect(participations(desk.page)).to_have_text("14")
    await desk.skip_to_content()
    await desk.go(main.get_by_role("link", name="Add a text"))
    await desk.skip_to_content()
    await desk.write(desk.page.get_by_label("Heading in Finnish"), "Yhteenveto")
    await desk.write(desk.page.get_by_label("Text in Finnish"), "Meni **hyvin**.")
    await desk.go(main.get_by_role("button", name="Save"))
    await expect(main.locator(".prose strong")).to_have_text("hyvin")


async def freezes(desk: Keyboard) -> None:
    """Say that an event may stay unreconciled, press the button, watch how far it is, and go on to the revision: the way there has the focus."""
    await desk.to(desk.page.get_by_role("checkbox", name="Freeze all the same"), within=FAR)
    await desk.press("Space")
    button = desk.page.get_by_role("button", name="Freeze", exact=True)
    await desk.go(button, within=FAR)
    await watched(desk.page)
    await expect(desk.page.get_by_text("The report is frozen")).to_be_visible(timeout=15_000)
    await expect(desk.page.get_by_role("button", name="Look at the revision")).to_be_focused()
    await desk.enter()


async def watched(page: Page) -> None:
    """See how far a worker is, in the middle of the work; then let it come to its end."""
    progress = page.get_by_role("progressbar")
    await expect(progress).to_be_visible()
    await database.execute(
        "UPDATE document SET state = 'making', done = 1, due_at = now() + interval '1 hour' WHERE state = 'waiting'"
    )
    await expect(progress).to_have_js_property("value", 1, timeout=15_000)
    await database.execute("UPDATE document SET state = 'waiting', due_at = now() WHERE state = 'making'")
    assert await make_all() == 1


async def files(desk: Keyboard, folder: Path) -> dict[str, bytes]:
    """Have each kind of file made and save it, from the page of a revision."""
    saved, revision = {}, desk.page.url
    for kind in ("pdf", "xlsx", "json"):
        await desk.page.goto(revision)
        await desk.skip_to_content()
        choice = desk.page.get_by_role("combobox", name="File")
        await desk.to(choice)
        await desk.page.keyboard.type(kind[0])
        await expect(choice).to_have_value(kind)
        await desk.go(desk.page.get_by_role("button", name="Make the file"))
        await watched(desk.page)
        await expect(desk.page.get_by_role("button", name="Download")).to_be_focused(timeout=15_000)
        path = folder / f"report.{kind}"
        async with desk.page.expect_download() as download:
            await desk.press("Enter")
        await (await download.value).save_as(path)
        saved[kind] = path.read_bytes()
    assert "Participations" in "".join(page.extract_text() for page in PdfReader(folder / "report.pdf").pages)
    assert CalamineWorkbook.from_path(folder / "report.xlsx").sheet_names
    assert json.loads(saved["json"])["totals"]["participations"] == 14
    return saved


async def somebody_did_not_come(event: UUID) -> None:
    """Open an attendance again, say that one did not come, and close it."""
    now = clock.now()
    await closing.reopen(event, actor=SYSTEM, now=now)
    (one,) = await database.fetch("SELECT id FROM registration WHERE event = $1 ORDER BY id LIMIT 1", event)
    await attendance.mark([one["id"]], AttendanceState.NO_SHOW, actor=SYSTEM, now=now)
    await attendance.mark_rest(event, AttendanceState.ATTENDED, actor=SYSTEM, now=now)
    assert await closing.reconcile(event, actor=SYSTEM, now=now) == 6


async def stays_as_it_was(page: Page, revision: str, handed_in: dict[str, bytes], folder: Path) -> None:
    await page.goto(revision)
    await expect(participations(page)).to_have_text("14")
    assert await files(Keyboard(page), folder) == handed_in


async def corrects(desk: Keyboard) -> None:
    """Freeze anew on a phone's width: asked for the reason, one gives it."""
    page = desk.page
    await page.goto(await report_address(page))
    await expect(participations(page)).to_have_text("13")
    assert await page.evaluate(WIDE) == 0
    await desk.skip_to_content()
    await desk.go(page.get_by_role("button", name="Freeze", exact=True), within=FAR)
    await expect(page.get_by_role("alert")).to_contain_text("Say why it is corrected")
    await desk.write(page.get_by_label("Why it is corrected"), "One did not come", within=FAR)
    await freezes(desk)


async def report_address(page: Page) -> str:
    identity = await database.fetchval("SELECT id FROM funder_report")
    return f"{page.url.partition('/staff/')[0]}/staff/reports/funder/{identity}"


async def shows_the_difference(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Revision 2")
    await expect(page.get_by_text("Why: One did not come")).to_be_visible()
    changes = page.get_by_role("region", name="Changed since the revision before").get_by_role("row")
    await expect(changes.filter(has_text="participations").first).to_contain_text("14")
    await expect(changes.filter(has_text="participations").first).to_contain_text("13")
    assert await page.evaluate(WIDE) == 0


def participations(page: Page) -> Locator:
    """The first indicator's number."""
    return page.locator(".key-figures .figure").first

"""Where an event stands, what each step says it will do before it does it, and the archive."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.database import fetchval
from events.core.errors import Conflict
from events.programme import queries
from events.programme.actions import EventChanges, edit_event
from events.programme.steps import standing
from events.programme.steps.archiving import archive, bring_back
from tests.factories import NOW, fund, insert, make_event, make_person, make_registration, make_staff, sign_in

OVER = {"starts_at": NOW - timedelta(days=3), "ends_at": NOW - timedelta(days=3) + timedelta(hours=6)}


@pytest.fixture
async def staff(client: AsyncClient) -> AsyncIterator[AsyncClient]:
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        yield client


async def post(client: AsyncClient, path: str) -> httpx.Response:
    return await client.post(path, data={})


async def stages(event: UUID) -> list[tuple[str, bool, bool]]:
    seen = await queries.by_id(event)
    assert seen
    return [(stage.state, stage.done, stage.now) for stage in standing.line(seen, NOW)]


async def test_the_line_shows_what_was_what_is_and_what_comes(db: object) -> None:
    assert await stages(await make_event(published_at=NOW)) == [
        ("draft", True, False),
        ("published", False, True),
        ("held", False, False),
        ("reconciled", False, False),
        ("archived", False, False),
    ]
    cancelled = await stages(await make_event(state="cancelled", archived_at=NOW))
    assert [state for state, _done, _now in cancelled] == ["draft", "published", "cancelled", "archived"]
    assert cancelled[-1] == ("archived", False, True)
    held = await stages(await make_event(**OVER))
    assert [state for state, _done, now in held if now] == ["held"]


async def test_publishing_says_in_numbers_what_it_sets_going(staff: AsyncClient) -> None:
    event = await make_event(slug="paja", state="draft", capacity=40, online=True)
    await make_registration(event)
    text = (await staff.get("/staff/events/paja/publish")).text
    assert "http://testserver/events/paja" in text
    assert "Tampere-talo, Tampere: 40 places" in text
    assert "Online: places without limit" in text
    assert "1 person is registered already; publishing writes to nobody." in text
    assert "2 reminders will go out" in text
    assert "Thursday 24 September 2026" in text.replace(",", "")
    assert "Look at these first" in text


async def test_cancelling_says_how_many_get_a_mail_a_calendar_cancellation_or_nothing(staff: AsyncClient) -> None:
    event = await make_event(slug="paja", starts_at=NOW + timedelta(days=5), survey_enabled=True)
    confirmed = await make_registration(event)
    await make_registration(event, state="waitlisted")
    await make_registration(event, state="cancelled")
    await make_registration(event, person=await make_person(email=None))
    await insert(
        "message",
        recipient="a@b.example",
        reason="event_changed",
        subject_kind="registration",
        occurrence="1",
        subject_id=confirmed,
        language="fi",
        due_at=NOW,
        message_id="<1@sixnet>",
    )
    text = (await staff.get("/staff/events/paja/cancel")).text
    assert "2 people will be written to." in text
    assert "To 1 of them goes a calendar cancellation" in text
    assert "1 person has no e-mail address" in text
    assert "1 reminder that was still to come" in text
    assert "No feedback will be asked." in text
    assert "1 message that waits to be sent is dropped." in text
    assert (await post(staff, "/staff/events/paja/cancel")).headers["location"].endswith("told=2")


async def test_closing_the_attendance_says_how_many_count_and_for_what(staff: AsyncClient) -> None:
    event = await make_event(slug="paja", **OVER)
    await fund(event)
    for state in ("attended", "attended", "no_show"):
        registration = await make_registration(event)
        await database.execute(
            "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, $2, 'desk', 'staff')",
            *(registration, state),
        )
    text = (await staff.get("/staff/events/paja/attendance")).text
    assert "2 people came and will be counted;" in text
    assert "1 did not come." in text
    assert "It counts for:" in text


async def test_an_archived_event_leaves_the_lists_and_keeps_its_page(staff: AsyncClient) -> None:
    await make_event(slug="paja", title_en="Old", reconciled_at=NOW, **OVER)
    assert "Archive the event" in (await staff.get("/staff/events/paja")).text
    assert "Reports go on counting it" in (await staff.get("/staff/events/paja/archive")).text
    assert "Old" in (await staff.get("/?past=1")).text
    assert (await post(staff, "/staff/events/paja/archive")).status_code == 303
    assert "Old" not in (await staff.get("/?past=1")).text
    assert "Old" not in (await staff.get("/staff/events?show=past")).text
    assert "Old" in (await staff.get("/staff/events?show=archived")).text
    assert "Old" in (await staff.get("/events/paja")).text
    page = (await staff.get("/staff/events/paja?saved=archived")).text
    assert "Bring it back" in page
    assert "/edit/" not in page
    assert (await post(staff, "/staff/events/paja/bring-back")).status_code == 303
    assert "Old" in (await staff.get("/?past=1")).text
    actions = [row["action"] for row in await database.fetch("SELECT action FROM audit ORDER BY id")]
    assert actions == ["event.archived", "event.brought_back"]


@pytest.mark.parametrize("columns", [{}, {"state": "draft"}, OVER])
async def test_what_still_waits_for_something_cannot_be_archived(
    staff: AsyncClient, columns: dict[str, datetime]
) -> None:
    await make_event(slug="paja", **columns)
    assert 'method="post" action="/staff/sign-out"' in (text := (await staff.get("/staff/events/paja/archive")).text)
    assert "can be archived." in text
    assert (await post(staff, "/staff/events/paja/archive")).status_code == 409
    assert await fetchval("SELECT archived_at FROM event") is None


async def test_archiving_twice_changes_nothing(db: object) -> None:
    event = await make_event(state="cancelled")
    for day in range(2):
        await archive(event, actor=SYSTEM, now=NOW + timedelta(days=day))
    assert await fetchval("SELECT archived_at FROM event") == NOW
    for _time in range(2):
        await bring_back(event, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT count(*) FROM audit") == 2


async def test_an_archived_event_is_not_changed_nor_opened_again(staff: AsyncClient) -> None:
    event = await make_event(slug="paja", reconciled_at=NOW, archived_at=NOW, **OVER)
    with pytest.raises(Conflict) as refused:
        await edit_event(event, EventChanges(contact_name="Bo"), actor=SYSTEM, now=NOW)
    assert refused.value.code == "archived"
    assert (await post(staff, "/staff/events/paja/attendance/open")).status_code == 409
    assert await fetchval("SELECT reconciled_at FROM event") == NOW


async def test_only_who_may_edit_an_event_archives_it(client: AsyncClient) -> None:
    await make_event(slug="other", state="cancelled", host_region="06")
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    for path in ("archive", "bring-back"):
        assert (await post(client, f"/staff/events/other/{path}")).status_code == 404

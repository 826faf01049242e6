"""Theme groups: six meetings a year with eight people, two minutes each for the chair."""

import asyncio
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from events.core import clock, database, secrets
from events.core.actor import ANONYMOUS, SYSTEM
from events.core.errors import Invalid
from events.network import queries as network
from events.programme import queries as programme
from events.programme.series.actions import publish_drafts, repeat
from events.programme.series.recurrence import Plan
from events.registration.admission import NotAdmitted
from events.registration.groups import meetings
from events.registration.groups.inviting import invite_due
from events.registration.groups.meetings import meet, proposed
from events.registration.registering import register
from tests.factories import insert, make_event, make_registration, make_staff, sign_in
from tests.registration.groups.conftest import NOW
from tests.registration.test_letters import letters
from tests.registration.test_register import someone
from workers.due import due_jobs


async def test_the_chair_needs_four_requests_and_one_form(client: httpx.AsyncClient, group: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    requests = 0
    for path in ("/staff/groups", f"/staff/groups/{group}", f"/staff/groups/{group}/meeting"):
        page = (await client.get(path)).text
        requests += 1
    assert "Publish and invite 8 members" in page
    assert "Mykkä" in page
    form = {"days-0": (clock.now() + timedelta(days=20)).date().isoformat(), "starts": "13:00"}
    answer = await client.post(f"/staff/groups/{group}/meeting", data=form)
    requests += 1
    assert answer.headers["location"] == f"/staff/groups/{group}?saved=met&told=8"
    assert requests == 4
    assert await database.fetchval("SELECT count(*) FROM message WHERE reason = 'invitation'") == 8
    assert await database.fetchval("SELECT state FROM event WHERE theme_group = $1", group) == "published"
    again = await client.post(f"/staff/groups/{group}/meeting", data=form)
    assert again.status_code == 422
    assert "The group has a meeting at this time already." in again.text
    assert form["days-0"] in again.text
    assert "8 members are invited." in (await client.get(answer.headers["location"])).text


async def test_six_meetings_are_made_at_once_and_each_member_gets_one_letter(
    client: httpx.AsyncClient, group: UUID
) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    path = f"/staff/groups/{group}/meeting"
    with clock.at(NOW):
        page = (await client.get(f"{path}?meetings=6")).text
        days = re.findall(r'name="days-\d" [^>]*value="([^"]+)"', page)
        assert days == ["2026-09-15", "2026-11-17", "2027-01-19", "2027-03-16", "2027-05-18", "2027-08-17"]
        form = {f"days-{place}": day for place, day in enumerate(days)} | {"days-5": "", "starts": "13:00"}
        form["days-1"] = "24.11.2026"
        assert (await client.post(path, data=form)).headers["location"].endswith("?saved=met&told=8")
        meetings = await database.fetch("SELECT (starts_at AT TIME ZONE zone)::date FROM event ORDER BY starts_at")
        assert [row[0].isoformat() for row in meetings] == [days[0], "2026-11-24", *days[2:5]]
        assert await database.fetchval("SELECT count(*) FROM invitation") == 5 * 8
        assert await database.fetchval("SELECT count(*) FROM message") == 8
        letter = (await letters())["invitation"]
        assert letter
        assert letter.text.count("http://testserver/i/") == 1 + 4 + 1
        again = await client.post(path, data=form | {"days-0": "2026-10-13"})
    assert again.status_code == 422
    assert again.text.count("The group has a meeting at this time already.") == 2 * 4
    assert await database.fetchval("SELECT count(*) FROM event") == 5


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Give a date."),
        ({"days-0": "", "days-1": ""}, "Give a date."),
        ({"days-0": "30.2.2027"}, "There is no such date."),
        ({"days-0": "2026-10-13", "days-1": "2026-10-13"}, "The group has a meeting at this time already."),
        ({"days-0": "2026-10-13", "days-1": "2020-10-13"}, "This time has passed."),
    ],
)
async def test_a_day_that_cannot_be_is_said_beside_it_and_nothing_is_made(
    client: httpx.AsyncClient, group: UUID, form: dict[str, str], message: str
) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    with clock.at(NOW):
        answer = await client.post(f"/staff/groups/{group}/meeting", data={"starts": "13:00", **form})
    assert answer.status_code == 422
    assert message in answer.text
    assert all(f'value="{day}"' in answer.text for day in form.values() if day)
    assert await database.fetchval("SELECT count(*) FROM event") == 0


async def test_a_draft_invites_when_it_is_published(client: httpx.AsyncClient, group: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    await database.execute("UPDATE site SET join_url = ''")
    form = {"days-0": "2026-10-20", "starts": "13:00", "draft": "1"}
    with clock.at(NOW):
        assert 'name="draft"' in (await client.get(f"/staff/groups/{group}/meeting")).text
        path = (await client.post(f"/staff/groups/{group}/meeting", data=form)).headers["location"]
        assert "Draft" in (await client.get(f"/staff/groups/{group}")).text
        assert await database.fetchval("SELECT count(*) FROM invitation") == 8
        assert "8 members of the group are invited by mail." in (await client.get(f"{path}/publish")).text
        assert "invitations.send" not in await due_jobs(NOW)
        await client.post(f"{path}/publish")
    assert "invitations.send" in await due_jobs(NOW)
    assert await invite_due(NOW) == 8
    assert await invite_due(NOW) == 0
    assert "invitations.send" not in await due_jobs(NOW)
    assert await database.fetchval("SELECT count(*) FROM invitation") == 16


async def test_a_series_of_a_groups_meetings_invites_to_all_by_one_letter(
    client: httpx.AsyncClient, group: UUID
) -> None:
    made = await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    plan = Plan(dates=(date(2026, 10, 13), date(2026, 11, 10)))
    repeated = await repeat(made.events[0].id, plan, actor=SYSTEM, now=NOW)
    await database.execute("DELETE FROM message")
    assert await publish_drafts(repeated.series, actor=SYSTEM, now=NOW) == 2
    assert await invite_due(NOW + timedelta(minutes=1)) == 8
    assert await database.fetchval("SELECT count(*) FROM invitation") == 24
    assert await database.fetchval("SELECT count(*) FROM message") == 8


async def test_a_draft_that_stands_at_the_time_is_published(client: httpx.AsyncClient, group: UUID) -> None:
    draft = await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW, draft=True)
    made = await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    assert (made.events, made.invited) == (draft.events, 8)
    assert await database.fetchval("SELECT count(*) FROM event") == 1


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_presses_at_once_make_one_meeting(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    """Without the lock neither sees the other's meeting, and there are two."""
    if not guarded:
        both = asyncio.Barrier(2)

        async def unlocked(_group: UUID) -> None:
            pass

        looking = meetings._require_free

        async def together(*asked: Any, **how: Any) -> None:
            await looking(*asked, **how)
            await both.wait()

        monkeypatch.setattr(meetings, "_lock", unlocked)
        monkeypatch.setattr(meetings, "_require_free", together)
    group = await insert("theme_group", theme="low-carbon", region="06", name_fi="Ryhmä")
    presses = (meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW) for _press in range(2))
    await asyncio.gather(*presses, return_exceptions=True)
    assert await database.fetchval("SELECT count(*) FROM event") == (1 if guarded else 2)


async def test_a_member_answers_by_one_press_and_no_form(client: httpx.AsyncClient, group: UUID) -> None:
    made = await meet(group, [(clock.now() + timedelta(days=20)).date()], time(13), actor=SYSTEM, now=clock.now())
    identity = await database.fetchval("SELECT id FROM invitation WHERE email = 'm0@yritys.example'")
    path = f"/i/{secrets.derive('invitation', identity)}"
    assert (await client.post(path, data={"answer": "yes"})).headers["location"] == f"{path}?saved=yes"
    assert await database.fetchval("SELECT state FROM registration WHERE event = $1", made.events[0].id) == "confirmed"
    await client.post(path, data={"answer": "no"})
    assert await database.fetchval("SELECT state FROM registration WHERE event = $1", made.events[0].id) == "cancelled"


async def test_a_meeting_is_for_its_members_alone(client: httpx.AsyncClient, group: UUID) -> None:
    first = await meet(group, [(clock.now() + timedelta(days=20)).date()], time(13), actor=SYSTEM, now=clock.now())
    with pytest.raises(NotAdmitted):
        await register(first.events[0].id, someone(1), actor=ANONYMOUS, now=clock.now())
    lists = ("/", "/calendar.ics", "/feed.atom", "/api/v1/events")
    for path in lists:
        assert first.events[0].slug not in (await client.get(path)).text, path
    page = await client.get(f"/events/{first.events[0].slug}")
    assert page.status_code == 200
    assert page.headers["x-robots-tag"] == "noindex"
    await sign_in(client, await make_staff())
    words = "only who is invited can register, and neither front page nor feeds show it"
    assert words in (await client.get(f"/staff/groups/{group}/meeting")).text
    await database.execute("UPDATE event SET access = 'open' WHERE id = $1", first.events[0].id)
    for path in lists:
        assert first.events[0].slug in (await client.get(path)).text, path
    assert words not in (await client.get(f"/staff/groups/{group}/meeting")).text


async def test_the_next_meeting_takes_along_link_agenda_and_settings_but_no_materials(
    client: httpx.AsyncClient, group: UUID
) -> None:
    first = await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    await database.execute("UPDATE site SET join_url = 'https://meet.example/new' WHERE event = $1", first.events[0].id)
    await database.execute("UPDATE event SET title_fi = 'Ryhmän kokous', survey_enabled = true")
    moments = {
        "starts_at": datetime(2026, 9, 15, 10, 0, tzinfo=UTC),
        "ends_at": datetime(2026, 9, 15, 11, 0, tzinfo=UTC),
    }
    item = await insert("agenda_item", event=first.events[0].id, kind="talk", title_fi="Avaus", **moments)
    await insert("material", event=first.events[0].id, title_fi="Pöytäkirja 15.9.", url="https://files.example/1")
    await insert(
        "material", event=first.events[0].id, item=item, title_fi="Kalvot", stored="1" * 32, filename="kalvot.pdf"
    )
    await database.execute("UPDATE event SET materials = 'Muistio: https://files.example/2'")
    second = await meet(group, [date(2026, 10, 20)], time(14), actor=SYSTEM, now=NOW)
    event = await programme.by_id(second.events[0].id)
    assert event
    assert [entry.titles["fi"] for entry in await programme.agenda(event.id)] == ["Avaus"]
    assert event.materials == ""
    assert await database.fetchval("SELECT count(*) FROM material WHERE event = $1", event.id) == 0
    assert await database.fetchval("SELECT count(*) FROM material WHERE event = $1", first.events[0].id) == 2
    assert event.titles["fi"] == "Ryhmän kokous"
    assert event.sites[0].join_url == "https://meet.example/new"
    assert (event.theme_group, event.survey_enabled) == (group, True)
    assert event.ends_at - event.starts_at == timedelta(minutes=90)


async def test_what_a_meeting_lacks_is_said_before_it_is_made(client: httpx.AsyncClient, group: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    path, project = f"/staff/groups/{group}/meeting", "belongs to no project"
    page = (await client.get(path)).text
    assert project in page
    assert "There is no Swedish title." in page
    assert f'href="/staff/groups/{group}/edit" aria-label="Mend' in page
    assert "no link to the meeting" not in page
    await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    await database.execute("UPDATE event SET title_sv = 'Gruppen'")
    await database.execute("UPDATE site SET join_url = ''")
    page = (await client.get(path)).text
    assert project in page
    assert "There is no Swedish title." not in page
    assert "no link to the meeting" in page


async def test_the_meetings_count_for_the_groups_project(client: httpx.AsyncClient, group: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    codes = [project.code for project in await network.projects()][:2]
    form = {"name_fi": "Ryhmä", "name_sv": "Gruppen", "theme": "low-carbon", "region": "06", "project": codes[0]}
    assert (await client.post(f"/staff/groups/{group}/edit", data=form)).status_code == 303
    first = await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    await client.post(f"/staff/groups/{group}/edit", data=form | {"project": codes[1]})
    second = await meet(group, [date(2026, 10, 20)], time(13), actor=SYSTEM, now=NOW)
    await client.post(f"/staff/groups/{group}/edit", data=form | {"project": ""})
    third = await meet(group, [date(2026, 11, 17)], time(13), actor=SYSTEM, now=NOW)
    events = await programme.by_ids([first.events[0].id, second.events[0].id, third.events[0].id])
    assert [events[made.events[0].id].projects for made in (first, second, third)] == [
        [codes[0]],
        [codes[1]],
        [codes[1]],
    ]
    assert "belongs to no project" not in (await client.get(f"/staff/groups/{group}/meeting")).text


@pytest.mark.parametrize("day", ["2026-08-29", "2026-09-01", "2026-09-02"])
def test_a_first_meeting_is_proposed_on_a_tuesday(day: str) -> None:
    now = datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)
    first = proposed(None, now)
    assert first.weekday() == 1
    assert timedelta(days=14) <= first - now < timedelta(days=22)


async def test_what_cannot_be_is_said(client: httpx.AsyncClient, group: UUID) -> None:
    with pytest.raises(Invalid):
        await meet(group, [date(2026, 8, 1)], time(13), actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid):
        await meet(group, [date(2027, 3, 28)], time(3, 30), actor=SYSTEM, now=NOW)
    await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid):
        await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    answer = await client.post(f"/staff/groups/{group}/meeting", data={"days-0": "nonsense", "starts": "13.15"})
    assert answer.status_code == 422
    assert 'value="nonsense"' in answer.text


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2026-09-08T10:00", "2026-10-13"),  # the second Tuesday
        ("2026-09-29T10:00", "2026-10-27"),  # a fifth Tuesday: the last one
        ("2026-05-12T10:00", "2026-09-08"),  # a summer went by
        ("2026-12-08T10:00", "2027-01-12"),
        ("2027-06-15T10:00", "2027-08-17"),  # not in July
    ],
)
async def test_the_same_weekday_of_the_next_month_is_proposed(
    client: httpx.AsyncClient, last: str, expected: str
) -> None:
    start = datetime.fromisoformat(last).replace(tzinfo=UTC)
    event = await programme.by_id(await make_event(starts_at=start, ends_at=start + timedelta(hours=1)))
    local = proposed(event, NOW)
    assert (local.date().isoformat(), local.time()) == (expected, event and time(13 if start.month != 12 else 12))


async def test_changes_of_members_never_alter_past_attendance(client: httpx.AsyncClient, group: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    past = await make_event(
        theme_group=group, starts_at=clock.now() - timedelta(days=30), ends_at=clock.now() - timedelta(days=29)
    )
    leaver = next(each for each in await network.members(group) if each.name.startswith("Jäsen0"))
    registration = await make_registration(past, person=leaver.person)
    await insert_attendance(registration)
    done = await client.post(f"/staff/groups/{group}/members", data={"end": str(leaver.id)})
    assert done.status_code == 303
    await database.execute("UPDATE group_member SET ends_on = '2021-01-01' WHERE id = $1", leaver.id)
    page = (await client.get(f"/staff/groups/{group}")).text
    members, others = page.split("<summary>Others who were registered (1)</summary>")
    assert "Jäsen1" in members
    assert "Jäsen0" not in members, "who left stands apart from those who are members"
    assert "Jäsen0" in others
    assert "Attended" in others


async def insert_attendance(registration: UUID) -> None:
    await database.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind, changed_at)"
        " VALUES ($1, 'attended', 'desk', 'staff', now())",
        registration,
    )


async def test_a_group_of_another_region_is_not_seen(client: httpx.AsyncClient, group: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="01"))
    for path in ("", "/members", "/edit", "/meeting"):
        assert (await client.get(f"/staff/groups/{group}{path}")).status_code == 404
    assert "Ryhmä" not in (await client.get("/staff/groups")).text

"""The chair of a group: an ordinary person who signs in by a mailed link and sees the group's things alone."""

from datetime import date, time, timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from events.accounts import queries as accounts
from events.accounts.rules import Action, may
from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.errors import NotAllowed, NotFound
from events.network import queries as network
from events.network.groups.actions import GroupValues, save_group
from events.programme.actions import copy_event, create_event
from events.registration.groups.meetings import meet
from tests.accounts.test_links import letter_to, path_in
from tests.conftest import browser
from tests.factories import insert, make_event, make_person, make_registration, make_staff, sign_in
from tests.programme.test_actions import new_event
from tests.registration.groups.conftest import NOW

CHAIR = "puheenjohtaja@yritys.example"


@pytest.fixture
async def chair(client: httpx.AsyncClient, group: UUID) -> httpx.AsyncClient:
    """A browser of the group's chair."""
    await sign_in(client, await make_staff("chair", kind="group", resource=str(group)))
    return client


async def test_a_chair_is_invited_by_mail_and_comes_without_a_password(
    client: httpx.AsyncClient, group: UUID, app: Litestar
) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    person = await make_person("Pia", "Puhe", email=CHAIR)
    member = await insert("group_member", theme_group=group, person=person, chair=True, starts_on=date(2020, 1, 1))
    people = f"/staff/groups/{group}/people"
    with clock.at(NOW):
        assert people in (await client.get(f"/staff/groups/{group}")).text
        page = (await client.get(people)).text
        assert page.index("Pia Puhe (Chair)") < page.index("Jäsen0")
        assert (await client.post(people, data={"member": "nonsense"})).status_code == 422
        assert (await client.post(people, data={"member": str(member)})).headers[
            "location"
        ] == f"{people}?saved=invited"
        letter = await letter_to(CHAIR)
        assert letter
        assert "Chair – Ryhmä" in letter.text
        async with browser(app) as newcomer:
            answer = await newcomer.post(path_in(letter), data={"without": "1"})
            assert answer.headers["location"] == f"/staff/groups/{group}"
            assert (await newcomer.get(answer.headers["location"])).status_code == 200
            assert people not in (await newcomer.get(f"/staff/groups/{group}")).text
            assert (await newcomer.get(people)).status_code == 404
        assert await database.fetchval("SELECT password_hash IS NULL FROM staff WHERE email = $1", CHAIR)
        await database.execute("UPDATE group_member SET ends_on = '2021-01-01' WHERE id = $1", member)
        page = (await client.get(people)).text
        assert "No member any more" in page
        held = await accounts.staff_on("group", group)
        done = await client.post(f"{people}/{held[0][1].id}/take")
        assert done.headers["location"] == f"{people}?saved=taken"
    assert await database.fetchval("SELECT count(*) FROM staff_grant WHERE role = 'chair'") == 0


async def test_a_chair_plans_a_year_runs_a_meeting_and_closes_it(chair: httpx.AsyncClient, group: UUID) -> None:
    with clock.at(NOW):
        form = {"days-0": "2026-09-15", "days-1": "2026-10-20", "starts": "13:00"}
        answer = await chair.post(f"/staff/groups/{group}/meeting", data=form)
        assert answer.headers["location"] == f"/staff/groups/{group}?saved=met&told=8"
        # the next one is made like the last, of which the chair's session knew nothing when it began
        answer = await chair.post(f"/staff/groups/{group}/meeting", data={"days-0": "2026-11-17", "starts": "13:00"})
        assert answer.status_code == 303
        slug = await database.fetchval("SELECT slug FROM event ORDER BY starts_at LIMIT 1")
        assert slug in (await chair.get("/staff/events")).text
        assert slug in (await chair.get("/staff/")).text
        for page in (
            "",
            "/edit/times",
            "/registrations",
            "/invitations",
            "/attendance",
            "/agenda",
            "/preview",
            "/copy",
        ):
            assert (await chair.get(f"/staff/events/{slug}{page}")).status_code == 200, page
        guest = {"people": "Vieras Vieno <vieras@muu.example>", "confirm": "1"}
        assert (await chair.post(f"/staff/events/{slug}/invitations/new", data=guest)).status_code == 303
        member = {"given_name": "Uusi", "email": "uusi@yritys.example", "language": "fi", "starts_on": "2026-09-01"}
        assert (await chair.post(f"/staff/groups/{group}/members", data=member)).status_code == 303
        invited = await chair.post(f"/staff/groups/{group}/members/invitations", data={"invite": "1"})
        assert invited.headers["location"].endswith("told=1")
    with clock.at(NOW + timedelta(days=15)):
        here = f"/staff/events/{slug}/attendance"
        assert here in (await chair.get(f"/staff/groups/{group}")).text
        asked = await database.fetchval(
            "SELECT invitation.id FROM invitation JOIN event ON event.id = event"
            " WHERE slug = $1 AND email = 'm0@yritys.example'",
            slug,
        )
        assert (await chair.post(f"{here}/came", data={"invitation": str(asked)})).status_code == 303
        assert (await chair.post(f"{here}/close")).status_code == 303
        assert here not in (await chair.get(f"/staff/groups/{group}")).text
    assert await database.fetchval("SELECT count(*) FROM participation") == 1
    assert (await chair.post(f"/staff/events/{slug}/cancel")).status_code == 409


async def test_a_chair_sees_nothing_of_other_groups_events_and_people(chair: httpx.AsyncClient, group: UUID) -> None:
    theirs = await meet(group, [date(2026, 9, 15)], time(13), actor=SYSTEM, now=NOW)
    slug = theirs.events[0].slug
    other = await insert("theme_group", theme="low-carbon", region="06", name_fi="Toinen ryhmä")
    event = await make_event(slug="muu", theme_group=other, access="invited")
    registration = await make_registration(event, person=await make_person("Salainen", email="s@muu.example"))
    await insert("consent", registration=registration, kind="news", text="", language="fi", given=True)
    for page in (
        "",
        "/edit/times",
        "/registrations",
        "/invitations",
        "/attendance",
        "/questions",
        "/publish",
        "/agenda",
    ):
        assert (await chair.get(f"/staff/events/muu{page}")).status_code == 404, page
    for page in ("", "/members", "/meeting", "/edit"):
        assert (await chair.get(f"/staff/groups/{other}{page}")).status_code == 404, page
    for page in ("/staff/groups/new", f"/staff/events/{slug}/kitchen", f"/staff/events/{slug}/people", "/staff/people",
                 f"/staff/events/{slug}/survey", "/staff/reports/participation", "/staff/organisations", "/staff/clock"):  # fmt: skip
        assert (await chair.get(page)).status_code == 404, page
    for page in ("/staff/", "/staff/events", "/staff/groups", "/door/"):
        shown = (await chair.get(page)).text
        assert "Toinen ryhmä" not in shown, page
        assert "muu" not in shown, page
    with clock.at(NOW):
        form = await chair.get(f"/staff/events/{slug}/invitations/new")
        assert "Region of the organisation" not in form.text
        for asked in ({"region": "06"}, {"attended": "y"}, {"theme": "low-carbon"}, {"group": str(other)}):
            found = await chair.post(f"/staff/events/{slug}/invitations/new", data={"find": "1", "people": "", **asked})
            assert "Salainen" not in found.text
            assert "s@muu.example" not in found.text
        mine = {"find": "1", "people": "", "group": str(group)}
        assert "Jäsen0" in (await chair.post(f"/staff/events/{slug}/invitations/new", data=mine)).text


async def test_a_chair_changes_the_groups_name_and_link_and_nothing_else_of_it(
    chair: httpx.AsyncClient, group: UUID
) -> None:
    before = await network.group(group, NOW.date())
    assert before
    path = f"/staff/groups/{group}/edit"
    assert 'name="region"' not in (await chair.get(path)).text
    form = {
        "name_fi": "Uusi nimi",
        "join_url": "https://meet.example/new",
        "region": "01",
        "theme": "water",
        "project": "X",
    }
    assert (await chair.post(path, data=form)).status_code == 303
    after = await network.group(group, NOW.date())
    assert after
    assert (after.name, after.join_url) == ("Uusi nimi", "https://meet.example/new")
    assert (after.region, after.theme, after.project) == (before.region, before.theme, before.project)
    actor = (await accounts.staff_actor(await database.fetchval("SELECT staff FROM staff_grant")))[0]  # type: ignore[index]
    values = GroupValues(
        theme=before.theme, region="01", name_fi="Ryhmä", name_sv="", name_en="", project="", join_url=""
    )
    with pytest.raises(NotAllowed):
        await save_group(group, values, actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        await save_group(None, values, actor=actor, now=NOW)


async def test_a_chair_makes_events_of_the_own_group_alone(client: httpx.AsyncClient, group: UUID) -> None:
    staff = await make_staff("chair", kind="group", resource=str(group))
    found = await accounts.staff_actor(staff)
    assert found
    other = await make_event()
    with pytest.raises(NotAllowed):
        await create_event(new_event(), actor=found[0], now=NOW)
    with pytest.raises(NotFound):
        await copy_event(other, NOW + timedelta(days=9), actor=found[0], now=NOW)
    made = await create_event(new_event(theme_group=group), actor=found[0], now=NOW)
    assert not may(found[0], Action.EDIT_EVENTS, now=NOW, event_id=made.id, region="06")
    found = await accounts.staff_actor(staff)
    assert found
    assert may(found[0], Action.EDIT_EVENTS, now=NOW, event_id=made.id, region="06")
    assert not may(found[0], Action.SEE_HEALTH, now=NOW, event_id=made.id, region="06")

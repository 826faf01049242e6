"""Who belongs to a group: joining, changing, leaving, and what that means for invitations."""

from datetime import date, time, timedelta
from uuid import UUID

import httpx
import pytest

from events.core import clock, database, secrets
from events.core.actor import SYSTEM
from events.core.errors import Invalid
from events.network import queries as network
from events.network.groups.actions import Membership, NewMember, add_member, change_member
from events.network.queries import MemberView
from events.registration.groups.inviting import invite_members, left_over, uninvited, withdraw_left_over
from events.registration.groups.meetings import meet
from events.registration.invitations.actions import invite
from events.registration.invitations.guests import Guest
from tests.factories import insert, make_person, make_registration, make_staff, sign_in
from tests.registration.groups.conftest import NOW
from tests.registration.test_letters import letters

FIRST, SECOND = date(2026, 9, 15), date(2026, 10, 20)


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


async def named(group: UUID, name: str) -> MemberView:
    return next(each for each in await network.members(group) if each.name.startswith(name))


async def join(group: UUID, given_name: str = "Aino", **values: object) -> UUID:
    new = {
        "given_name": given_name, "family_name": "Esimerkki", "email": f"{given_name.lower()}@yritys.example",
        "organisation": "", "language": "fi", "chair": False, "starts_on": NOW.date(),
    }  # fmt: skip
    return await add_member(group, NewMember(**{**new, **values}), actor=SYSTEM, now=NOW)


async def change(member: MemberView, **values: object) -> None:
    names = ("organisation", "language", "chair", "starts_on", "ends_on")
    wanted = Membership(**{**{name: getattr(member, name) for name in names}, **values})
    await change_member(member.id, wanted, actor=SYSTEM, now=NOW)


async def test_a_member_is_recognised_and_joins_once(client: httpx.AsyncClient, group: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    new = {
        "given_name": "Aino", "family_name": "Esimerkki", "email": "aino@yritys.example", "organisation": "Malli Oy",
        "language": "sv", "starts_on": "2026-09-01",
    }  # fmt: skip
    known = await make_person(email="aino@yritys.example")
    path = f"/staff/groups/{group}/members"
    assert (await client.post(path, data=new)).status_code == 303
    assert known in {each.person for each in await network.members(group)}
    again = await client.post(path, data=new)
    assert again.status_code == 422
    assert "This person is a member already." in again.text
    assert (await client.post(path, data=new | {"email": "nonsense"})).status_code == 422
    with pytest.raises(Invalid):
        await add_member(
            group,
            NewMember(
                given_name="Aino", family_name="Esimerkki", email="aino@yritys.example", organisation="",
                language="fi", chair=False, starts_on=NOW.date(),
            ),
            actor=SYSTEM,
            now=NOW,
        )  # fmt: skip


async def test_a_list_is_pasted_and_whoever_is_a_member_is_passed_over(
    organiser: httpx.AsyncClient, group: UUID
) -> None:
    organisation = await insert("organisation", name="Malli Oy", folded="malli")
    known = await make_person(email="aino@yritys.example", organisation=organisation)
    pasted = 'Aino Esimerkki <aino@yritys.example>\n"Malli, Eino" <eino@yritys.example>; Jäsen0 Esimerkki <m0@yritys.example>'
    form = {"several-people": pasted, "several-language": "sv", "several-starts_on": "1.9.2026"}
    path = f"/staff/groups/{group}/members"
    assert (await organiser.post(f"{path}/list", data=form)).headers["location"] == f"{path}?saved=added&told=2"
    assert "2 members joined" in (await organiser.get(f"{path}?saved=added&told=2")).text
    aino, eino = await named(group, "Aino"), await named(group, "Eino Malli")
    assert (aino.person, aino.organisation) == (known, "Malli Oy")
    assert (eino.language, eino.starts_on) == ("sv", date(2026, 9, 1))


async def test_of_a_list_with_a_line_that_cannot_be_read_nobody_joins(
    organiser: httpx.AsyncClient, group: UUID
) -> None:
    before = await network.members(group)
    form = {
        "several-people": "Aino Esimerkki <aino@yritys.example>\nPekka\neino@yritys.example",
        "several-language": "fi",
        "several-starts_on": "1.9.2026",
    }
    answer = await organiser.post(f"/staff/groups/{group}/members/list", data=form)
    assert answer.status_code == 422
    assert "Line 2: “Pekka” holds no address." in answer.text
    assert "Write a name too: eino@yritys.example" in answer.text
    assert "Aino Esimerkki &lt;aino@yritys.example&gt;" in answer.text
    assert await network.members(group) == before


async def test_a_membership_is_changed_and_an_end_taken_back(organiser: httpx.AsyncClient, group: UUID) -> None:
    member = await named(group, "Jäsen0")
    path = f"/staff/groups/{group}/members"
    await organiser.post(path, data={"end": str(member.id)})
    assert (await named(group, "Jäsen0")).ends_on is not None
    assert 'value="2020-01-01"' in (await organiser.get(f"{path}/{member.id}")).text
    form = {"starts_on": "2020-01-01", "ends_on": "", "language": "en", "organisation": "Malli Oy", "chair": "y"}
    assert (await organiser.post(f"{path}/{member.id}", data=form)).headers["location"].endswith("saved=changed&told=0")
    changed = await named(group, "Jäsen0")
    assert (changed.ends_on, changed.language, changed.organisation, changed.chair) == (None, "en", "Malli Oy", True)
    wrong = await organiser.post(f"{path}/{member.id}", data=form | {"ends_on": "2019-12-31"})
    assert wrong.status_code == 422
    assert "The last day cannot be before the first." in wrong.text
    assert 'value="2019-12-31"' in wrong.text
    assert (await organiser.get(f"{path}/{group}")).status_code == 404
    other = await insert("theme_group", theme="low-carbon", region="06", name_fi="Toinen")
    assert (await organiser.get(f"/staff/groups/{other}/members/{member.id}")).status_code == 404


async def test_a_group_has_one_chair(client: httpx.AsyncClient, group: UUID) -> None:
    await join(group, "Aino", chair=True)
    await join(group, "Eino", chair=True)
    assert [each.name for each in await network.members(group) if each.chair] == ["Eino Esimerkki"]
    await change(await named(group, "Aino"), chair=True)
    assert [each.name for each in await network.members(group) if each.chair] == ["Aino Esimerkki"]


async def test_two_memberships_of_one_person_never_overlap(client: httpx.AsyncClient, group: UUID) -> None:
    member = await named(group, "Jäsen0")
    await change(member, ends_on=date(2026, 6, 30))
    await join(group, "Jäsen0", email="m0@yritys.example")
    with pytest.raises(Invalid):
        await change(member, ends_on=None)
    with pytest.raises(Invalid):
        await change(member, ends_on=NOW.date())
    await change(member, ends_on=NOW.date() - timedelta(days=1))


async def test_who_joins_is_invited_to_what_is_coming_by_one_letter(organiser: httpx.AsyncClient, group: UUID) -> None:
    for day in (FIRST, SECOND):
        await meet(group, [day], time(13), actor=SYSTEM, now=NOW)
    assert await uninvited(group, NOW) == []
    await database.execute("DELETE FROM message")
    await join(group, "Aino", language="en")
    await join(group, "Eino", starts_on=FIRST + timedelta(days=1))
    with clock.at(NOW + timedelta(hours=1)):
        for path in ("", "/members"):
            page = (await organiser.get(f"/staff/groups/{group}{path}")).text
            assert "Not invited to one or more of 2 coming meetings: Aino Esimerkki, Eino Esimerkki" in page
            assert "Invite 2 people" in page
        done = await organiser.post(f"/staff/groups/{group}/members/invitations", data={"invite": "1"})
        assert done.headers["location"].endswith("saved=invite&told=2")
        assert "Not invited" not in (await organiser.get(f"/staff/groups/{group}/members")).text
        assert await invite_members(group, actor=SYSTEM, now=clock.now()) == 0
    rows = await database.fetch(
        "SELECT recipient, event.starts_at::date FROM message JOIN invitation ON invitation.id = subject_id"
        " JOIN event ON event.id = invitation.event ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("aino@yritys.example", FIRST), ("eino@yritys.example", SECOND)]


async def test_one_letter_and_each_answer_lead_to_the_other_meetings(client: httpx.AsyncClient, group: UUID) -> None:
    await database.execute("DELETE FROM group_member")
    await join(group, "Aino", language="en")
    for day in (FIRST, SECOND):
        await meet(group, [day], time(13), actor=SYSTEM, now=NOW)
    letter = (await letters())["invitation"]
    assert letter
    ids = await database.fetch(
        "SELECT invitation.id FROM invitation JOIN event ON event.id = event ORDER BY event.starts_at"
    )
    first, second = (f"/i/{secrets.derive('invitation', row['id'])}" for row in ids)
    assert "You are also invited to these meetings" in letter.text
    assert f"http://testserver{second}" in letter.text
    assert f'href="http://testserver{second}"' in letter.html
    with clock.at(NOW):
        assert f'href="{second}"' in (await client.get(first)).text
        await client.post(second, data={"answer": "no"})
        assert f'href="{second}"' not in (await client.get(first)).text


async def test_who_left_the_list_or_is_registered_is_not_invited(client: httpx.AsyncClient, group: UUID) -> None:
    made = await meet(group, [FIRST], time(13), actor=SYSTEM, now=NOW)
    await join(group, "Aino")
    await join(group, "Eino")
    await make_registration(made.events[0].id, person=(await named(group, "Eino")).person)
    await database.execute("INSERT INTO suppression (address, reason) VALUES ('aino@yritys.example', 'unsubscribed')")
    assert await uninvited(group, NOW) == []


async def test_open_invitations_of_who_left_are_taken_back_and_answers_stay(
    organiser: httpx.AsyncClient, group: UUID
) -> None:
    with clock.at(NOW):
        for day in (FIRST, SECOND):
            await meet(group, [day], time(13), actor=SYSTEM, now=NOW)
        first = await database.fetchval("SELECT id FROM event ORDER BY starts_at LIMIT 1")
        await database.execute(
            "UPDATE invitation SET state = 'no' WHERE email = 'm0@yritys.example' AND event = $1", first
        )
        await invite(first, [Guest("vieras@yritys.example")], actor=SYSTEM, now=NOW)
        for name in ("Jäsen0", "Jäsen1"):
            await change(await named(group, name), ends_on=FIRST + timedelta(days=1))
        assert [each.name for each in await left_over(group, NOW)] == ["Jäsen0 Esimerkki", "Jäsen1 Esimerkki"]
        for name in ("Jäsen0", "Jäsen1"):
            await change(await named(group, name), ends_on=NOW.date())
        page = (await organiser.get(f"/staff/groups/{group}/members")).text
        assert "No longer members, but still invited to what is coming: Jäsen0 Esimerkki, Jäsen1 Esimerkki" in page
        assert "Take back 3 invitations" in page
        done = await organiser.post(f"/staff/groups/{group}/members/invitations", data={"withdraw": "1"})
        assert done.headers["location"].endswith("saved=withdraw&told=3")
    states = await database.fetch("SELECT state, count(*) FROM invitation GROUP BY state ORDER BY state")
    assert [tuple(row) for row in states] == [("no", 1), ("sent", 13), ("withdrawn", 3)]
    assert await withdraw_left_over(group, actor=SYSTEM, now=NOW) == 0

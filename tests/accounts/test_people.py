"""Coordinators invite and manage staff in the browser."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from litestar import Litestar

from events.accounts import actions, queries
from events.accounts.granting import EVERYWHERE, in_regions
from events.accounts.tables import Role
from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import NotAllowed, NotFound
from tests import factories
from tests.accounts.test_links import letter_to, owed_to, path_in
from tests.conftest import browser
from tests.factories import NOW, make_event, make_staff

NEW = {"email": "uusi@sixnet.example", "name": "Uusi Ihminen", "role": "organiser", "language": "fi"}


async def acting(staff: UUID) -> Actor:
    return Actor(ActorKind.STAFF, staff, "Test", await queries.grants_of(staff))


async def invite(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    return await client.post("/staff/people/new", data={**NEW, **fields})


async def grants_of(email: str) -> set[tuple[str, str, str]]:
    rows = await database.fetch(
        "SELECT role, resource_kind, resource_id FROM staff_grant JOIN staff ON staff.id = staff_grant.staff"
        " WHERE email = $1",
        email,
    )
    return {tuple(row) for row in rows}


async def audited(action: str) -> list[asyncpg.Record]:
    return await database.fetch("SELECT * FROM audit WHERE action = $1 ORDER BY id", action)


async def test_an_invited_person_comes_by_the_link_in_the_mail(client: httpx.AsyncClient, app: Litestar) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    with clock.at(NOW):
        answer = await invite(client, regions=["06", "14"], until="2026-12-31")
        assert answer.status_code == 303
        shown = await client.get(answer.headers["location"])
        assert "The invitation is on its way." in shown.text
        assert "31 December 2026" in shown.text
        assert await grants_of(NEW["email"]) == {("organiser", "region", "06"), ("organiser", "region", "14")}
        assert len(await audited("staff.granted")) == 2
        path = path_in(await letter_to(NEW["email"]))
        async with browser(app) as newcomer:
            assert (await newcomer.post(path, data={"password": "uusi hyvä salasana"})).status_code == 303
            assert (await newcomer.get("/staff/")).status_code == 200
            assert (await newcomer.get("/staff/people")).status_code == 404


async def test_the_last_day_counts_in_full_by_finnish_time(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    with clock.at(NOW):
        await invite(client, until="2026-12-31")
        assert (await invite(client, email="x@sixnet.example", until="2026-08-31")).status_code == 422
    until = await database.fetchval("SELECT max(until) FROM staff_grant")
    assert until == datetime(2026, 12, 31, 22, 0, tzinfo=UTC)


async def test_a_coordinator_makes_no_administrator(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    assert (await invite(client, role="admin")).status_code == 422
    assert 'value="admin"' not in (await client.get("/staff/people/new")).text
    staff = await make_staff("viewer")
    assert (await client.post(f"/staff/people/{staff}/grants", data={"role": "admin"})).status_code == 422
    assert await database.fetchval("SELECT count(*) FROM staff_grant WHERE role = 'admin'") == 0


async def test_not_even_past_the_form(db: asyncpg.Connection) -> None:
    coordinator = await acting(await make_staff("coordinator"))
    other = await make_staff("viewer")
    with pytest.raises(NotAllowed):
        await actions.grant(other, Role.ADMIN, [EVERYWHERE], until=None, actor=coordinator, now=NOW)
    with pytest.raises(NotAllowed):
        await actions.grant(other, Role.ADMIN, in_regions(["06"]), until=None, actor=SYSTEM, now=NOW)


async def test_an_administrator_makes_an_administrator(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    assert (await invite(client, role="admin")).status_code == 303
    assert await grants_of(NEW["email"]) == {("admin", "all", "")}
    assert (await invite(client, email="b@sixnet.example", role="admin", regions=["06"])).status_code == 422


async def test_a_coordinator_edits_no_administrator(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    admin = await make_staff("admin")
    grant = await database.fetchval("SELECT id FROM staff_grant WHERE staff = $1", admin)
    page = await client.get(f"/staff/people/{admin}")
    assert page.status_code == 200
    assert "/switch-off" not in page.text
    assert f"/grants/{grant}/take" not in page.text
    for path in ("switch-off", "invitation", f"grants/{grant}/take"):
        assert (await client.post(f"/staff/people/{admin}/{path}")).status_code == 403, path
    assert await database.fetchval("SELECT active FROM staff WHERE id = $1", admin)


async def test_nobody_changes_their_own_rights(client: httpx.AsyncClient) -> None:
    for role in ("coordinator", "admin"):
        me = await make_staff(role, email=f"{role}@sixnet.example")
        await factories.sign_in(client, me)
        grant = await database.fetchval("SELECT id FROM staff_grant WHERE staff = $1", me)
        assert "You cannot change your own rights." in (await client.get(f"/staff/people/{me}")).text
        assert (await client.post(f"/staff/people/{me}/grants", data={"role": "viewer"})).status_code == 422
        assert (await invite(client, email=f"{role}@sixnet.example")).status_code == 422
        assert (await client.post(f"/staff/people/{me}/grants/{grant}/take")).status_code == 403
        assert (await client.post(f"/staff/people/{me}/switch-off")).status_code == 403
        assert await grants_of(f"{role}@sixnet.example") == {(role, "all", "")}


async def test_switching_off_signs_out_and_switching_on_lets_in_again(client: httpx.AsyncClient, app: Litestar) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    staff = await make_staff("organiser")
    async with browser(app) as theirs:
        await factories.sign_in(theirs, staff)
        assert (await theirs.get("/staff/")).status_code == 200
        assert (await client.post(f"/staff/people/{staff}/switch-off")).status_code == 303
        assert (await theirs.get("/staff/")).status_code == 401
        assert (await client.post(f"/staff/people/{staff}/switch-on")).status_code == 303
        assert (await theirs.get("/staff/")).status_code == 401
        await factories.sign_in(theirs, staff)
        assert (await theirs.get("/staff/")).status_code == 200
    assert [row["subject_id"] for row in await audited("staff.switched_off")] == [str(staff)]


async def test_a_regions_coordinator_sees_and_manages_that_region_alone(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator", kind="region", resource="06"))
    here = await make_staff("organiser", kind="region", resource="06", name="Täällä")
    event = await make_event(host_region="06")
    on_event = await make_staff("organiser", kind="event", resource=str(event), name="Tapahtumassa")
    there = await make_staff("organiser", kind="region", resource="14", name="Toisaalla")
    everywhere = await make_staff("organiser", name="Kaikkialla")
    page = await client.get("/staff/people")
    assert "Täällä" in page.text
    assert "Tapahtumassa" in page.text
    assert "Toisaalla" not in page.text
    assert "Kaikkialla" not in page.text
    for seen in (here, on_event):
        assert (await client.get(f"/staff/people/{seen}")).status_code == 200
    for unseen in (there, everywhere, uuid4()):
        assert (await client.get(f"/staff/people/{unseen}")).status_code == 404
        assert (await client.post(f"/staff/people/{unseen}/switch-off")).status_code == 404
        assert (await client.post(f"/staff/people/{unseen}/grants", data={"role": "viewer"})).status_code == 404
    assert (await invite(client, regions=["14"])).status_code == 422
    assert (await invite(client)).status_code == 422
    assert await grants_of(NEW["email"]) == set()
    assert (await invite(client, regions=["06"])).status_code == 303


async def test_who_works_elsewhere_too_is_not_switched_off_by_one_region(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator", kind="region", resource="06"))
    both = await make_staff("organiser", kind="region", resource="06")
    await factories.insert("staff_grant", staff=both, role="organiser", resource_kind="region", resource_id="14")
    assert (await client.post(f"/staff/people/{both}/switch-off")).status_code == 403
    grant = await database.fetchval("SELECT id FROM staff_grant WHERE staff = $1 AND resource_id = '14'", both)
    assert (await client.post(f"/staff/people/{both}/grants/{grant}/take")).status_code == 403
    grant = await database.fetchval("SELECT id FROM staff_grant WHERE staff = $1 AND resource_id = '06'", both)
    assert (await client.post(f"/staff/people/{both}/grants/{grant}/take")).status_code == 303
    assert [row["detail"] for row in await audited("staff.grant_taken")] != []


async def test_inviting_a_known_address_adds_the_role_and_tells_them(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    staff = await make_staff("viewer", email=NEW["email"], name="Vanha Tuttu", password="pitkä salasana")
    with clock.at(NOW):
        assert (await invite(client, regions=["06"])).status_code == 303
        letter = await letter_to(NEW["email"])
    assert await grants_of(NEW["email"]) == {("viewer", "all", ""), ("organiser", "region", "06")}
    assert letter is not None
    assert "Organiser – Pirkanmaa" in letter.text
    assert "/staff/invitation/" not in letter.text
    assert await database.fetchval("SELECT name FROM staff WHERE id = $1", staff) == "Vanha Tuttu"


async def test_inviting_a_switched_off_account_is_refused_in_words(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    await make_staff("viewer", email=NEW["email"], active=False)
    answer = await invite(client)
    assert answer.status_code == 422
    assert "This account is switched off." in answer.text
    assert await grants_of(NEW["email"]) == {("viewer", "all", "")}


async def test_a_second_invitation_ends_the_first_link(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    with clock.at(NOW):
        location = (await invite(client)).headers["location"].split("?")[0]
        first = path_in(await letter_to(NEW["email"]))
        assert (await client.post(f"{location}/invitation")).status_code == 303
        assert (await client.get(first)).status_code == 410
        second = {owed.subject_id for owed in await owed_to(NEW["email"])}
        assert len(second) == 2


async def test_who_has_come_already_is_not_invited_again(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    staff = await make_staff("viewer", password="pitkä salasana")
    assert (await client.post(f"/staff/people/{staff}/invitation")).status_code == 409


async def test_a_bad_invitation_says_beside_each_field_what_is_wrong(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    answer = await invite(client, email="ei osoite", name=" ", regions=["99"], until="31.12.2026")
    assert answer.status_code == 422
    for field in ("email", "name", "regions", "until"):
        assert f'id="{field}-error"' in answer.text, field
    assert 'value="ei osoite"' in answer.text
    with pytest.raises(NotFound):
        await actions.add_staff("a@b.example", Role.VIEWER, ["99"], now=NOW)


async def test_add_staff_makes_an_account_without_writing_to_it(db: asyncpg.Connection) -> None:
    staff = await actions.add_staff(" Anna@SIXNET.example", Role.ADMIN, now=NOW)
    assert await database.fetchval("SELECT email FROM staff WHERE id = $1", staff) == "anna@sixnet.example"
    assert await grants_of("anna@sixnet.example") == {("admin", "all", "")}
    assert await owed_to("anna@sixnet.example") == []
    assert await actions.add_staff("anna@sixnet.example", Role.ADMIN, now=NOW) == staff
    rows = await database.fetch("SELECT actor_kind, action FROM audit WHERE subject_id = $1", str(staff))
    assert {tuple(row) for row in rows} == {("system", "staff.added"), ("system", "staff.granted")}


async def test_two_administrators_who_switch_each_other_off_leave_one(committed_db: str) -> None:
    """Each was an administrator when they pressed the button; the second is one no more when it is their turn."""
    first, second = await make_staff("admin"), await make_staff("admin")
    actors = {first: await acting(first), second: await acting(second)}
    outcomes = await asyncio.gather(
        actions.switch(second, on=False, actor=actors[first], now=NOW),
        actions.switch(first, on=False, actor=actors[second], now=NOW),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotAllowed"]
    assert await database.fetchval("SELECT count(*) FROM staff WHERE active") == 1


async def test_without_the_lock_both_would_be_gone(committed_db: str) -> None:
    """The control of the test above: checking first and writing then, as two buttons pressed at once would."""
    first, second = await make_staff("admin"), await make_staff("admin")
    both_have_looked = asyncio.Barrier(2)

    async def naive(me: UUID, other: UUID) -> None:
        allowed = await database.fetchval("SELECT active FROM staff WHERE id = $1", me)
        await both_have_looked.wait()
        if allowed:
            await database.execute("UPDATE staff SET active = false WHERE id = $1", other)

    await asyncio.gather(naive(first, second), naive(second, first))
    assert await database.fetchval("SELECT count(*) FROM staff WHERE active") == 0


async def test_two_who_take_each_others_rights_leave_one_administrator(committed_db: str) -> None:
    first, second = await make_staff("admin"), await make_staff("admin")
    grant = "SELECT id FROM staff_grant WHERE staff = $1"
    outcomes = await asyncio.gather(
        actions.take(second, await database.fetchval(grant, second), actor=await acting(first), now=NOW),
        actions.take(first, await database.fetchval(grant, first), actor=await acting(second), now=NOW),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotAllowed"]


async def test_inviting_one_address_twice_at_once_makes_one_account(committed_db: str) -> None:
    made = await asyncio.gather(*(actions.add_staff("same@sixnet.example", Role.VIEWER, now=NOW) for _ in range(8)))
    assert len(set(made)) == 1
    assert await grants_of("same@sixnet.example") == {("viewer", "all", "")}

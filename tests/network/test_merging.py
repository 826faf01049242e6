import asyncio
from collections.abc import Awaitable
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.checkin.actions import reconcile, reopen
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import execute, fetch, fetchrow, fetchval
from events.core.errors import Conflict, NotAllowed, NotFound
from events.network import merging, organisations
from events.network.matching import match_organisation, match_person, organisation_key, person_key
from events.network.merging import REFERENCES, filled, merge, undo
from events.network.organisations import OrganisationValues, save
from events.network.register_tables import RegisterKind
from events.registration.own.data import erase
from events.registration.registering import NewRegistration, register
from tests.factories import NOW, insert, make_event, make_person, make_registration

ORGANISATION, PERSON = RegisterKind.ORGANISATION, RegisterKind.PERSON


async def make(name: str, **values: Any) -> UUID:
    return await save(None, OrganisationValues(name=name, **values), actor=SYSTEM, now=NOW)


async def known(identity: UUID) -> organisations.OrganisationView:
    found = await organisations.by_id(identity)
    assert found is not None
    return found


async def merged(gone: UUID, stays: UUID, kind: RegisterKind = ORGANISATION) -> UUID:
    return await merge(kind, gone, stays, actor=SYSTEM, now=NOW)


async def state() -> list[tuple[Any, ...]]:
    """Everything that a merge may touch."""
    rows = []
    for sql in (
        "SELECT * FROM organisation ORDER BY id",
        "SELECT id, organisation, folded FROM organisation_alias ORDER BY id",
        "SELECT * FROM person ORDER BY id",
        "SELECT id, person, organisation, state, number FROM registration ORDER BY id",
        "SELECT id, person, organisation FROM participation ORDER BY id",
    ):
        rows += [tuple(row) for row in await fetch(sql)]
    return rows


async def test_everything_moves_and_an_undo_gives_back_exactly_that(db: asyncpg.Connection) -> None:
    stays = await make("Konepaja Rautanen Oy", domains=["rautanen.example"])
    facts = {"business_id": "2252888-5", "type": "company", "size_class": "small", "municipality": "837"}
    gone = await make("Rautanen Konepaja", **facts, domains=["kr.example"], aliases=["KR"])
    person = await make_person(organisation=gone)
    registration = await make_registration(await make_event(), person=person, organisation=gone)
    before = await state()
    done = await merged(gone, stays)
    now = await known(stays)
    assert (now.business_id, now.type, now.size_class, now.municipality) == ("2252888-5", "company", "small", "837")
    assert (now.domains, now.aliases, now.people) == (
        ["rautanen.example", "kr.example"],
        ["KR", "Rautanen Konepaja"],
        1,
    )
    assert await fetchval("SELECT organisation FROM registration WHERE id = $1", registration) == stays
    assert await organisations.by_id(gone) is None
    await undo(done, actor=SYSTEM, now=NOW)
    assert await state() == before
    await undo(done, actor=SYSTEM, now=NOW)
    assert await state() == before
    actions = await fetch("SELECT action FROM audit WHERE action LIKE 'organisation.merge%' ORDER BY id")
    assert [row["action"] for row in actions] == ["organisation.merged", "organisation.merge_undone"]


async def test_what_is_known_is_not_overwritten_and_two_business_ids_stay_apart(db: asyncpg.Connection) -> None:
    stays = await make("Eka Oy", business_id="2252888-5", type="municipality", municipality="109")
    gone = await make("Toka Oy", business_id="0828308-4", type="company", size_class="small", municipality="837")
    await merged(gone, stays)
    now = await known(stays)
    assert (now.business_id, now.type, now.size_class, now.municipality) == (
        "2252888-5", "municipality", "unknown", "109",
    )  # fmt: skip
    found = await match_organisation("", business_id="0828308-4")
    assert found is not None
    assert found.id == stays


async def test_an_undo_keeps_what_happened_since(db: asyncpg.Connection) -> None:
    stays, gone = await make("Eka Oy"), await make("Toka Oy", municipality="837", domains=["toka.example"])
    event = await make_event()
    moved = await make_registration(event, organisation=gone)
    corrected = await make_registration(event, organisation=gone)
    done = await merged(gone, stays)
    third = await make("Kolmas Oy")
    await execute("UPDATE registration SET organisation = $2 WHERE id = $1", corrected, third)
    new = await make_registration(event, organisation=stays)
    await execute("UPDATE organisation SET municipality = '109' WHERE id = $1", stays)
    await undo(done, actor=SYSTEM, now=NOW)
    rows = {row["id"]: row["organisation"] for row in await fetch("SELECT id, organisation FROM registration")}
    assert (rows[moved], rows[corrected], rows[new]) == (gone, third, stays)
    assert ((await known(stays)).municipality, (await known(gone)).municipality) == ("109", "837")
    assert ((await known(stays)).domains, (await known(gone)).domains) == ([], ["toka.example"])


async def test_a_chain_leads_to_its_end_and_is_undone_from_there(db: asyncpg.Connection) -> None:
    a, b, c = await make("Aho Oy"), await make("Berg Oy"), await make("Cederholm Oy")
    registration = await make_registration(await make_event(), organisation=a)
    first, second = await merged(a, b), await merged(b, c)
    assert await fetchval("SELECT organisation FROM registration WHERE id = $1", registration) == c
    found = await match_organisation("Aho")
    assert found is not None
    assert found.id == c
    with pytest.raises(Conflict):
        await undo(first, actor=SYSTEM, now=NOW)
    await undo(second, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT merged_into FROM organisation WHERE id = $1", a) == b
    await undo(first, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT organisation FROM registration WHERE id = $1", registration) == a


async def test_who_registers_under_the_old_name_belongs_to_the_one_that_stayed(db: asyncpg.Connection) -> None:
    stays, gone = await make("Eka Oy"), await make("Toka Paja Oy", domains=["toka.example"])
    await merged(gone, stays)
    event = await make_event()
    for number, (name, email) in enumerate([("Toka paja", "a@muu.example"), ("TokaPaja", "b@toka.example")]):
        new = NewRegistration(given_name=f"Aino{number}", family_name="Esimerkki", email=email, organisation=name)
        await register(event, new, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT array_agg(DISTINCT organisation) FROM registration") == [stays]


async def test_nothing_is_merged_into_itself_or_twice_or_by_who_may_not(db: asyncpg.Connection) -> None:
    a, b = await make("Aho Oy"), await make("Berg Oy")
    for gone, stays in ((a, a), (a, uuid4()), (uuid4(), a)):
        with pytest.raises(NotFound):
            await merged(gone, stays)
    organiser = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser"),))
    with pytest.raises(NotAllowed):
        await merge(ORGANISATION, a, b, actor=organiser, now=NOW)
    await merged(a, b)
    for gone, stays in ((a, b), (b, a)):
        with pytest.raises(Conflict):
            await merged(gone, stays)


async def test_who_moves_to_another_organisation_keeps_the_history(db: asyncpg.Connection) -> None:
    old, new = await make("Vanha Oy"), await make("Uusi Oy")
    for name in ("Vanha Oy", "Uusi Oy"):
        asked = NewRegistration(given_name="Aino", family_name="Esimerkki", email="a@muu.example", organisation=name)
        await register(await make_event(), asked, actor=SYSTEM, now=NOW)
    rows = await fetch("SELECT organisation, person FROM registration ORDER BY registered_at, number")
    assert {row["organisation"] for row in rows} == {old, new}
    assert len({row["person"] for row in rows}) == 1
    assert await fetchval("SELECT organisation FROM person WHERE email = 'a@muu.example'") == new


async def test_two_spellings_of_a_person_become_one_and_two_again(db: asyncpg.Connection) -> None:
    stays, gone = await make_person("Aino"), await make_person("Aina", organisation=await make("Eka Oy"))
    mine, theirs = await make_registration(await make_event(), person=stays), None
    theirs = await make_registration(await make_event(), person=gone)
    before = await state()
    done = await merged(gone, stays, PERSON)
    assert set(await fetchval("SELECT array_agg(person) FROM registration WHERE id = ANY($1)", [mine, theirs])) == {
        stays
    }
    assert await fetchval("SELECT organisation IS NOT NULL FROM person WHERE id = $1", stays)
    email = await fetchval("SELECT email FROM person WHERE id = $1", gone)
    assert await match_person(email, "Aina", "Esimerkki") == stays
    await undo(done, actor=SYSTEM, now=NOW)
    assert await state() == before


async def test_two_registered_for_an_event_to_come_are_refused_with_the_reason(db: asyncpg.Connection) -> None:
    stays, gone, event = await make_person("Aino"), await make_person("Aina"), await make_event()
    await make_registration(event, person=stays)
    double = await make_registration(event, person=gone)
    with pytest.raises(Conflict, match="Testipaja"):
        await merged(gone, stays, PERSON)
    await execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", double)
    done = await merged(gone, stays, PERSON)
    assert await fetchval("SELECT person FROM registration WHERE id = $1", double) == gone, "it is not lost"
    await undo(done, actor=SYSTEM, now=NOW)


async def test_participations_stay_as_they_are_until_the_event_is_reopened(db: asyncpg.Connection) -> None:
    past = {"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=2, hours=-3)}
    event, old, new = await make_event(**past), await make("Vanha Oy"), await make("Uusi Oy")
    stays, gone = await make_person("Aino"), await make_person("Aina")
    for person in (stays, gone):
        registration = await make_registration(event, person=person, organisation=old)
        actor = {"actor_kind": "system", "changed_at": NOW}
        await execute(
            "INSERT INTO attendance (registration, state, source, actor_kind, changed_at)"
            " VALUES ($1, 'attended', 'desk', $2, $3)",
            *(registration, *actor.values()),
        )
    await reconcile(event, actor=SYSTEM, now=NOW)
    before = await fetch("SELECT * FROM participation ORDER BY id")
    await merged(old, new)
    await merged(gone, stays, PERSON)
    assert await fetch("SELECT * FROM participation ORDER BY id") == before
    await reopen(event, actor=SYSTEM, now=NOW)
    assert await reconcile(event, actor=SYSTEM, now=NOW) == 2
    rows = await fetch("SELECT person, organisation FROM participation")
    assert {tuple(row) for row in rows} == {(stays, new)}


async def test_an_address_is_not_lost_and_the_erased_are_not_brought_back(db: asyncpg.Connection) -> None:
    nameless, person = await make_person(email=None), await make_person()
    with pytest.raises(Conflict):
        await merged(person, nameless, PERSON)
    done = await merged(nameless, person, PERSON)
    registration = await make_registration(await make_event(), person=person)
    await erase(registration, actor=SYSTEM, now=NOW)
    rows = await fetch(
        "SELECT given_name, folded, erased_at IS NOT NULL AS erased FROM person WHERE id = ANY($1)", [nameless, person]
    )
    assert [tuple(row) for row in rows] == [("", "", True)] * 2, "whoever is the same person is forgotten too"
    with pytest.raises(Conflict):
        await undo(done, actor=SYSTEM, now=NOW)


async def test_every_reference_to_an_organisation_or_person_is_known_to_a_merge(db: asyncpg.Connection) -> None:
    for kind in RegisterKind:
        rows = await fetch(
            "SELECT conrelid::regclass::text AS of, attname FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND confrelid = $1::text::regclass",
            kind.value,
        )
        assert {tuple(row) for row in rows} - {("participation", kind.value)} == set(REFERENCES[kind])


def test_only_what_is_unknown_is_filled_in() -> None:
    nothing = {
        "business_id": None,
        "municipality": None,
        "type": "unknown",
        "size_class": "unknown",
        "sole_trader": False,
    }
    assert filled(nothing, nothing) == {}
    assert filled({**nothing, "size_class": "small", "sole_trader": True}, nothing) == {
        "size_class": "small",
        "sole_trader": True,
    }
    assert filled({**nothing, "size_class": "small"}, {**nothing, "type": "university"}) == {}
    assert filled({**nothing, "type": "company"}, {**nothing, "type": "state"}) == {}


async def at_once(*works: Awaitable[Any]) -> list[Any]:
    """Let each work on a connection of its own."""
    return await asyncio.gather(
        *(asyncio.create_task(_run(work), context=Context()) for work in works), return_exceptions=True
    )


async def _run(work: Awaitable[Any]) -> Any:
    return await work


async def cycles() -> int:
    count: int = await fetchval(
        "SELECT count(*) FROM organisation AS gone JOIN organisation AS stays ON stays.id = gone.merged_into"
        " WHERE stays.merged_into IS NOT NULL"
    )
    return count


async def test_two_who_merge_the_same_two_at_once_make_no_circle(committed_db: str) -> None:
    for number in range(8):
        a, b, c = [await make(f"{name} {number}") for name in ("Aho", "Berg", "Cederholm")]
        registration = await make_registration(await make_event(), organisation=a)
        done = await at_once(merged(a, b), merged(b, a), merged(b, c), merged(a, b))
        assert all(isinstance(one, UUID | Conflict) for one in done), done
        assert any(isinstance(one, UUID) for one in done)
        at = await fetchrow(
            "SELECT organisation.merged_into FROM registration JOIN organisation ON organisation.id = organisation"
            " WHERE registration.id = $1",
            registration,
        )
        assert at is not None
        assert at["merged_into"] is None
    assert await cycles() == 0


async def test_without_locks_two_at_once_would_make_a_circle(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_read = asyncio.Barrier(2)

    async def read_only(kind: RegisterKind, gone: UUID, stays: UUID) -> dict[UUID, asyncpg.Record]:
        rows = await fetch(f"SELECT * FROM {kind} WHERE id = ANY($1)", [gone, stays])
        turn = await asyncio.wait_for(both_have_read.wait(), 10)
        await asyncio.sleep(0.5 * turn)  # one after the other, or the database itself would stop one of them
        return {row["id"]: row for row in rows}

    monkeypatch.setattr(merging, "_lock", read_only)
    a, b = await make("Aho"), await make("Berg")
    done = await at_once(merged(a, b), merged(b, a))
    assert await cycles() == 2, done


async def _register_while_merging(event: UUID, gone: UUID, stays: UUID, names: list[str]) -> None:
    news = [
        NewRegistration(given_name=name, family_name="Esimerkki", email=f"{name}@muu.example", organisation="Toka")
        for name in names
    ]
    done = await at_once(
        *(register(event, new, actor=SYSTEM, now=NOW) for new in news[:6]),
        merged(gone, stays),
        *(register(event, new, actor=SYSTEM, now=NOW) for new in news[6:]),
    )
    assert [one for one in done if isinstance(one, BaseException)] == []


async def _left_behind(gone: UUID) -> int:
    count: int = await fetchval(
        "SELECT (SELECT count(*) FROM registration WHERE organisation = $1)"
        " + (SELECT count(*) FROM person WHERE organisation = $1)",
        gone,
    )
    return count


async def test_who_registers_during_a_merge_goes_along(committed_db: str) -> None:
    event = await make_event(capacity=None)
    for number in range(6):
        stays, gone = await make(f"Eka {number}"), await make("Toka")
        await _register_while_merging(event, gone, stays, [f"p{number}x{one}" for one in range(12)])
        assert await _left_behind(gone) == 0
        await execute("UPDATE organisation SET folded = '' WHERE id = $1", gone)
        await execute("DELETE FROM organisation_alias WHERE folded = 'toka'")
    assert await fetchval("SELECT count(*) FROM registration") == 72


async def test_without_its_triggers_a_registration_would_be_left_behind(committed_db: str) -> None:
    """A statement that has looked the organisation up and then waits for the merge at its foreign key."""
    stays, gone, event = await make("Eka"), await make("Toka"), await make_event()
    for disabled in (False, True):
        for table in ("registration", "person"):
            await execute(f"ALTER TABLE {table} {'DISABLE' if disabled else 'ENABLE'} TRIGGER USER")
        done = await merged(gone, stays)
        late = await make_registration(event, organisation=gone)
        assert await fetchval("SELECT organisation FROM registration WHERE id = $1", late) == (
            gone if disabled else stays
        )
        await execute("ALTER TABLE registration ENABLE TRIGGER USER")
        await undo(done, actor=SYSTEM, now=NOW)


async def test_the_same_person_is_known_by_both_spellings(db: asyncpg.Connection) -> None:
    assert person_key("Aina", "Esimerkki") != person_key("Aino", "Esimerkki")
    assert organisation_key("Toka Oy") == "toka"
    stays, gone, event = await make_person("Aino"), await make_person("Aina"), await make_event()
    await merged(gone, stays, PERSON)
    email = await fetchval("SELECT email FROM person WHERE id = $1", gone)
    new = NewRegistration(given_name="Aina", family_name="Esimerkki", email=email)
    first = await register(event, new, actor=SYSTEM, now=NOW)
    again = await register(event, new, actor=SYSTEM, now=NOW)
    assert (again.id, again.already) == (first.id, True)
    assert await fetchval("SELECT person FROM registration WHERE id = $1", first.id) == stays


async def test_the_merge_is_kept_without_anything_of_a_person(db: asyncpg.Connection) -> None:
    stays, gone = await make_person("Aino"), await make_person("Aina")
    await merged(gone, stays, PERSON)
    assert "Ain" not in await fetchval("SELECT moved::text FROM register_merge")
    assert await insert("told_apart", kind="person", one=stays, other=gone)


async def test_whose_registration_is_in_force_stays(db: asyncpg.Connection) -> None:
    event = await make_event(title_fi="Tulossa")
    came, cancelled = await make_person("Aino", email="aino@eka.example"), await make_person("Aina")
    registration = await make_registration(event, person=came)
    await make_registration(event, person=cancelled, state="cancelled")
    with pytest.raises(Conflict, match="Tulossa") as refused:
        await merged(came, cancelled, PERSON)
    assert refused.value.code == "in_force_goes"
    await merged(cancelled, came, PERSON)
    new = NewRegistration(given_name="Aino", family_name="Esimerkki", email="aino@eka.example")
    again = await register(event, new, actor=SYSTEM, now=NOW)
    assert (again.already, again.id) == (True, registration)

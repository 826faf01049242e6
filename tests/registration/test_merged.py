"""What registering and mending do with people of whom one was found to be another."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from events.core.actor import SYSTEM
from events.core.database import execute, fetchrow, fetchval
from events.registration.details import Details, change_details
from events.registration.own.data import everything
from tests.factories import NOW, make_event, make_person, make_registration


async def merged(gone: UUID, stays: UUID) -> None:
    await execute("UPDATE person SET merged_into = $2 WHERE id = $1", gone, stays)


async def test_one_may_take_the_spelling_of_a_double_that_was_merged(db: asyncpg.Connection) -> None:
    stays = await make_person("Aino", "Virtannen", email="aino@eka.example")
    gone = await make_person("Aino", "Virtanen", email="aino@eka.example")
    registration = await make_registration(await make_event(), person=stays)
    await merged(gone, stays)
    mended = Details(given_name="Aino", family_name="Virtanen", email="aino@eka.example")
    await change_details(registration, mended, actor=SYSTEM, now=NOW)
    person = await fetchrow("SELECT id, family_name FROM person WHERE email = 'aino@eka.example'")
    assert person is not None
    assert tuple(person) == (stays, "Virtanen")
    assert await fetchval("SELECT person FROM registration WHERE id = $1", registration) == stays


async def test_a_registration_that_stayed_with_the_double_can_still_be_mended(db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1))
    stays, gone = await make_person("Aino"), await make_person("Aina", email="aina@eka.example")
    await make_registration(event, person=stays)
    double = await make_registration(event, person=gone)
    await merged(gone, stays)
    mended = Details(given_name="Anna", family_name="Esimerkki", email="aina@eka.example")
    await change_details(double, mended, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT person FROM registration WHERE id = $1", double) == gone


async def test_one_takes_along_what_is_held_under_every_spelling(db: asyncpg.Connection) -> None:
    event = await make_event()
    stays, gone = await make_person("Aino"), await make_person("Aina")
    mine = await make_registration(event, person=stays)
    theirs = await make_registration(event, person=gone, state="cancelled")
    await merged(gone, stays)
    for registration in (mine, theirs):
        assert len((await everything(registration, by_mail=True))["registrations"]) == 2

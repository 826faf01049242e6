"""What an address tells of an organisation: nothing until it is known to be right, and never against a typed name."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from events.core import database
from events.core.actor import ANONYMOUS, SYSTEM
from events.network import doubles
from events.network.matching import match_organisation
from events.network.register_tables import RegisterKind
from events.registration.actions import NewRegistration, confirm_address, register
from events.registration.queries import Registered
from tests.factories import NOW, insert, make_event
from tests.registration.test_actions import person

TOWN = "Esimerkkilän kaupunki"


async def come(event: UUID, number: int, organisation: str, source: str = "form") -> Registered:
    new = NewRegistration(
        given_name=f"Aino {number}", email=f"aino{number}@kaupunki.example", organisation=organisation
    )
    return await register(event, new, actor=SYSTEM, now=NOW + timedelta(seconds=number), source=source)


async def town(**columns: object) -> UUID:
    return await insert(
        "organisation", **{"name": TOWN, "folded": "esimerkkilan kaupunki", "domains": ["kaupunki.example"], **columns}
    )


async def organisation_of(made: Registered) -> str:
    name: str = await database.fetchval(
        "SELECT name FROM registration JOIN organisation ON organisation.id = organisation WHERE registration.id = $1",
        made.id,
    )
    return name


async def domains_of(name: str) -> list[str]:
    found: list[str] = await database.fetchval("SELECT domains FROM organisation WHERE name = $1", name)
    return found


@pytest.mark.parametrize("source", ["form", "api"])
async def test_the_first_who_types_an_address_teaches_nobody_its_domain(db: asyncpg.Connection, source: str) -> None:
    event = await make_event()
    await come(event, 1, "Huijaus Oy", source)
    assert await domains_of("Huijaus Oy") == []
    assert await organisation_of(await come(event, 2, TOWN, source)) == TOWN


async def test_a_confirmed_address_teaches_the_domain_of_the_organisation_it_founded_alone(
    db: asyncpg.Connection,
) -> None:
    event = await make_event(address_hours=2)
    founder = await come(event, 1, TOWN)
    assert await domains_of(TOWN) == []
    await confirm_address(founder.id, actor=person(founder.id), now=NOW)
    assert await domains_of(TOWN) == ["kaupunki.example"]
    await insert("organisation", name="Muu Oy", folded="muu")
    other = await come(event, 2, "Muu Oy")
    await confirm_address(other.id, actor=person(other.id), now=NOW)
    assert await domains_of("Muu Oy") == []


async def test_what_staff_enter_teaches_the_domain(db: asyncpg.Connection) -> None:
    await come(await make_event(), 1, TOWN, "import")
    assert await domains_of(TOWN) == ["kaupunki.example"]


@pytest.mark.parametrize(
    ("typed", "filed"),
    [
        ("Esimerkkilän kaupunnki", TOWN),
        ("kaupunki Esimerkkilän", TOWN),
        ("Esimerkkilänkaupunki", TOWN),
        ("Esimerkkil. kaup.", TOWN),
        ("Esimerkkilän kaupunki Vesi", "Esimerkkilän kaupunki Vesi"),
        ("Esimerkkilän Vesi Oy", "Esimerkkilän Vesi Oy"),
        ("Ihan muu ry", "Ihan muu ry"),
    ],
)
async def test_a_domain_decides_between_spellings_and_not_against_a_name(
    db: asyncpg.Connection, typed: str, filed: str
) -> None:
    await town()
    known = await match_organisation(typed, email="aino@kaupunki.example")
    assert (known.by if known else "") == ("domain" if filed == TOWN else "")
    assert await organisation_of(await come(await make_event(), 1, typed)) == filed


async def test_who_names_nothing_belongs_to_nothing(db: asyncpg.Connection) -> None:
    await town()
    made = await come(await make_event(), 1, "")
    assert await database.fetchval("SELECT organisation FROM registration WHERE id = $1", made.id) is None


async def test_what_shares_a_domain_by_its_people_is_proposed_as_a_double(db: asyncpg.Connection) -> None:
    event = await make_event()
    await town()
    await come(event, 1, "Ihan muu ry")
    await register(
        event,
        NewRegistration(given_name="Eino", email="eino@toinen.example", organisation="Toinen ry"),
        actor=ANONYMOUS,
        now=NOW,
    )
    pairs, total = await doubles.pairs(RegisterKind.ORGANISATION)
    assert total == 1
    assert [(reason.by, reason.what) for reason in pairs[0].reasons] == [("domain", "kaupunki.example")]

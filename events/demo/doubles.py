"""What stands in the demo's register twice, as it happens where many people write: some of it merged already."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from msgspec.structs import replace

from events.core import database
from events.core.actor import Actor, ActorKind, Grant
from events.demo.people import Organisation, Person, alias_rows, organisation_rows, person_rows
from events.demo.rows import copy_rows
from events.network.merging import merge
from events.network.register_tables import RegisterKind


async def add_doubles(known: Sequence[Organisation], everyone: Sequence[Person], now: datetime) -> None:
    """Add three organisations and three people in another spelling; one of the organisations was merged yesterday."""
    companies = [one for one in known if one.type == "company" and one.name.endswith(" Oy")][:3]
    names = [
        companies[0].name.replace(" ", "n ", 1),
        f"{companies[1].name[:-4]} Oy",
        companies[2].name.replace(" Oy", " Group Oy"),
    ]
    again = [
        replace(one, id=uuid4(), name=name, size_class="unknown") for one, name in zip(companies, names, strict=True)
    ]
    twice = [one for one in everyone if one.email and not one.email.startswith("info@")][:3]
    misspelled = [
        replace(twice[0], id=uuid4(), family_name=f"{twice[0].family_name}n"),
        replace(twice[1], id=uuid4(), family_name=""),
        replace(twice[2], id=uuid4(), email=None),
    ]
    await copy_rows("organisation", [{**row, "domains": []} for row in organisation_rows(again, now)])
    await copy_rows("organisation_alias", alias_rows(again))
    await copy_rows("person", person_rows(misspelled, now))
    coordinator = await database.fetchval("SELECT id FROM staff WHERE email LIKE 'coordinator@%'")
    actor = Actor(ActorKind.STAFF, coordinator, grants=(Grant("coordinator"),))
    gone, stays = again[2].id, companies[2].id
    await merge(RegisterKind.ORGANISATION, gone, stays, actor=actor, now=now - timedelta(days=1))

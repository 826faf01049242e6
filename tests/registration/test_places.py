import asyncpg

from events.core import database
from events.programme import queries
from events.registration.places import place_names
from tests.factories import make_event


async def test_a_town_that_stands_in_the_name_of_a_venue_is_not_said_again(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await database.execute("UPDATE site SET name = 'Tampere-talo, Tampere' WHERE mode = 'venue'")
    seen = await queries.by_id(event)
    assert seen
    assert list((await place_names(seen)).values()) == ["Tampere-talo, Tampere", "Etänä"]

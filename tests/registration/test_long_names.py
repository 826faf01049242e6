"""The longest names that the form takes can be written to."""

import asyncpg
from msgspec import structs

from events.letters import COMPOSERS
from events.messaging.delivery import deliver_due
from tests.factories import NOW, make_event
from tests.registration.test_races import someone
from tests.registration.test_register import ANONYMOUS, register
from tests.smtp import post_office


async def test_who_has_the_longest_names_registers_and_is_written_to(db: asyncpg.Connection) -> None:
    event = await make_event()
    await register(
        event, structs.replace(someone(1), given_name="Ä" * 100, family_name="B" * 100), actor=ANONYMOUS, now=NOW
    )
    async with post_office() as post:
        assert await deliver_due(COMPOSERS, now=NOW) == 1
        assert len(post) == 1

"""Every letter greets by the given name, wherever it is known, or what the whole name says of it."""

import asyncpg
import pytest

from events.core import clock
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.letters import COMPOSERS
from events.messaging.delivery import compose
from events.messaging.letter import Owed
from events.registration.invitations.actions import invite
from events.registration.invitations.guests import Guest
from events.surveys.sending.actions import invite_due
from events.wording import WORDING
from tests.factories import NOW, make_event, make_person
from tests.surveys.asking import MORNING, attended, held_event

GREETS_NOBODY = {"feedback"}
"""The answer to feedback goes to an address whose owner need not say who they are."""


async def letter(db: asyncpg.Connection) -> str:
    row = await db.fetchrow("SELECT * FROM message")
    assert row is not None
    with in_language("en"):
        written = await compose(Owed(**{name: row[name] for name in Owed.__struct_fields__}), COMPOSERS)
    assert written is not None
    return written.text


@pytest.mark.parametrize("name", sorted(set(WORDING.samples) - GREETS_NOBODY))
async def test_no_built_in_letter_greets_by_the_whole_name(db: asyncpg.Connection, name: str) -> None:
    with in_language("en"), clock.at(NOW):
        text = (await WORDING.samples[name](WORDING.occasion(), None)).text
    assert "Hello Maija!" in text


async def test_a_survey_greets_by_the_given_name(db: asyncpg.Connection) -> None:
    await attended(await held_event(), person=await make_person("Aino Maria", "von Essen"))
    await invite_due(MORNING)
    with clock.at(MORNING):
        assert "Hello Aino Maria!" in await letter(db)


@pytest.mark.parametrize(
    ("name", "known", "greeting"),
    [
        ("Aino Maria Esimerkki", True, "Hello Aino!"),
        ("Eino Malli", False, "Hello Eino!"),
        ("Pirkanmaan liitto", False, "Hello Pirkanmaan liitto!"),
        ("", False, "Hello!"),
    ],
)
async def test_an_invitation_greets_whom_we_know_as_they_are_known(
    db: asyncpg.Connection, name: str, known: bool, greeting: str
) -> None:
    if known:
        await make_person("Aino", "Maria Esimerkki", email="guest@yritys.example")
    with clock.at(NOW):
        await invite(await make_event(), [Guest("guest@yritys.example", name, "en")], actor=SYSTEM, now=NOW)
        assert (await letter(db)).startswith(greeting)

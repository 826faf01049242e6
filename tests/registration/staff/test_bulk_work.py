"""What is done to many goes on in the background, exactly once, and says what became of it."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.documents.actions import LEASE, make_due
from events.documents import KINDS
from events.messaging.delivery import compose
from events.messaging.letter import Owed
from events.registration import actions
from events.registration.letters import COMPOSERS
from events.registration.new_registration import NewRegistration
from events.registration.staff import bulk_work
from tests.registration.staff.test_bulk import add, event, path_of, post, sent, states

__all__ = ["event"]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_work, "AT_ONCE", 2)


async def people(event: UUID, state: str, *names: str) -> list[UUID]:
    return [await add(event, name, state=state) for name in names]


async def test_many_are_done_by_a_worker_while_the_page_shows_how_far_it_is(
    client: httpx.AsyncClient, event: UUID
) -> None:
    some = await people(event, "awaiting_approval", "Aino", "Eino", "Oiva", "Tuula")
    path = await path_of(event)
    assert "It is done in the background" in (await client.get(f"{path}/chosen?do=approve&all=1")).text
    asked = await post(client, f"{path}/chosen", sent("approve", some))
    assert 'max="4"' in asked.text
    assert "The work is being done." in (await client.get(path)).text
    assert await states(*some) == ["awaiting_approval"] * 4
    await make_due(KINDS, now=clock.now())
    assert "4 done<" in (await client.get(asked.url.path)).text
    assert await states(*some) == ["confirmed"] * 3 + ["waitlisted"]


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("deed", ["cancel", "approve"])
async def test_who_is_killed_goes_on_where_it_ended_and_tells_the_whole(
    client: httpx.AsyncClient, event: UUID, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    gone = (await people(event, "cancelled", "Veera"))[0]
    some = await people(event, "awaiting_approval", "Aino", "Eino", "Oiva")
    path = f"{await path_of(event)}/chosen"
    asked = await post(client, path, sent(deed, [gone, *some], message="Terve."))
    done: list[UUID] = []
    usual = getattr(actions, deed)

    async def killing(registration: UUID, **more: Any) -> Any:
        if len(done) == 3:
            raise _Killed
        done.append(registration)
        return await usual(registration, **more)

    with monkeypatch.context() as patched:
        patched.setattr(actions, deed, killing)
        with pytest.raises(_Killed):
            await make_due(KINDS, now=clock.now())
    await make_due(KINDS, now=clock.now() + 2 * LEASE)
    text = (await client.get(asked.url.path)).text
    assert "3 done, 1 not" in text
    assert "Veera Esimerkki</a>:" in text
    rows = await database.fetch(
        "SELECT count(*) FROM audit WHERE action LIKE 'registration.%' AND subject_id = ANY($1) GROUP BY subject_id",
        [str(one) for one in some],
    )
    assert [row[0] for row in rows] == [1, 1, 1]


async def test_a_step_that_is_in_other_hands_by_then_is_not_done(client: httpx.AsyncClient, event: UUID) -> None:
    some = await people(event, "confirmed", "Aino", "Eino", "Oiva")
    await post(client, f"{await path_of(event)}/chosen", sent("cancel", some))
    usual = actions.cancel

    async def stalling(registration: UUID, **more: Any) -> Any:
        await database.execute("UPDATE document SET tries = tries + 1")  # somebody else has claimed it meanwhile
        return await usual(registration, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(actions, "cancel", stalling)
        await make_due(KINDS, now=clock.now())
    assert await states(*some) == ["confirmed"] * 3


async def test_places_are_given_in_the_order_of_the_line_and_who_finds_none_is_named(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await people(event, "confirmed", "Veera", "Tuula")
    first, second, third = await people(event, "waitlisted", "Aino", "Eino", "Oiva")
    await database.execute(
        "UPDATE registration SET registered_at = registered_at - interval '1 day' WHERE id = $1", third
    )
    asked = await post(client, f"{await path_of(event)}/chosen", sent("place", [third, second, first]))
    await make_due(KINDS, now=clock.now())
    text = (await client.get(asked.url.path)).text
    assert "1 done, 2 not" in text
    assert "Eino Esimerkki</a>: The event is full." in text
    assert await states(first, second, third) == ["confirmed", "waitlisted", "waitlisted"]
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1 ORDER BY position", event) == 3


async def test_what_is_written_on_approval_stands_in_the_mail(client: httpx.AsyncClient, event: UUID) -> None:
    approved = (await people(event, "awaiting_approval", "Aino"))[0]
    await post(
        client, f"{await path_of(event)}/chosen", sent("approve", [approved], message="Tuo kengät.\nTervetuloa!")
    )
    row = await database.fetchrow("SELECT * FROM message WHERE subject_id = $1 AND reason = 'confirmation'", approved)
    assert row is not None
    letter = await compose(Owed(**{name: row[name] for name in Owed.__struct_fields__}), COMPOSERS)
    assert letter is not None
    assert "Tuo kengät.\nTervetuloa!" in letter.text
    assert "Tuo kengät.<br>Tervetuloa!" in letter.html
    assert "Tuo kengät." in (await client.get(f"{await path_of(event)}/{approved}")).text


async def test_nobody_else_sees_what_became_of_it(client: httpx.AsyncClient, event: UUID) -> None:
    some = await people(event, "confirmed", "Aino")
    asked = await post(client, f"{await path_of(event)}/chosen", sent("cancel", some))
    assert "1 done<" in asked.text
    await database.execute("DELETE FROM staff_grant")
    assert (await client.get(asked.url.path)).status_code == 404


async def test_who_registers_again_is_not_told_what_was_written_before(client: httpx.AsyncClient, event: UUID) -> None:
    approved = (await people(event, "awaiting_approval", "Aino"))[0]
    await post(client, f"{await path_of(event)}/chosen", sent("approve", [approved], message="Tuo kengät."))
    await post(client, f"{await path_of(event)}/chosen", sent("cancel", [approved]))
    email = await database.fetchval("SELECT email FROM person JOIN registration ON person.id = person")
    again = NewRegistration(given_name="Aino", family_name="Esimerkki", email=email)
    assert (await actions.register(event, again, actor=SYSTEM, now=clock.now())).id == approved
    assert await database.fetchval("SELECT welcome_words FROM registration WHERE id = $1", approved) == ""

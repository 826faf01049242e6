from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import NotFound
from events.registration.own.data import erase, everything
from events.registration.questions import health, queries
from tests.factories import NOW, insert, mailed_link, make_event, make_registration, make_staff, sign_in
from tests.registration.questions.making import make_question, taken
from tests.registration.questions.test_answering import sign_up
from workers.due import due_jobs
from workers.expiry import expire

ENDS = datetime(2026, 10, 20, 13, 0, tzinfo=UTC)
"""16.00 in Helsinki in summer time; a week later the clocks have been moved."""


async def make_answered(**columns: object) -> tuple[UUID, UUID]:
    event = await make_event(slug="paja", starts_at=ENDS - timedelta(hours=4), ends_at=ENDS, **columns)
    await make_question(event, "diet", health=True, kitchen=True)
    await make_question(event, "why")
    made = await sign_up(event, 0, "diet", diet="Nuts", why="Because")
    await insert("kitchen_order", event=event, ordered_at=NOW, counts="{}")
    return event, made.id


async def rows(table: str) -> int:
    return int(await database.fetchval(f"SELECT count(*) FROM {table}"))


async def test_health_answers_are_deleted_seven_days_after_the_event_by_its_own_clock(db: asyncpg.Connection) -> None:
    _event, registration = await make_answered()
    due = datetime(2026, 10, 27, 14, 0, tzinfo=UTC)
    await expire(due - timedelta(seconds=1))
    assert (await rows("health_answer"), await rows("kitchen_order")) == (1, 1)
    assert "data.expire" not in await due_jobs(due - timedelta(seconds=1))
    assert "data.expire" in await due_jobs(due), "the promise is a moment, not the next daily run"
    await expire(due)
    assert (await rows("health_answer"), await rows("kitchen_order"), await rows("registration_answer")) == (0, 0, 1)
    assert (await everything(registration, by_mail=True))["registrations"][0]["health"] == []
    assert (await queries.of_registration(registration)).health == {}


async def test_the_question_shows_until_when_its_answer_is_kept(client: httpx.AsyncClient) -> None:
    await make_answered()
    with clock.at(NOW):
        page = (await client.get("/events/paja/register")).text
    assert "it is deleted on 27 October 2026" in page


async def test_ones_own_data_hold_the_answers_and_erasing_deletes_them(db: asyncpg.Connection) -> None:
    _event, registration = await make_answered()
    own = (await everything(registration, by_mail=True))["registrations"][0]
    assert [(each["question"], each["answer"]) for each in own["answers"]] == [("why", "Because")]
    assert [(each["question"], each["answer"]) for each in own["health"]] == [("diet", "Nuts")]
    await erase(registration, actor=SYSTEM, now=NOW)
    assert (await rows("health_answer"), await rows("registration_answer")) == (0, 0)


@pytest.mark.parametrize(
    ("role", "kind", "sees"),
    [
        ("admin", "all", True),
        ("organiser", "event", True),
        ("organiser", "region", True),
        ("coordinator", "all", False),
    ],
)
async def test_only_who_arranges_the_event_sees_health_and_the_look_is_noted(
    client: httpx.AsyncClient, role: str, kind: str, sees: bool
) -> None:
    event, registration = await make_answered()
    await sign_in(
        client, await make_staff(role, kind=kind, resource={"event": str(event), "region": "06"}.get(kind, ""))
    )
    address = f"/staff/events/paja/registrations/{registration}"
    page = (await client.get(address)).text
    assert ("Because" in page, "Nuts" in page, "Show what was said of health" in page) == (True, False, sees)
    opened = (await client.get(f"{address}?health=1")).text
    assert ("Nuts" in opened) == sees
    noted = await database.fetchval("SELECT count(*) FROM audit WHERE action = 'registration.health_seen'")
    assert noted == int(sees)


async def test_answers_for_a_list_leave_health_out(db: asyncpg.Connection) -> None:
    event, registration = await make_answered()
    await make_registration(event)
    assert {key: given.all for key, given in (await queries.answers_of(event)).items()} == {
        registration: {"why": "Because"}
    }


@pytest.mark.parametrize("hours", [-48, 1, 24])
async def test_who_said_something_of_health_takes_it_back_at_any_time(client: httpx.AsyncClient, hours: int) -> None:
    client.cookies.set("language", "en")
    event = await make_event(slug="paja", starts_at=ENDS - timedelta(hours=4), ends_at=ENDS)
    await make_question(event, "diet", "one", ("nuts", 2), health=True)
    await make_question(event, "which", shown_if=["diet=nuts"])
    await make_question(event, "why")
    made = await sign_up(event, 0, "diet", diet="nuts", which="Hazel", why="Because")
    assert await taken("nuts") == 1
    link = mailed_link(made.id)
    with clock.at(ENDS + timedelta(hours=hours)):
        page = (await client.get(link)).text
        assert 'name="withdraw" value="diet"' in page
        assert 'name="withdraw" value="why"' not in page
        answer = await client.post(f"{link}/health", data={"withdraw": "diet"}, follow_redirects=True)
        assert "Your consent is withdrawn" in answer.text
        assert 'name="withdraw"' not in answer.text
        again = await client.post(f"{link}/health", data={"withdraw": "diet"})
        other = await client.post(f"{link}/health", data={"withdraw": "why"})
    assert (again.status_code, other.status_code) == (404, 404)
    assert dict((await queries.of_registration(made.id)).all) == {"why": "Because"}
    assert await taken("nuts") == 0
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'registration.health_withdrawn'") == 1


async def test_nobody_takes_back_what_another_said(db: asyncpg.Connection) -> None:
    _event, registration = await make_answered()
    for actor in (SYSTEM, Actor(ActorKind.PARTICIPANT, uuid4())):
        with pytest.raises(NotFound):
            await health.withdraw(registration, "diet", actor=actor, now=NOW)
    assert await rows("health_answer") == 1

"""Who took part is known as long as is promised, not a moment longer and none less; the figures stay."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.checkin.actions import reconcile, reopen
from events.core import clock, database, feeds, secrets
from events.core.actor import SYSTEM
from events.core.errors import Conflict, Gone
from events.core.retention import PAST, kept_until, months
from events.core.settings import get_settings
from events.registration.actions import cancel
from events.registration.details import Details, change_details
from events.registration.own import expiring
from events.registration.staff import notes
from tests.factories import NOW, insert, mailed_link, make_event, make_person, make_registration
from workers.due import due_jobs
from workers.expiry import expire

ENDS = datetime(2026, 9, 30, 13, 0, tzinfo=UTC)
"""16.00 in Helsinki in summer time; five months later there is winter time, and no 30th."""

DUE = datetime(2027, 2, 28, 14, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _five_months(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "retention_months", 5)


async def make_past(**columns: object) -> UUID:
    return await make_event(starts_at=ENDS - timedelta(hours=4), ends_at=ENDS, **columns)


async def make_told(event: UUID, person: UUID | None = None) -> UUID:
    """A registration of which everything is known that can be."""
    person = person or await make_person("Aino", email="aino@kunta.example")
    words = {"registered_by_name": "Aino R.", "cancel_reason": "Aino is ill", "parting_words": "Dear Aino"}
    registration = await make_registration(event, person=person, **words)
    question = await insert("question", event=event, code="why", kind="one", origin=uuid4(), label_en="Why?")
    await insert("question_option", question=question, code="a", label_en="A", capacity=5, taken=1)
    await insert("registration_answer", registration=registration, question=question, value='"a"')
    await insert("consent", registration=registration, kind="news", text="Yes", language="en", given=True)
    await insert("registration_note", registration=registration, text="Aino is tall")
    await insert("registration_tag", registration=registration, tag="Aino", folded="aino")
    message = {"recipient_name": "Aino", "reason": "confirmation", "message_id": "<1@sixnet>", "state": "sent"}
    subject = {"subject_kind": "registration", "subject_id": registration, "person_id": person}
    await insert("message", recipient="aino@kunta.example", server_words="aino", **message, **subject)
    token = secrets.digest(secrets.derive("invitation", registration))
    invited = {"event": event, "email": "aino@kunta.example", "name": "Aino", "folded": "aino", "person": person}
    await insert("invitation", id=registration, token_hash=token, state="yes", **invited)
    await insert("meeting_attendee", event=event, identity="aino", name="Aino", email="", registrations=[registration])
    await database.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, 'attended', 'desk', 'staff')",
        registration,
    )
    return registration


async def dump() -> str:
    """Everything that the tables hold, but when something last ran."""
    tables = await database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'service_state' ORDER BY 1"
    )
    rows = [await database.fetch(f'SELECT one::text AS text FROM "{each["tablename"]}" AS one') for each in tables]
    return "\n".join(row["text"] for table in rows for row in table)


async def test_nothing_goes_before_its_time_and_then_all_that_names_anybody(db: asyncpg.Connection) -> None:
    registration = await make_told(await make_past())
    before = await dump()
    assert all(each in before for each in ("Aino R.", "Aino is ill", "Dear Aino", "Aino is tall", "aino@kunta"))
    await expire(DUE - MOMENT)
    assert await dump() == before
    await expire(DUE)
    left = await dump()
    assert "aino" not in left.lower()
    assert await database.fetchval("SELECT state FROM registration WHERE id = $1", registration) == "confirmed"
    assert await database.fetchval("SELECT taken FROM question_option") == 0


@pytest.mark.parametrize("ends", [ENDS, datetime(2026, 9, 15, 20, 59, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York"])
async def test_the_database_and_the_page_know_the_same_moment(db: object, ends: datetime, zone: str) -> None:
    await make_event(starts_at=ends - timedelta(hours=1), ends_at=ends, zone=zone)
    due = kept_until(ends, zone)
    past = [await database.fetchval(f"SELECT {PAST} FROM event", at, months()) for at in (due - MOMENT, due)]
    assert past == [False, True]


def test_a_month_without_such_a_day_ends_at_its_last() -> None:
    assert kept_until(ENDS, "Europe/Helsinki") == DUE


async def test_the_page_tells_the_day(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    registration = await make_told(await make_past())
    with clock.at(NOW):
        assert "This page works until 28 February 2027." in (await client.get(mailed_link(registration))).text
        assert "5 months after the event" in (await client.get("/privacy")).text


@pytest.mark.parametrize("deleted", [False, True])
async def test_links_say_that_their_time_is_over(client: httpx.AsyncClient, deleted: bool) -> None:
    client.cookies.set("language", "en")
    registration = await make_told(await make_past())
    link, invitation = mailed_link(registration), f"/i/{secrets.derive('invitation', registration)}"
    ticket = f"/t/{secrets.derive('ticket', registration)}"
    pages = [
        *(
            link,
            link[:29],
            f"{link}/participants",
            f"{link}/data",
            f"{link}/data.json",
            f"{link}/calendar.ics",
            f"{link}/cancel",
        ),
        *(f"{link}/erase", f"{link}/transfer", ticket, invitation),
    ]
    with clock.at(DUE - MOMENT):
        assert (await client.get(link)).status_code == (await client.get(ticket)).status_code == 200
        assert (await client.get(invitation)).status_code == 200
    if deleted:
        await expire(DUE)
    with clock.at(DUE):
        answers = [await client.get(page) for page in pages]
        posted = [await client.post(f"{link}{deed}") for deed in ("", "/erase", "/cancel", "/consents", "/answers")]
    assert [answer.status_code for answer in (*answers, *posted)] == [410] * (len(pages) + 5)
    assert all("data of this event have been deleted" in answer.text for answer in answers)
    assert not any("Aino" in answer.text for answer in answers)
    with clock.at(DUE):
        assert (await client.get(f"/r/{'a' * 26}")).status_code == 404


async def test_a_feed_ends_with_its_persons_last_event(client: httpx.AsyncClient) -> None:
    registration = await make_told(await make_past())
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration)
    await feeds.make("person", person, now=NOW)
    feed = (await feeds.address("person", person)).removeprefix("http://testserver")
    with clock.at(DUE):
        assert "VEVENT" not in (await client.get(feed)).text
        await expire(DUE)
        assert (await client.get(feed)).status_code == 410


async def test_figures_stay_and_are_no_more_to_be_made_anew(db: asyncpg.Connection) -> None:
    event = await make_past()
    registration = await make_told(event)
    await reconcile(event, actor=SYSTEM, now=ENDS + MOMENT)
    figures = "SELECT count(*), count(DISTINCT person), sum(minutes) FROM participation"
    before = await database.fetchrow(figures)
    await expire(DUE)
    assert await database.fetchrow(figures) == before
    assert before
    assert before[0] == 1
    assert await database.fetchval("SELECT state FROM attendance WHERE registration = $1", registration) == "attended"
    with pytest.raises(Conflict) as refused:
        await reopen(event, actor=SYSTEM, now=DUE)
    assert refused.value.code == "expired"


async def person_of(registration: UUID) -> tuple[str, str | None]:
    row = await database.fetchrow(
        "SELECT given_name, email FROM person JOIN registration ON person = person.id WHERE registration.id = $1",
        registration,
    )
    assert row
    return row["given_name"], row["email"]


async def test_who_takes_part_elsewhere_keeps_a_name_there_alone(db: asyncpg.Connection) -> None:
    event = await make_past()
    registration = await make_told(event)
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration)
    later = await make_registration(await make_event(), person=person)
    await reconcile(event, actor=SYSTEM, now=ENDS + MOMENT)
    await expire(DUE)
    assert await person_of(registration) == ("", None)
    assert await person_of(later) == ("Aino", "aino@kunta.example")
    assert await database.fetchval("SELECT person FROM participation") == person, "still one person in reports"
    await expire(DUE + timedelta(days=40))
    assert await person_of(later) == ("", None)
    assert "aino" not in (await dump()).lower()


async def test_members_of_a_group_are_known_until_as_long_after_they_leave(db: asyncpg.Connection) -> None:
    registration = await make_told(await make_past())
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration)
    theme = await database.fetchval("SELECT code FROM theme LIMIT 1")
    group = await insert("theme_group", theme=theme, region="06", name_fi="Ryhmä")
    member = await insert("group_member", theme_group=group, person=person, starts_on=NOW.date(), ends_on=None)
    await expire(DUE + timedelta(days=1000))
    assert await database.fetchval("SELECT given_name FROM person WHERE id = $1", person) == "Aino"
    await database.execute("UPDATE group_member SET ends_on = $2 WHERE id = $1", member, DUE.date())
    await expire(DUE + timedelta(days=100))
    assert await database.fetchval("SELECT given_name FROM person WHERE id = $1", person) == "Aino"
    await expire(DUE + timedelta(days=1000))
    assert await database.fetchval("SELECT given_name FROM person WHERE id = $1", person) == ""


async def test_doubles_that_were_merged_go_together(db: asyncpg.Connection) -> None:
    kept = await make_person("Aino", email="aino@kunta.example")
    double = await make_person("Aino", email="aino@toinen.example", merged_into=kept)
    await make_registration(await make_past(), person=double)
    await make_registration(await make_event(), person=kept)
    await expire(DUE)
    names = "SELECT array_agg(DISTINCT given_name) FROM person WHERE id = ANY($1)"
    assert await database.fetchval(names, [kept, double]) == ["Aino"]
    await expire(DUE + timedelta(days=40))
    assert await database.fetchval(names, [kept, double]) == [""]


async def test_nothing_is_written_about_anybody_afterwards(db: asyncpg.Connection) -> None:
    event = await make_past()
    registration = await make_told(event)
    await expire(DUE)
    mended = Details(given_name="Aino", family_name="Esimerkki", email="aino@kunta.example")
    for deed in (
        notes.add_note(registration, "Aino is tall", actor=SYSTEM, now=DUE),
        change_details(registration, mended, actor=SYSTEM, now=DUE),
        cancel(registration, actor=SYSTEM, now=DUE, reason="Aino"),
    ):
        with pytest.raises(Gone):
            await deed
    assert await notes.add_tag(event, [registration], "Aino", actor=SYSTEM, now=DUE) == 0
    assert "aino" not in (await dump()).lower()


async def test_more_than_a_batch_goes_in_one_run(db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "BATCH", 3)
    event, other = await make_past(), await make_event()
    for _number in range(8):
        await make_registration(event)
    kept = await make_registration(other)
    await expire(DUE)
    assert await database.fetchval("SELECT count(*) FROM registration WHERE expired_at IS NULL") == 1
    assert (await person_of(kept))[0] == "Aino"
    assert await database.fetchval("SELECT count(*) FROM person WHERE given_name <> ''") == 1


async def test_a_run_that_was_cut_short_goes_on_with_the_next_tick(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_registration(await make_past())

    async def cut(_now: datetime) -> int:
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(expiring, "_persons", cut)
        with pytest.raises(TimeoutError):
            await expire(DUE)
    assert await database.fetchval("SELECT count(*) FROM registration WHERE expired_at IS NULL") == 0
    assert "data.expire" in await due_jobs(DUE)
    await expire(DUE)
    assert "data.expire" not in await due_jobs(DUE)
    assert await database.fetchval("SELECT count(*) FROM person WHERE given_name <> ''") == 0

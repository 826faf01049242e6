"""Checking in by oneself, at a tablet and by the code of a poster."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.accounts.devices import actions as devices
from events.accounts.devices.tables import DeviceKind
from events.checkin import actions
from events.checkin.oneself import pages, rules
from events.checkin.oneself.actions import Said, check_in, opens, poster_code
from events.checkin.queries import DoorEvent, door_event
from events.checkin.settings.actions import choose, renew_poster
from events.checkin.settings.queries import chosen
from events.checkin.settings.tables import Poster
from events.checkin.tables import AttendanceState
from events.core import clock, database
from events.core.actor import SYSTEM
from events.registration.own.data import erase
from tests.checkin.doors import attendance, slug_of, ticket
from tests.factories import NOW, make_event, make_person, make_registration, make_staff, sign_in

AINO = {"letters": "Ain", "email": "aino@yritys.example"}


async def make_running() -> DoorEvent:
    event = await make_event(starts_at=NOW, ends_at=NOW + timedelta(hours=2))
    return await door_event(await slug_of(event), SYSTEM, NOW)


async def register(event: UUID, name: str = "Aino", email: str = "aino@yritys.example", **more: object) -> UUID:
    return await make_registration(event, person=await make_person(name, email=email), **more)


async def come(event: DoorEvent, **said: str) -> str:
    answer = await check_in(event, Said(**said), door="", desk=None, now=NOW)  # type: ignore[arg-type]
    return answer.result.value if answer else "nobody"


@pytest.fixture
async def tablet(client: httpx.AsyncClient) -> AsyncIterator[tuple[httpx.AsyncClient, DoorEvent]]:
    """A browser that was paired for self check-in at an event."""
    event = await make_running()
    until = event.ends_at + timedelta(hours=1)
    served = {event.id: event.host_region}
    with clock.at(NOW):
        secret = await devices.offer("Tablet", DeviceKind.KIOSK, served, until=until, actor=SYSTEM, now=NOW)
        paired = await client.post(f"/door/pair/{secret}")
        assert paired.headers["location"] == f"/kiosk/{event.slug}"
        yield client, event


async def test_a_name_and_its_address_let_in_whoever_they_mean(db: asyncpg.Connection) -> None:
    event = await make_running()
    aino = await register(event.id)
    assert await come(event, letters="ain", email="other@yritys.example") == "nobody"
    assert await come(event, letters="Ville", email="aino@yritys.example") == "nobody"
    assert await come(event, letters="a", email="aino@yritys.example") == "nobody"
    assert (await attendance(aino))[0] == "unknown"
    assert await come(event, letters=" ÄIN ", email=" Aino@Yritys.example ") == "ok"
    assert (await attendance(aino))[:2] == ("attended", "scan")
    assert await come(event, letters="Esimerkki A", email="aino@yritys.example") == "duplicate"


async def test_of_several_at_one_address_the_letters_must_tell_which(db: asyncpg.Connection) -> None:
    event = await make_running()
    maija, matti = await register(event.id, "Maija"), await register(event.id, "Matti")
    assert await come(event, letters="ma", email="aino@yritys.example") == "nobody"
    assert await come(event, letters="Mat", email="aino@yritys.example") == "ok"
    assert [(await attendance(each))[0] for each in (maija, matti)] == ["unknown", "attended"]


async def test_tickets_let_in_whose_they_are_and_those_of_other_events_nobody(db: asyncpg.Connection) -> None:
    event, other = await make_running(), await make_event()
    aino, elsewhere = await register(event.id), await register(other, "Ville", "ville@yritys.example")
    assert await come(event, tickets=[ticket(elsewhere)]) == "nobody"  # type: ignore[arg-type]
    assert await come(event, tickets=["x" * 26, f"/t/{ticket(elsewhere)}", f"/t/{ticket(aino)}"]) == "ok"  # type: ignore[arg-type]
    assert (await attendance(elsewhere))[0] == "unknown"


@pytest.mark.parametrize("state", ["waitlisted", "cancelled", "awaiting_approval"])
async def test_who_has_no_place_is_sent_to_the_door(db: asyncpg.Connection, state: str) -> None:
    event = await make_running()
    aino = await register(event.id, state=state)
    assert await come(event, letters="Ain", email="aino@yritys.example") == "rejected"
    assert (await attendance(aino))[0] == "unknown"


async def test_the_tablet_checks_in_and_tells_nobody_else(tablet: tuple[httpx.AsyncClient, DoorEvent]) -> None:
    client, event = tablet
    aino = await register(event.id)
    await register(event.id, "Ville", "ville@yritys.example")
    start = await client.get(f"/kiosk/{event.slug}")
    assert "Esimerkki" not in start.text
    assert "no-store" in start.headers["cache-control"]
    missed = await client.post(f"/kiosk/{event.slug}", data={**AINO, "email": "wrong@yritys.example"})
    assert "We did not find you" in missed.text
    assert "Esimerkki" not in missed.text
    welcome = await client.post(f"/kiosk/{event.slug}", data=AINO)
    assert "Aino Esimerkki" in welcome.text
    assert "Ville" not in welcome.text
    row = await database.fetchrow("SELECT door, actor_kind FROM scan WHERE registration = $1", aino)
    assert row is not None
    assert tuple(row) == ("Tablet", "door")
    empty = await client.post(f"/kiosk/{event.slug}", data={"letters": "A", "email": ""})
    assert empty.status_code == 422
    assert "Write at least two letters." in empty.text


async def test_whose_data_were_erased_is_nobody_at_a_tablet_and_has_no_name_on_any_list(
    tablet: tuple[httpx.AsyncClient, DoorEvent],
) -> None:
    client, event = tablet
    aino = await register(event.id)
    assert "Aino Esimerkki" in (await client.post(f"/kiosk/{event.slug}", data=AINO)).text
    await actions.mark([aino], AttendanceState.NO_SHOW, actor=SYSTEM, now=NOW)
    await actions.mark([aino], AttendanceState.ATTENDED, actor=SYSTEM, now=NOW + timedelta(minutes=1))
    await erase(aino, actor=SYSTEM, now=NOW)
    assert "We did not find you" in (await client.post(f"/kiosk/{event.slug}", data=AINO)).text
    by_ticket = await client.post(f"/kiosk/{event.slug}", data={"code": ticket(aino)})
    assert (by_ticket.status_code, "Aino" in by_ticket.text) == (200, False)
    await sign_in(client, await make_staff("admin"))
    board = await client.get(f"/door/{event.slug}/board")
    assert "(erased)" in board.text
    attendance_page = await client.get(f"/staff/events/{event.slug}/attendance")
    assert "Marked as come" in attendance_page.text
    for page in (board, attendance_page):
        assert "Aino" not in page.text


async def test_a_poster_of_one_event_or_kind_opens_no_other(client: httpx.AsyncClient) -> None:
    event, other = await make_running(), await make_running()
    aino = await register(other.id)
    fixed = await _url(event, Poster.FIXED, NOW)
    await _url(other, Poster.FIXED, NOW)
    elsewhere = fixed.replace(event.slug, other.slug)
    changing = await _url(event, Poster.ROTATING, NOW)
    with clock.at(NOW):
        assert (await client.post(elsewhere, data=AINO)).status_code == 410
        assert (await client.get(fixed)).status_code == 410, "the printed one is not wanted any more"
        await _url(event, Poster.FIXED, NOW)
        assert (await client.get(changing)).status_code == 410
        for guessed in ("a", "é" * 26, "%00", "..%2f..", "x" * 8000):
            assert (await client.get(f"/here/{other.slug}/{guessed}")).status_code in {400, 404, 410, 414}, guessed
    assert (await attendance(aino))[0] == "unknown"


@pytest.mark.parametrize("letters", ["\u202eonia", "A" * 8192, "<script>", "%", "A\x00i", " \t ", "ai\u0301"])
async def test_letters_of_any_kind_are_answered(tablet: tuple[httpx.AsyncClient, DoorEvent], letters: str) -> None:
    client, event = tablet
    await register(event.id)
    answer = await client.post(f"/kiosk/{event.slug}", data={**AINO, "letters": letters})
    assert answer.status_code in {200, 400, 422}
    assert "Aino Esimerkki" not in answer.text or letters == "ai\u0301"


async def test_at_a_tablet_of_someone_signed_in_they_are_who_did_it(client: httpx.AsyncClient) -> None:
    event = await make_running()
    aino, staff = await register(event.id), await make_staff("door")
    await sign_in(client, staff)
    with clock.at(NOW):
        assert "Aino Esimerkki" in (await client.post(f"/kiosk/{event.slug}", data=AINO)).text
    row = await database.fetchrow("SELECT actor_kind, actor_id FROM scan WHERE registration = $1", aino)
    assert row is not None
    assert tuple(row) == ("staff", staff)


async def test_a_tablet_is_no_door(tablet: tuple[httpx.AsyncClient, DoorEvent]) -> None:
    client, event = tablet
    aino, other = await register(event.id), await slug_of(await make_event())
    paths = (f"/door/{event.slug}", f"/door/{event.slug}/people?q=aino", f"/door/{event.slug}/board", f"/kiosk/{other}")
    for path in (*paths, f"/api/v1/checkin/pack?event={event.slug}"):
        assert (await client.get(path)).status_code in {401, 403, 404}, path
    body = {"secret": ticket(aino), "event": event.slug, "nonce": "n", "at": NOW.isoformat(), "type": "entry"}
    assert (await client.post("/api/v1/checkin/redeem", json=body)).status_code in {401, 403, 404}
    assert (await attendance(aino))[0] == "unknown"


async def test_a_tablet_whose_right_was_ended_checks_nobody_in(
    tablet: tuple[httpx.AsyncClient, DoorEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, event = tablet
    aino = await register(event.id)
    device = await database.fetchval("SELECT id FROM device")
    await devices.revoke(device, event.id, actor=SYSTEM, now=NOW)
    assert (await client.post(f"/kiosk/{event.slug}", data=AINO)).status_code == 401
    assert (await attendance(aino))[0] == "unknown"


async def test_a_tablet_of_two_events_goes_on_to_the_second(client: httpx.AsyncClient) -> None:
    first = await make_running()
    second = await make_event(starts_at=NOW + timedelta(hours=3), ends_at=NOW + timedelta(hours=5))
    served, until = {first.id: "06", second: "06"}, NOW + timedelta(days=1)
    with clock.at(NOW):
        secret = await devices.offer("Tablet", DeviceKind.KIOSK, served, until=until, actor=SYSTEM, now=NOW)
        await client.post(f"/door/pair/{secret}")
        assert (await client.get("/kiosk")).headers["location"] == f"/kiosk/{first.slug}"
        assert f'data-start="/kiosk/{first.slug}"' in (await client.get(f"/kiosk/{first.slug}")).text
    with clock.at(NOW + timedelta(hours=2)):
        assert 'data-start="/kiosk"' in (await client.get(f"/kiosk/{first.slug}")).text
        assert (await client.get("/kiosk")).headers["location"] == f"/kiosk/{await slug_of(second)}"
    with clock.at(NOW + timedelta(hours=6)):
        assert (await client.get("/kiosk")).headers["location"] == f"/kiosk/{first.slug}"


async def test_tries_at_a_tablet_are_limited(
    tablet: tuple[httpx.AsyncClient, DoorEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, event = tablet
    monkeypatch.setattr(pages, "TRIES", 2)
    answers = [(await client.post(f"/kiosk/{event.slug}", data=AINO)).status_code for _again in range(3)]
    assert answers == [200, 200, 429]


async def _url(event: DoorEvent, poster: Poster, now: datetime) -> str:
    await choose(event.id, exits=False, poster=poster, actor=SYSTEM, now=NOW)
    return f"/here/{event.slug}/{poster_code(event.id, await chosen(event.id), now)}"


async def test_a_poster_lets_people_check_in_on_their_own_phones(client: httpx.AsyncClient) -> None:
    event = await make_running()
    aino = await register(event.id)
    url = await _url(event, Poster.FIXED, NOW)
    with clock.at(NOW):
        assert (await client.get(url)).status_code == 200
        assert (await attendance(aino))[0] == "unknown"
        missed = await client.post(url, data={**AINO, "letters": "Ville"})
        assert (missed.status_code, "We did not find you" in missed.text) == (422, True)
        assert "Aino Esimerkki" in (await client.post(url, data=AINO)).text
    row = await database.fetchrow("SELECT actor_kind, actor_id FROM scan WHERE registration = $1", aino)
    assert row is not None
    assert tuple(row) == ("participant", aino)


@pytest.mark.parametrize(
    ("minutes", "status"), [(-241, 410), (-239, 200), (119, 200), (121, 410)], ids=["early", "opens", "last", "over"]
)
async def test_a_poster_works_on_the_day_alone(client: httpx.AsyncClient, minutes: int, status: int) -> None:
    event = await make_running()
    url = await _url(event, Poster.FIXED, NOW)
    with clock.at(NOW + timedelta(minutes=minutes)):
        assert (await client.get(url)).status_code == status


async def test_a_wrong_a_renewed_and_an_unwanted_code_check_nobody_in(client: httpx.AsyncClient) -> None:
    event = await make_running()
    aino = await register(event.id)
    url = await _url(event, Poster.FIXED, NOW)
    with clock.at(NOW):
        assert (await client.post(f"/here/{event.slug}/{'a' * 26}", data=AINO)).status_code == 410
        await renew_poster(event.id, actor=SYSTEM, now=NOW)
        assert (await client.post(url, data=AINO)).status_code == 410
        fresh = await _url(event, Poster.FIXED, NOW)
        await choose(event.id, exits=False, poster=Poster.NONE, actor=SYSTEM, now=NOW)
        assert (await client.post(fresh, data=AINO)).status_code == 410
        other = await make_running()
        assert (await client.post(await _url(other, Poster.FIXED, NOW), data=AINO)).status_code == 422
    assert (await attendance(aino))[0] == "unknown"


async def test_a_changing_code_is_scanned_soon_and_its_form_sent_within_minutes(client: httpx.AsyncClient) -> None:
    event = await make_running()
    await register(event.id)
    url = await _url(event, Poster.ROTATING, NOW)
    assert url != await _url(event, Poster.ROTATING, NOW + rules.STEP)
    for seconds, shown, sent in ((0, 200, 200), (110, 200, 200), (130, 410, 200), (640, 410, 410)):
        with clock.at(NOW + timedelta(seconds=seconds)):
            assert (await client.get(url)).status_code == shown, seconds
            assert (await client.post(url, data=AINO)).status_code == sent, seconds


async def test_a_code_from_the_future_opens_nothing(db: asyncpg.Connection) -> None:
    event = await make_running()
    await choose(event.id, exits=False, poster=Poster.ROTATING, actor=SYSTEM, now=NOW)
    ahead = poster_code(event.id, await chosen(event.id), NOW + rules.STEP)
    assert not opens(ahead, event, await chosen(event.id), NOW, back=rules.SENT_WITHIN)
    assert opens(ahead, event, await chosen(event.id), NOW + rules.STEP, back=0)


async def test_the_changing_code_is_shown_to_who_may(client: httpx.AsyncClient) -> None:
    event = await make_running()
    paths = (f"/kiosk/{event.slug}/code", f"/kiosk/{event.slug}/code.svg")
    for path in paths:
        assert (await client.get(path)).status_code == 401
    await sign_in(client, await make_staff("door"))
    with clock.at(NOW):
        for path in paths:
            assert (await client.get(path)).status_code == 404, "no changing code is wanted"
        await choose(event.id, exits=False, poster=Poster.ROTATING, actor=SYSTEM, now=NOW)
        first, later = (await client.get(paths[1])), None
        with clock.at(NOW + rules.STEP):
            later = await client.get(paths[1])
        assert first.headers["content-type"].startswith("image/svg+xml")
        assert first.text != later.text
        assert "<svg" in (await client.get(paths[0])).text


async def test_the_poster_is_printed_only_where_it_is_wanted(client: httpx.AsyncClient) -> None:
    event = await make_running()
    await sign_in(client, await make_staff("admin"))
    path = f"/staff/events/{event.slug}/papers"
    assert (await client.post(f"{path}/poster", data={"here": "1"})).status_code == 404
    await choose(event.id, exits=False, poster=Poster.FIXED, actor=SYSTEM, now=NOW)
    assert "Make the check-in poster" in (await client.get(path)).text
    made = await client.post(f"{path}/poster", data={"here": "1"})
    pdf = await client.get(made.headers["location"])
    assert pdf.content.startswith(b"%PDF")

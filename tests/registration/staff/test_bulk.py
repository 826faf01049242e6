from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from events.core import clock, database
from events.core.actor import Actor, ActorKind, Grant
from events.core.errors import NotFound
from events.registration.staff import bulk, bulk_work, notes
from events.registration.staff.bulk import Deed
from tests.factories import NOW, make_event, make_person, make_registration, make_staff, sign_in


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    """An event with three places, seen by an organiser of its region."""
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    starts = clock.now() + timedelta(days=3)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=6)}
    return await make_event(slug=f"paja-{uuid4().hex[:6]}", capacity=3, online=True, **times)


async def path_of(event: UUID) -> str:
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    return f"/staff/events/{slug}/registrations"


async def add(event: UUID, given_name: str, **columns: object) -> UUID:
    return await make_registration(event, person=await make_person(given_name), **columns)


async def states(*registrations: UUID) -> list[str]:
    rows = await database.fetch("SELECT id, state FROM registration WHERE id = ANY($1)", registrations)
    known = {row["id"]: row["state"] for row in rows}
    return [known[registration] for registration in registrations]


async def post(client: httpx.AsyncClient, path: str, data: dict[str, str]) -> httpx.Response:
    """Have it done; of what was asked for the page that it leads to."""
    return await client.post(path, data=data, follow_redirects=True)


def sent(deed: str, registrations: Sequence[UUID], **more: str) -> dict[str, str]:
    return {"do": deed, "registrations": " ".join(map(str, registrations)), "turn": str(uuid4()), **more}


async def test_before_it_is_done_it_says_to_how_many_and_who_gets_a_mail(
    client: httpx.AsyncClient, event: UUID
) -> None:
    silent = await make_registration(event, person=await make_person("Ilman", email=None), state="awaiting_approval")
    some = [await add(event, name, state="awaiting_approval") for name in ("Aino", "Eino")]
    confirmed = await add(event, "Oiva")
    path = await path_of(event)
    text = (await client.get(f"{path}/chosen?do=approve&id={some[0]}&id={silent}&id={confirmed}")).text
    assert "It concerns 2 people." in text
    assert "A mail goes to 1 person." in text
    assert "1 of those chosen is in a state in which this cannot be done" in text
    text = (await client.get(f"{path}/chosen?do=tag&all=1")).text
    assert "It concerns 4 people." in text
    assert "Nobody gets a mail." in text
    text = (await client.get(f"{path}/chosen?do=cancel&all=1&state=confirmed")).text
    assert f'name="registrations" value="{confirmed}"' in text
    assert await states(silent, *some) == ["awaiting_approval"] * 3, "looking changes nothing"


@pytest.mark.parametrize("query", ["", "do=approve", "do=explode&all=1", "all=1"])
async def test_without_people_or_deed_the_page_says_so(client: httpx.AsyncClient, event: UUID, query: str) -> None:
    answer = await client.get(f"{await path_of(event)}/chosen?{query}")
    assert answer.status_code == 200
    assert "Nobody was ticked" in answer.text


async def test_when_it_can_be_done_to_nobody_there_is_no_button(client: httpx.AsyncClient, event: UUID) -> None:
    await add(event, "Aino")
    text = (await client.get(f"{await path_of(event)}/chosen?do=approve&all=1")).text
    assert "All of those chosen are in states in which this cannot be done." in text
    assert 'name="registrations"' not in text


async def test_many_are_approved_in_the_order_in_which_they_came(client: httpx.AsyncClient, event: UUID) -> None:
    people = [
        await add(event, f"Person{number}", state="awaiting_approval", registered_at=NOW.replace(hour=20 - number))
        for number in range(5)
    ]
    answer = await post(client, f"{await path_of(event)}/chosen", sent("approve", people))
    assert "5 done<" in answer.text
    assert await states(*reversed(people)) == ["confirmed"] * 3 + ["waitlisted"] * 2


async def test_what_cannot_be_done_to_one_hinders_no_other_and_is_said(client: httpx.AsyncClient, event: UUID) -> None:
    waiting, confirmed = await add(event, "Aino", state="waitlisted"), await add(event, "Eino")
    answer = await post(client, f"{await path_of(event)}/chosen", sent("decline", [confirmed, waiting]))
    assert "1 done, 1 not" in answer.text
    assert "Eino Esimerkki</a>: Only who awaits approval or stands in line can be declined." in answer.text
    assert await states(waiting, confirmed) == ["declined", "confirmed"]


async def test_the_words_of_staff_stand_with_what_they_end(client: httpx.AsyncClient, event: UUID) -> None:
    people = [await add(event, "Aino"), await add(event, "Eino")]
    answer = await post(client, f"{await path_of(event)}/chosen", sent("cancel", people, message="Sali\r\npalaa."))
    assert "2 done<" in answer.text
    rows = await database.fetch("SELECT parting_words FROM registration WHERE id = ANY($1)", people)
    assert [row["parting_words"] for row in rows] == ["Sali\npalaa."] * 2


async def test_roles_tags_and_places_change_for_many(client: httpx.AsyncClient, event: UUID) -> None:
    people = [await add(event, "Aino"), await add(event, "Eino")]
    path, online = (
        await path_of(event),
        await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event),
    )
    for data in (
        sent("role", people, role="speaker"),
        sent("tag", people, tag="Bussi 1"),
        sent("tag", people, tag="BUSSI-1"),
        sent("tag", people, tag="turha"),
        sent("untag", people, tag="Turha"),
        sent("move", people, site=str(online)),
    ):
        assert "2 done<" in (await post(client, f"{path}/chosen", data)).text, data
    rows = await database.fetch(
        "SELECT role, site, ARRAY(SELECT tag FROM registration_tag WHERE registration = registration.id) AS tags FROM registration WHERE event = $1",
        event,
    )
    assert [tuple(row) for row in rows] == [("speaker", online, ["Bussi 1"])] * 2


@pytest.mark.parametrize(
    ("deed", "wrong"),
    [
        ("role", {"role": "king"}),
        ("tag", {"tag": " "}),
        ("tag", {"tag": "!?"}),
        ("move", {"site": str(uuid4())}),
        ("decline", {"message": "x" * 1001}),
    ],
)
async def test_what_is_missing_is_asked_again_with_what_was_typed(
    client: httpx.AsyncClient, event: UUID, deed: str, wrong: dict[str, str]
) -> None:
    person = await add(event, "Aino", state="waitlisted")
    answer = await post(client, f"{await path_of(event)}/chosen", sent(deed, [person], **wrong))
    assert answer.status_code == 422
    assert 'id="error-summary"' in answer.text
    assert f'value="{person}"' in answer.text
    assert "x" * 1001 in answer.text or deed != "decline"
    assert await states(person) == ["waitlisted"]


async def test_the_ticket_is_sent_again_once_for_one_button(client: httpx.AsyncClient, event: UUID) -> None:
    people = [
        await add(event, "Aino"),
        await add(event, "Eino", state="waitlisted"),
        await add(event, "Oiva", state="cancelled"),
    ]
    data = sent("send", people)
    for _twice in range(2):
        answer = await post(client, f"{await path_of(event)}/chosen", data)
        assert "2 done, 1 not" in answer.text
    rows = await database.fetch("SELECT reason FROM message WHERE subject_id = ANY($1) ORDER BY 1", people)
    assert [row["reason"] for row in rows] == ["confirmation", "waiting"]
    await post(client, f"{await path_of(event)}/chosen", sent("send", people))
    assert await database.fetchval("SELECT count(*) FROM message WHERE subject_id = ANY($1)", people) == 4


async def test_registrations_of_other_events_are_left_alone(client: httpx.AsyncClient, event: UUID) -> None:
    other = await add(await make_event(host_region="17"), "Aino")
    for deed in Deed:
        await post(client, f"{await path_of(event)}/chosen", sent(deed, [other], role="host", tag="x"))
        await client.get(f"{await path_of(event)}/chosen?do={deed}&id={other}")
    assert await states(other) == ["confirmed"]
    assert await database.fetchval("SELECT count(*) FROM registration_tag") == 0
    assert await database.fetchval("SELECT count(*) FROM audit WHERE subject_id = $1", str(other)) == 0


async def test_who_only_reads_does_nothing_to_many(client: httpx.AsyncClient, event: UUID) -> None:
    person = await add(event, "Aino")
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    assert (await post(client, f"{await path_of(event)}/chosen", sent("cancel", [person]))).status_code == 404
    assert (await client.get(f"{await path_of(event)}/chosen?do=cancel&all=1")).status_code == 404
    stranger = Actor(ActorKind.STAFF, uuid4())
    with pytest.raises(NotFound):
        await notes.add_tag(event, [person], "x", actor=stranger, now=NOW)
    assert await states(person) == ["confirmed"]


async def test_nonsense_is_refused(client: httpx.AsyncClient, event: UUID) -> None:
    path = await path_of(event)
    for data in (
        {},
        {"do": "explode"},
        {"do": "cancel", "registrations": "x"},
        sent("send", [await add(event, "Aino")], turn="x"),
    ):
        assert (await post(client, f"{path}/chosen", data)).status_code == 400, data
    assert (await client.get(f"{path}/chosen?do=cancel&id=x")).status_code == 400


async def test_too_many_at_once_are_not_begun(
    client: httpx.AsyncClient, event: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 1)
    people = [await add(event, "Aino"), await add(event, "Eino")]
    for answer in (
        await client.get(f"{await path_of(event)}/chosen?do=cancel&all=1"),
        await post(client, f"{await path_of(event)}/chosen", sent("cancel", people)),
    ):
        assert "At most 1 people at a time" in answer.text
    assert await states(*people) == ["confirmed"] * 2


async def test_the_place_that_is_given_up_goes_to_who_is_next(client: httpx.AsyncClient, event: UUID) -> None:
    people = [await add(event, name) for name in ("Aino", "Eino", "Oiva")]
    waiting = await add(event, "Tuula", state="waitlisted")
    await post(client, f"{await path_of(event)}/chosen", sent("cancel", people[:1]))
    assert await states(people[0], waiting) == ["cancelled", "confirmed"]


async def test_a_place_that_someone_else_holds_on_to_hinders_no_other(committed_db: str) -> None:
    event, other = await make_event(), await make_event()
    free, held = await add(event, "Aino"), await add(other, "Eino")
    everywhere = Actor(ActorKind.STAFF, grants=(Grant("admin", "all"),))
    site = await database.fetchval("SELECT site FROM registration WHERE id = $1", held)

    async def tell(done: int, so_far: object = None) -> None:
        pass

    async with database.pool_connection() as elsewhere, elsewhere.transaction():
        await elsewhere.execute("SELECT FROM site WHERE id = $1 FOR UPDATE", site)
        async with database.transaction():
            await database.execute("SET LOCAL lock_timeout = '50ms'")
            act = bulk.act_of(Deed.CANCEL, bulk.Given(event=event), everywhere, NOW)
            refused = await bulk_work._perform(act, [held, free], 0, tell)
    assert list(refused) == [held]
    assert await states(held, free) == ["confirmed", "cancelled"]

import asyncio
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.checkin import actions
from events.checkin.readings import readings
from events.checkin.rules import outcome
from events.checkin.tables import ScanType
from events.core import clock, database, secrets
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import NotFound
from tests.checkin.doors import attendance, give_token, redeem, scanned, scans, slug_of, ticket
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in

Made = tuple[str, UUID]


@pytest.fixture
async def registered(db: asyncpg.Connection) -> Made:
    """An event's slug and one confirmed registration."""
    event = await make_event()
    organisation = await insert("organisation", name="Konepaja Oy", folded="konepaja oy")
    person = await make_person("Väinö", "Ääninen")
    registration = await make_registration(event, person=person, organisation=organisation)
    return await slug_of(event), registration


async def test_a_ticket_opens_the_door_once(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    await give_token(client)
    with clock.at(NOW):
        first = await redeem(client, ticket(registration), slug, door="Pääovi")
        second = await redeem(client, ticket(registration), slug, door="Takaovi")
    assert first.status_code == 200
    assert first.json() == {
        "result": "ok",
        "registration": {"name": "Väinö Ääninen", "organisation": "Konepaja Oy", "site": "Tampere-talo"},
        "first_scan_at": "2026-09-01T09:00:00Z",
        "first_door": "Pääovi",
    }
    assert second.json() == {**first.json(), "result": "duplicate"}
    assert await attendance(registration) == ("attended", "scan", True, NOW)


@pytest.mark.parametrize("shape", ["{}", "  {} ", "https://sixnet.example/t/{}", "http://x/t/{}?a=1#b"])
async def test_the_whole_address_of_a_ticket_will_do(client: httpx.AsyncClient, registered: Made, shape: str) -> None:
    slug, registration = registered
    await give_token(client)
    answer = await redeem(client, shape.format(ticket(registration)), slug)
    assert answer.json()["result"] == "ok"


async def test_a_short_code_is_taken_in_any_case_and_with_gaps(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    await give_token(client)
    code = secrets.short_code(registration).lower()
    answer = await redeem(client, f" {code[:3]} {code[3:]}", slug)
    assert answer.json()["result"] == "ok"
    again = await redeem(client, ticket(registration), slug)
    assert again.json()["result"] == "duplicate"


async def test_a_short_code_is_good_in_its_own_event_only(client: httpx.AsyncClient, registered: Made) -> None:
    _, registration = registered
    await give_token(client)
    answer = await redeem(client, secrets.short_code(registration), await slug_of(await make_event()))
    assert answer.json() == {"result": "rejected", "reason": "unknown"}


async def test_the_same_nonce_gives_the_same_answer_and_no_second_record(
    client: httpx.AsyncClient, registered: Made
) -> None:
    slug, registration = registered
    await give_token(client)
    for nonce in (str(uuid4()), "phone-3/17"):
        answers = [await redeem(client, ticket(registration), slug, nonce=nonce) for _ in range(3)]
        assert answers[0].json() == answers[1].json() == answers[2].json()
    assert await scans(registration) == 2


async def test_a_repeated_duplicate_stays_one_after_an_undo(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    await give_token(client)
    nonce = str(uuid4())
    await redeem(client, ticket(registration), slug)
    await redeem(client, ticket(registration), slug, nonce=nonce)
    await redeem(client, ticket(registration), slug, type="undo")
    repeated = await redeem(client, ticket(registration), slug, nonce=nonce)
    assert repeated.json()["result"] == "duplicate"
    assert (await attendance(registration))[0] == "unknown"


async def test_a_nonce_of_another_ticket_is_refused(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    await give_token(client)
    nonce = str(uuid4())
    await redeem(client, ticket(registration), slug, nonce=nonce)
    answer = await redeem(client, "somebody-elses-ticket", slug, nonce=nonce)
    assert (answer.status_code, answer.json()["code"]) == (409, "nonce_used")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("waitlisted", "waitlisted"),
        ("cancelled", "cancelled"),
        ("declined", "cancelled"),
        ("awaiting_approval", "not_confirmed"),
        ("offered", "not_confirmed"),
    ],
)
async def test_who_holds_no_confirmed_place_is_rejected_but_may_be_let_in_by_hand(
    client: httpx.AsyncClient, db: asyncpg.Connection, state: str, reason: str
) -> None:
    event = await make_event()
    registration = await make_registration(event, state=state)
    await give_token(client)
    refused = (await redeem(client, ticket(registration), await slug_of(event))).json()
    assert (refused["result"], refused["reason"]) == ("rejected", reason)
    assert refused["registration"]["name"] == "Aino Esimerkki"
    assert (await attendance(registration))[0] == "unknown"
    forced = await redeem(client, ticket(registration), await slug_of(event), force=True)
    assert forced.json()["result"] == "ok"
    assert (await attendance(registration))[0] == "attended"


async def test_an_unknown_ticket_is_rejected_and_kept(client: httpx.AsyncClient, registered: Made) -> None:
    await give_token(client)
    answer = await redeem(client, "nothing-we-know", registered[0], force=True)
    assert answer.json() == {"result": "rejected", "reason": "unknown"}
    assert await scans(None) == 1


async def test_a_ticket_of_another_event_shows_which_one_and_no_name(
    client: httpx.AsyncClient, registered: Made
) -> None:
    await give_token(client)
    answer = await redeem(client, ticket(registered[1]), await slug_of(await make_event()))
    assert answer.json() == {"result": "rejected", "reason": "wrong_event", "event": "Test workshop"}
    assert (await attendance(registered[1]))[0] == "unknown"


async def test_a_replaced_ticket_is_revoked_and_the_new_one_opens(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    await give_token(client)
    new = secrets.derive("ticket", registration, 1)
    await database.execute(
        "UPDATE registration SET ticket_hash = $2, ticket_generation = 1 WHERE id = $1",
        registration,
        secrets.digest(new),
    )
    assert (await redeem(client, ticket(registration), slug)).json() == {"result": "rejected", "reason": "revoked"}
    assert (await redeem(client, new, slug)).json()["result"] == "ok"


async def test_an_exit_lets_the_person_in_again(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    await give_token(client)
    kinds = ("entry", "exit", "exit", "entry", "entry")
    results = [(await redeem(client, ticket(registration), slug, type=kind)).json()["result"] for kind in kinds]
    assert results == ["ok", "ok", "duplicate", "ok", "duplicate"]


async def test_an_undone_entry_is_forgotten_by_the_door(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    await give_token(client)
    kinds = ("entry", "undo", "entry")
    results = [(await redeem(client, ticket(registration), slug, type=kind)).json()["result"] for kind in kinds]
    assert results == ["ok", "ok", "ok"]
    assert await scans(registration) == 3


async def test_the_quick_path_says_what_the_rules_say(registered: Made) -> None:
    slug, registration = registered
    kinds = [ScanType.ENTRY, ScanType.ENTRY, ScanType.EXIT, ScanType.ENTRY, ScanType.UNDO, ScanType.ENTRY]
    for second, kind in enumerate(kinds):
        scan = scanned(ticket(registration), slug, type=kind)
        answer = await actions.redeem(scan, actor=SYSTEM, now=NOW.replace(second=second))
        by_rules = outcome(await readings(registration))
        assert answer.result is by_rules.verdicts[UUID(scan.nonce)]
        assert (await attendance(registration))[2] == by_rules.inside


async def test_a_token_of_one_event_opens_no_other(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    mine = await make_event()
    await give_token(client, event=mine)
    assert (await redeem(client, ticket(registration), slug)).status_code == 404
    assert (await redeem(client, ticket(registration), await slug_of(mine))).json()["reason"] == "wrong_event"
    batch = {"scans": [{"secret": "x", "event": slug, "nonce": "1", "at": NOW.isoformat()}]}
    assert (await client.post("/api/v1/checkin/sync", json=batch)).status_code == 404
    assert (await attendance(registration))[0] == "unknown"


@pytest.mark.parametrize(("scope", "status"), [("checkin", 200), ("all", 200), ("registration", 404), ("reports", 404)])
async def test_only_tokens_for_check_in_open_the_door(
    client: httpx.AsyncClient, registered: Made, scope: str, status: int
) -> None:
    await give_token(client, scope=scope)
    assert (await redeem(client, ticket(registered[1]), registered[0])).status_code == status


async def test_staff_check_in_by_their_session_where_they_may(client: httpx.AsyncClient, registered: Made) -> None:
    slug, registration = registered
    assert (await redeem(client, ticket(registration), slug)).status_code == 401
    await sign_in(client, await make_staff("door", kind="region", resource="01"))
    assert (await redeem(client, ticket(registration), slug)).status_code == 404
    await sign_in(client, await make_staff("door", kind="region", resource="06"))
    cross_site = await client.post("/api/v1/checkin/redeem", json={}, headers={"sec-fetch-site": "cross-site"})
    assert cross_site.status_code == 403
    assert (await redeem(client, ticket(registration), slug)).json()["result"] == "ok"


@pytest.mark.parametrize(
    "change",
    [
        {"at": "yesterday"},
        {"at": "2026-09-01T09:00:00"},
        {"type": "dance"},
        {"nonce": ""},
        {"secret": None},
        {"door": 7},
    ],
)
async def test_bad_input_is_refused(client: httpx.AsyncClient, registered: Made, change: dict[str, object]) -> None:
    await give_token(client)
    body = {"secret": ticket(registered[1]), "event": registered[0], "nonce": "1", "at": NOW.isoformat(), **change}
    answer = await client.post("/api/v1/checkin/redeem", json=body)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_broken_text_is_no_server_error(client: httpx.AsyncClient, registered: Made) -> None:
    await give_token(client)
    for text in ("\u0000", "a\u0000b", "é" * 300):
        answer = await redeem(client, f"{text}x", registered[0], door=text[:60])
        assert answer.json()["reason"] == "unknown"
    raw = '{"secret": "\\ud800", "event": "x", "nonce": "1", "at": "2026-09-01T09:00:00Z"}'
    answer = await client.post("/api/v1/checkin/redeem", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}


async def at_once(slug: str, registration: UUID, doors: int) -> list[str]:
    """Let several doors read one ticket at the same moment; returns what they said."""
    readings = [scanned(ticket(registration), slug, door=str(number)) for number in range(doors)]
    answers = await asyncio.gather(*(actions.redeem(each, actor=SYSTEM, now=NOW) for each in readings))
    assert all(answer.first_scan_at == NOW for answer in answers)
    return [answer.result.value for answer in answers]


async def test_of_two_doors_at_the_same_moment_one_lets_in(committed_db: str) -> None:
    event = await make_event(capacity=None)
    slug = await slug_of(event)
    for _ in range(20):
        registration = await make_registration(event)
        assert sorted(await at_once(slug, registration, 8)) == [*["duplicate"] * 7, "ok"]


async def look_then_write(registration: UUID, door: str) -> str:
    """What a door would do without a lock."""
    known = await database.fetchval("SELECT inside FROM attendance WHERE registration = $1", registration)
    await database.execute(
        "INSERT INTO attendance (registration, state, source, inside, door, actor_kind)"
        " VALUES ($1, 'attended', 'scan', true, $2, 'system') ON CONFLICT (registration) DO UPDATE SET door = $2",
        registration,
        door,
    )
    return "duplicate" if known else "ok"


async def test_the_race_catches_a_door_without_a_lock(committed_db: str) -> None:
    event = await make_event(capacity=None)
    admitted = 0
    for _ in range(20):
        registration = await make_registration(event)
        said = await asyncio.gather(*(look_then_write(registration, str(door)) for door in range(8)))
        admitted = max(admitted, said.count("ok"))
    assert admitted > 1


async def test_one_reading_sent_twice_at_once_counts_once(committed_db: str) -> None:
    event = await make_event(capacity=None)
    slug = await slug_of(event)
    for kind in (ScanType.ENTRY, ScanType.UNDO):
        for _ in range(10):
            registration = await make_registration(event)
            scan = scanned(ticket(registration), slug, type=kind)
            answers = await asyncio.gather(*(actions.redeem(scan, actor=SYSTEM, now=NOW) for _ in range(8)))
            assert len({answer.result for answer in answers}) == 1
            assert await scans(registration) == 1


async def test_many_tickets_at_the_same_moment_are_each_answered_for_themselves(committed_db: str) -> None:
    event, other = await make_event(capacity=None), await make_event(capacity=None)
    slug = await slug_of(event)
    good = [await make_registration(event) for _ in range(6)]
    readings = [scanned(ticket(each), slug, door=str(door)) for door, each in enumerate([*good, good[0]])]
    readings += [
        scanned("nothing-we-know", slug),
        scanned(ticket(await make_registration(other)), slug),
        scanned(ticket(await make_registration(event, state="cancelled")), slug),
        readings[1],  # sent twice
    ]
    answers = await asyncio.gather(*(actions.redeem(each, actor=SYSTEM, now=NOW) for each in readings))
    said = [answer.reason or answer.result.value for answer in answers]
    assert said == [*["ok"] * 6, "duplicate", "unknown", "wrong_event", "cancelled", "ok"]
    assert [await scans(registration) for registration in good] == [2, 1, 1, 1, 1, 1]


async def test_who_may_not_check_in_somewhere_does_not_keep_others_from_it(committed_db: str) -> None:
    event = await make_event(capacity=None)
    slug, stranger = await slug_of(event), Actor(ActorKind.TOKEN, uuid4())
    tickets = [ticket(await make_registration(event)) for _ in range(4)]
    actors = [SYSTEM, stranger, SYSTEM, stranger]
    answers = await asyncio.gather(
        *(
            actions.redeem(scanned(each, slug), actor=actor, now=NOW)
            for each, actor in zip(tickets, actors, strict=True)
        ),
        return_exceptions=True,
    )
    assert [isinstance(answer, NotFound) for answer in answers] == [False, True, False, True]

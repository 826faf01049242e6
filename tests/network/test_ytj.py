import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import settings
from events.core.actor import SYSTEM
from events.core.database import execute, fetchrow, fetchval
from events.network import organisations, ytj
from events.network.look_ups import KEPT, MOST_TRIES, ask, look_up_of
from events.network.organisations import OrganisationValues, save, suggest
from events.registration.registering import NewRegistration, register
from tests.factories import NOW, make_event, make_staff, sign_in
from workers.due import due_jobs

ID = "2252888-5"


def company(name: str = "Konepaja Rautanen Oy", form: str = "Osakeyhtiö", **more: Any) -> dict[str, Any]:
    """A company as the register writes it, of which we read a part."""
    return {
        "businessId": {"value": ID, "registrationDate": "2009-03-06", "source": "3"},
        "euId": {"value": "FIFPRO.2252888-5", "source": "1"},
        "names": [
            {
                "name": "Vanha Nimi Oy",
                "type": "1",
                "registrationDate": "2009-03-06",
                "endDate": "2015-01-01",
                "version": 2,
            },
            {"name": name, "type": "1", "registrationDate": "2015-01-01", "version": 1, "source": "1"},
            {"name": "Aputoiminimi", "type": "3", "registrationDate": "2015-01-01", "version": 1, "source": "1"},
        ],
        "mainBusinessLine": {
            "type": "25620",
            "descriptions": [{"languageCode": "1", "description": "Metallin työstö"}],
        },
        "companyForms": [
            {
                "type": "16",
                "descriptions": [
                    {"languageCode": "3", "description": "Limited company"},
                    {"languageCode": "1", "description": form},
                ],
                "version": 1,
            }
        ],
        "addresses": [
            {"type": 2, "postOffices": [{"city": "HELSINKI", "languageCode": "1", "municipalityCode": "091"}]},
            {"type": 1, "postOffices": [{"city": "TAMPERE", "languageCode": "1", "municipalityCode": "837"}]},
        ],
        "tradeRegisterStatus": "1",
        "status": "2",
        **more,
    }


class Fake:
    """A business register of our own: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.delay = 200, b"", 0.0
        self.asked: list[str] = []
        self.say(company())

    def say(self, *companies: dict[str, Any]) -> None:
        self.body = json.dumps({"totalResults": len(companies), "companies": companies}).encode()


@pytest.fixture
def fake() -> Iterator[Fake]:
    known = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            time.sleep(known.delay)
            self.send_response(known.status)
            self.end_headers()
            with suppress(OSError):  # who asked has hung up
                self.wfile.write(known.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings.override(ytj_url=f"http://127.0.0.1:{server.server_port}/opendata-ytj-api/v3")
    yield known
    settings.forget("ytj_url")
    server.shutdown()
    server.server_close()


async def make(name: str = "Rautanen", **values: Any) -> UUID:
    return await save(None, OrganisationValues(name=name, business_id=ID, **values), actor=SYSTEM, now=NOW)


async def known(identity: UUID) -> organisations.OrganisationView:
    found = await organisations.by_id(identity)
    assert found is not None
    return found


async def test_what_nobody_knew_is_filled_in(db: asyncpg.Connection, fake: Fake) -> None:
    identity = await make()
    assert await due_jobs(NOW) == ["data.expire", "organisations.look_up"]
    assert await ytj.look_up_all(NOW) == 1
    assert fake.asked == [f"/opendata-ytj-api/v3/companies?businessId={ID}"]
    now = await known(identity)
    assert (now.name, now.aliases, now.municipality) == ("Rautanen", ["Konepaja Rautanen Oy"], "837")
    assert "organisations.look_up" not in await due_jobs(NOW)
    assert await ytj.look_up_all(NOW + timedelta(days=1)) == 0
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'organisation.looked_up'") == 1


async def test_what_people_entered_stays_and_the_difference_is_shown(db: asyncpg.Connection, fake: Fake) -> None:
    other = await save(None, OrganisationValues(name="Konepaja Rautanen"), actor=SYSTEM, now=NOW)
    identity = await make("Teräs Ab", municipality="109")
    await ytj.look_up_all(NOW)
    now = await known(identity)
    assert (now.name, now.aliases, now.municipality) == ("Teräs Ab", [], "109")
    said = await look_up_of(now, now=NOW)
    assert said is not None
    assert [(fact.value, fact.differs) for fact in said.facts] == [
        ("Konepaja Rautanen Oy", True),
        ("Tampere", True),
        ("Osakeyhtiö", False),
    ]
    assert (await known(other)).aliases == []


async def test_a_sole_trader_is_never_suggested_again(db: asyncpg.Connection, fake: Fake) -> None:
    await make("Ahjo ja alasin")
    assert await suggest("ahjo")
    fake.say(company("Ahjo ja alasin Aino Esimerkki", "Yksityinen elinkeinonharjoittaja"))
    await ytj.look_up_all(NOW)
    assert await suggest("ahjo") == []


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (404, b"", "not_found"),
        (200, b'{"totalResults": 0, "companies": []}', "not_found"),
        (500, b"oops", "failed"),
        (302, b"", "failed"),
        (200, b"<html>maintenance</html>", "failed"),
        (200, b'{"companies": "none"}', "failed"),
        (200, b"\xff\xfe\x00", "failed"),
        (200, b"[" * 500_000, "failed"),
        (200, b" " * 3_000_000, "failed"),
    ],
)
async def test_whatever_the_register_answers_does_no_harm(
    db: asyncpg.Connection, fake: Fake, status: int, body: bytes, state: str
) -> None:
    identity = await make()
    before = await known(identity)
    fake.status, fake.body = status, body
    assert await ytj.look_up_all(NOW) == (state == "not_found")
    assert await known(identity) == before
    row = await fetchrow("SELECT state, lease_until, tries FROM business_look_up")
    assert row is not None
    assert (row["state"], row["lease_until"]) == (state, None)


async def test_a_failed_look_up_is_tried_again_later_but_not_for_ever(db: asyncpg.Connection, fake: Fake) -> None:
    await make()
    fake.status = 500
    for hour in range(10):
        at = NOW + timedelta(hours=2 * hour)
        await ytj.look_up_all(at)
        await ytj.look_up_all(at)
    assert len(fake.asked) == MOST_TRIES
    assert "organisations.look_up" not in await due_jobs(NOW + timedelta(days=9))


async def test_a_register_that_hangs_is_given_up(
    db: asyncpg.Connection, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ytj, "TIMEOUT", 0.2)
    await make()
    fake.delay = 8
    began = time.monotonic()
    assert await ytj.look_up_all(NOW) == 0
    assert time.monotonic() - began < 5


async def test_two_jobs_at_once_ask_once(committed_db: str, fake: Fake) -> None:
    await make()
    fake.delay = 0.2
    await asyncio.gather(ytj.look_up_all(NOW), ytj.look_up_all(NOW))
    assert len(fake.asked) == 1


async def test_a_registration_never_waits_for_the_register(db: asyncpg.Connection, fake: Fake) -> None:
    fake.delay = 10
    event = await make_event()

    async def took(name: str, business_id: str) -> float:
        new = NewRegistration(
            given_name=name,
            family_name="Esimerkki",
            email=f"{name}@eka.example",
            organisation=name,
            business_id=business_id,
        )
        began = time.monotonic()
        await register(event, new, actor=SYSTEM, now=NOW)
        return time.monotonic() - began

    assert await took("aino", ID) < 5
    assert await took("bertta", "0828308-4") < 5
    assert fake.asked == [], "the request asks nobody; the tick sees that there is something to look up"
    assert "organisations.look_up" in await due_jobs(NOW)


async def test_without_an_address_nothing_is_looked_up(db: asyncpg.Connection) -> None:
    identity = await make()
    assert "organisations.look_up" not in await due_jobs(NOW)
    assert await ytj.look_up_all(NOW) == 0
    assert await look_up_of(await known(identity), now=NOW) is None


async def test_an_answer_is_kept_for_thirty_days(db: asyncpg.Connection, fake: Fake) -> None:
    identity = await make()
    await ytj.look_up_all(NOW)
    for days, asked in ((1, 1), (KEPT.days + 1, 2)):
        at = NOW + timedelta(days=days)
        said = await look_up_of(await known(identity), now=at)
        assert said is not None
        assert said.may_ask is (asked == 2)
        await ask(identity, actor=SYSTEM, now=at)
        await ytj.look_up_all(at)
        assert len(fake.asked) == asked


async def test_the_page_says_what_the_register_says_and_asks_it(client: AsyncClient, fake: Fake) -> None:
    await sign_in(client, await make_staff("coordinator"))
    identity = await make()
    page = f"/staff/organisations/{identity}"
    assert "Not looked up yet" in (await client.get(page)).text
    assert (await client.post(f"{page}/look-up")).status_code == 303
    assert "being looked up" in (await client.get(page)).text
    await ytj.look_up_all(NOW)
    text = (await client.get(page)).text
    assert "Konepaja Rautanen Oy" in text
    assert "Osakeyhtiö" in text
    await execute("UPDATE business_look_up SET state = 'failed'")
    assert "did not answer" in (await client.get(page)).text
    without = await save(None, OrganisationValues(name="Muu"), actor=SYSTEM, now=NOW)
    assert (await client.post(f"/staff/organisations/{without}/look-up")).status_code == 404


def test_what_no_table_can_hold_is_taken_out_of_an_answer() -> None:
    place = {"type": 1, "postOffices": [{"municipalityCode": "8\x0037"}]}
    body = json.dumps({"companies": [company(name="Paja\x00 Oy", addresses=[place])]}).encode()
    said = ytj.read(body, ID)
    assert said is not None
    assert (said.name, said.municipality) == ("Paja Oy", "837")

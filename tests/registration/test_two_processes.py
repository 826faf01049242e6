"""Two real web processes and many real clients at once, who do all that moves places."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest

from benchmarks.harness import free_port
from events.core import database, secrets
from events.core.actor import SYSTEM
from events.core.errors import Conflict, Invalid
from events.programme.editing import EventChanges, edit_event
from events.programme.sites import NewSite
from events.registration.line import fill_all
from events.registration.offers import lapse_due
from tests.conftest import SECRET_KEY
from tests.factories import insert, make_event
from tests.processes import PATIENCE, environment
from tests.registration.line_machine import look

CLIENTS, PEOPLE, PLACES, WORKSHOP = 16, 160, 20, 6
TOKEN = "a-token-for-testing-only"
GUARDED = ["-m", "events.server", "--host", "127.0.0.1", "--workers", "2", "--port"]
UNGUARDED = ["-m", "tests.registration.unguarded"]

OVERSOLD_ONCE = "assert 500 in"
"""How it shows that a site was oversold for a while: less than no place is free then, and no row count is negative."""

DEEDS: tuple[list[str], ...] = (
    *([], [], ["accept"], ["cancel"], ["again"]),
    *(["site"], ["items"], ["items", "cancel"], ["items", "site"], ["transfer"], ["accept", "items", "transfer"]),
)


class Offered(NamedTuple):
    """An event with two sites and two workshops that one signs up for."""

    event: UUID
    slug: str
    sites: list[UUID]
    items: list[UUID]


async def make_offered() -> Offered:
    start = datetime.now(UTC) + timedelta(days=30)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=6)}
    event = await make_event(slug="paja", capacity=PLACES, online=True, waiting_list="offer", **times)
    await database.execute("UPDATE site SET capacity = $2 WHERE event = $1 AND position = 1", event, PLACES)
    sites = await database.fetch("SELECT id FROM site WHERE event = $1 ORDER BY position", event)
    workshop = {"event": event, "kind": "workshop", "sign_up": True, "capacity": WORKSHOP, "title_en": "Workshop"}
    items = [
        await insert("agenda_item", **workshop, origin=uuid4(), starts_at=begin, ends_at=begin + timedelta(hours=1))
        for begin in (start, start + timedelta(hours=2))
    ]
    await insert("api_token", id=uuid4(), name="test", token_hash=secrets.digest(TOKEN), scope="registration")
    return Offered(event, "paja", [row["id"] for row in sites], items)


@contextmanager
def serving(database_url: str, folder: Path, *, without: str) -> Iterator[str]:
    port = free_port()
    env = environment(folder, database_url=database_url, secret_key=SECRET_KEY, public_url="http://testserver")
    command = [*UNGUARDED, without] if without else GUARDED
    process = subprocess.Popen([sys.executable, *command, str(port)], env=env, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(f"http://127.0.0.1:{port}/readyz"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).status_code == 200
    except httpx.TransportError:
        return False


async def one_client(url: str, offered: Offered, people: Iterator[int], seed: int) -> None:
    """Register one after the other, and let one of the last three do what people do: take, give up, move …."""
    chance, links = random.Random(seed), list[str]()
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        for number in people:
            body = {"name": f"Aino Esimerkki{number}", "email": f"aino{number}@yritys.example", "municipality": "837"}
            body["site"] = str(chance.choice(offered.sites))
            made = await client.post(f"/api/v1/events/{offered.slug}/registrations", json=body, headers=headers)
            assert made.status_code == 201, made.text
            links.append("/r/" + made.json()["manage_url"].rpartition("/")[2])
            own = chance.choice(links[-3:])
            for deed in chance.choice(DEEDS):
                form = _form(deed, number, offered, chance)
                sent = await client.post(f"{own}/{deed}", data=form, headers={"sec-fetch-site": "same-origin"})
                assert sent.status_code in {200, 303, 404, 409, 422}, sent.text


def _form(deed: str, number: int, offered: Offered, chance: random.Random) -> dict[str, object]:
    match deed:
        case "site":
            return {"site": str(chance.choice(offered.sites)), "wait": "1"}
        case "items":
            return {"items": [str(item) for item in chance.sample(offered.items, chance.randint(1, 2))]}
        case "transfer":
            return {
                "given_name": "Ville",
                "family_name": f"Esimerkki{number}",
                "email": f"ville{number}@yritys.example",
                "organisation": "Yritys",
                "municipality": "837",
            }
    return {}


async def one_organiser(offered: Offered, over: asyncio.Event) -> None:
    """Raise and lower places at random beside them, let offers lapse, and fill places as the worker does."""
    chance = random.Random(1)
    while not over.is_set():
        now = datetime.now(UTC)
        places = [chance.randint(PLACES - 4, PLACES + 4) for _site in offered.sites]
        with suppress(Conflict, Invalid):  # more have a place than that
            await edit_event(offered.event, _with_places(offered, places), actor=SYSTEM, now=now)
        await database.execute("UPDATE registration SET deadline = now() WHERE state = 'offered' AND random() < 0.2")
        await lapse_due(datetime.now(UTC))
        await fill_all(datetime.now(UTC))
        await asyncio.sleep(0.05)


def _with_places(offered: Offered, places: list[int]) -> EventChanges:
    venue, online = [
        NewSite(id=site, mode=mode, capacity=capacity, name=name)
        for site, mode, capacity, name in zip(offered.sites, ("venue", "online"), places, ("A", ""), strict=True)
    ]
    return EventChanges(sites=[venue, online])


@pytest.mark.parametrize("without", ["", "line", "items"])
async def test_two_processes_sell_no_place_twice_and_pass_nobody_over(
    committed_db: str, tmp_path: Path, without: str
) -> None:
    offered = await make_offered()
    if without:  # the tables themselves would refuse what the guards let through
        await database.execute("ALTER TABLE site DROP CONSTRAINT site_never_oversold")
    wrong = {"line": f"more held|counters|passed over|{OVERSOLD_ONCE}", "items": "workshop"}
    with serving(committed_db, tmp_path, without=without) as url:
        people, over = iter(range(PEOPLE)), asyncio.Event()
        organiser = asyncio.create_task(one_organiser(offered, over))
        clients = [one_client(url, offered, people, seed) for seed in range(CLIENTS)]
        ends = await asyncio.gather(*clients, return_exceptions=True)
        over.set()
        with pytest.raises(AssertionError, match=wrong[without]) if without else nullcontext():
            await check(offered, ends, await asyncio.gather(organiser, return_exceptions=True))


async def check(offered: Offered, *ends: list[BaseException | None]) -> None:
    """Assert that places, line, workshops, letters and audit trail agree, and that nobody was passed over."""
    await _check_items(offered)
    failed = [end for some in ends for end in some if end is not None]
    after = await look(offered.event)
    assert not failed
    assert len(after) >= PEOPLE
    assert all(seen.letters and seen.audits for seen in after.values())
    for site in offered.sites:
        here = [seen for seen in after.values() if seen.site == site and seen.source != "transfer"]
        gave = [seen.number for seen in here if seen.state in {"offered", "confirmed"}]
        waits = [seen.number for seen in here if seen.state == "waitlisted"]
        assert not waits or max(gave) < min(waits), "someone was passed over"


async def _check_items(offered: Offered) -> None:
    for item in offered.items:
        row = await database.fetchrow(_ITEM, item)
        assert row is not None
        assert row["chose"] <= WORKSHOP, "a workshop is oversold"
        assert row["chose"] == row["taken"], "a workshop is counted wrongly"
        assert row["unplaced"] == 0, "someone without a place is in a workshop"


_ITEM = """
SELECT taken, (SELECT count(*) FROM registration_item WHERE item = agenda_item.id) AS chose,
    (SELECT count(*) FROM registration_item JOIN registration ON registration.id = registration
     WHERE item = agenda_item.id AND state <> 'confirmed') AS unplaced
FROM agenda_item WHERE id = $1
"""

"""Two real web processes and many real clients at once, who register, accept, cancel and come again."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from benchmarks.harness import free_port
from events.core import database, secrets
from tests.conftest import SECRET_KEY
from tests.factories import insert, make_event
from tests.processes import PATIENCE, environment
from tests.registration.line_machine import look

CLIENTS, PEOPLE, PLACES = 16, 120, 20
TOKEN = "a-token-for-testing-only"
STARTS = {
    True: ["-m", "events.server", "--host", "127.0.0.1", "--workers", "2", "--port"],
    False: ["-m", "tests.registration.unguarded"],
}

WRONG = pytest.raises(AssertionError)


@contextmanager
def serving(database_url: str, folder: Path, *, guarded: bool) -> Iterator[str]:
    port = free_port()
    env = environment(folder, database_url=database_url, secret_key=SECRET_KEY, public_url="http://testserver")
    process = subprocess.Popen([sys.executable, *STARTS[guarded], str(port)], env=env, stderr=subprocess.DEVNULL)
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


async def one_client(url: str, slug: str, people: Iterator[int]) -> None:
    """Register one after the other; every third gives up again or takes what was offered, every sixth comes again."""
    chance = random.Random(1)
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        for number in people:
            body = {"name": f"Aino Esimerkki{number}", "email": f"aino{number}@yritys.example", "municipality": "837"}
            made = await client.post(f"/api/v1/events/{slug}/registrations", json=body, headers=headers)
            assert made.status_code == 201, made.text
            own = "/r/" + made.json()["manage_url"].rpartition("/")[2]
            for deed in chance.choice(([], [], ["accept"], ["cancel"], ["cancel"], ["cancel", "again"])):
                sent = await client.post(f"{own}/{deed}", headers={"sec-fetch-site": "same-origin"})
                assert sent.status_code in {303, 409}, sent.text


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_processes_sell_no_place_twice_and_pass_nobody_over(
    committed_db: str, tmp_path: Path, guarded: bool
) -> None:
    start = datetime.now(UTC) + timedelta(days=30)
    event = await make_event(
        slug="paja", capacity=PLACES, waiting_list="offer", starts_at=start, ends_at=start + timedelta(hours=6)
    )
    await insert("api_token", id=uuid4(), name="test", token_hash=secrets.digest(TOKEN), scope="registration")
    if not guarded:  # the table itself would refuse what the guard lets through
        await database.execute("ALTER TABLE site DROP CONSTRAINT site_never_oversold")
    with serving(committed_db, tmp_path, guarded=guarded) as url, nullcontext() if guarded else WRONG:
        people = iter(range(PEOPLE))
        clients = (one_client(url, "paja", people) for _ in range(CLIENTS))
        failed = [end for end in await asyncio.gather(*clients, return_exceptions=True) if end is not None]
        assert not failed
        after = await look(event)
        assert len(after) == PEOPLE
        assert all(seen.letters and seen.audits for seen in after.values())
        gave = [seen.number for seen in after.values() if seen.state in {"offered", "confirmed"}]
        assert max(gave) < min(seen.number for seen in after.values() if seen.state == "waitlisted")

"""A job that ends its own process is begun a few times, then parked and shown; everything else goes on."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import uuid4

from dramatiq import Message

from events import metrics
from events.commands.delivery import parked_jobs
from events.core import clock, database, jobs
from events.core.actor import Actor, ActorKind, Grant
from events.core.broker import make_broker
from events.core.parked import STARTS_LIMIT, parked
from events.core.settings import Settings
from events.outreach.cards import parked_work
from tests.conftest import SECRET_KEY
from tests.messaging.test_delivery import owe
from tests.processes import environment
from tests.smtp import post_office

DRIVER = """
import os, signal, sys
import dramatiq
import events.letters
from tests.messaging.test_delivery import COMPOSERS
import workers.main as main
events.letters.COMPOSERS = COMPOSERS
ours, make_broker = main.actor_modules, main.make_broker

def broker(*arguments, **named):
    made = make_broker(*arguments, **named)
    # A worker's messages come back once it has been silent for a minute; a test need not wait for that.
    made.heartbeat_interval, made.heartbeat_ttl = 0.2, 1.0
    return made

def modules():
    found = ours()

    @dramatiq.actor(actor_name="poison", queue_name="sixnet", max_retries=0)
    async def poison():
        os.kill(os.getpid(), signal.SIGKILL)

    return found

main.actor_modules, main.make_broker = modules, broker
sys.exit(main.run(1, 2))
"""

MOST_STARTS = STARTS_LIMIT + 3
"""A worker may be ended before it has noted that a message is begun, hardly ever thrice."""


async def start(database_url: str, folder: Path) -> asyncio.subprocess.Process:
    env = environment(folder, database_url=database_url, mail_url=os.environ["SIXNET_MAIL_URL"])
    env |= {"SIXNET_SECRET_KEY": SECRET_KEY, "SIXNET_PUBLIC_URL": "http://testserver"}
    with (folder / "said").open("ab") as said:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", DRIVER), env=env, stdout=said, stderr=said, start_new_session=True
        )


async def test_a_job_that_ends_its_process_is_parked_and_shown_and_the_rest_goes_on(
    committed_db: str, tmp_path: Path
) -> None:
    broker = make_broker(Settings(database_url=committed_db), middleware=[])
    broker.declare_queue(jobs.QUEUE)
    broker.enqueue(Message(queue_name=jobs.QUEUE, actor_name="poison", args=(), kwargs={}, options={}))
    async with post_office() as post:
        deaths = 0
        process = await start(committed_db, tmp_path)
        try:
            while not await _lives(process):
                deaths += 1
                assert deaths <= MOST_STARTS, "it is begun again and again"
                process = await start(committed_db, tmp_path)
            assert deaths >= STARTS_LIMIT, "without the guard it would not end; with it, it had its tries"
            for number in range(20):
                await owe(number)
            jobs.use(broker)
            jobs.nudge("mail.deliver")
            await asyncio.to_thread(jobs.flush)
            jobs.use(None)
            await post.wait_for(20, timeout=60)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            broker.close()
    assert [(each.job, each.messages) for each in await parked()] == [("poison", 1)]
    assert "poison" in (await parked_jobs())[0].text
    gauges = {family.name: family for family in await metrics._gauges(clock.now())}
    assert gauges["sixnet_jobs_parked"].samples[0].value == 1
    [card] = await parked_work(_staff("admin"), clock.now())
    assert "poison" in card.lines[0]
    assert await parked_work(_staff("viewer"), clock.now()) == []


def _staff(role: str) -> Actor:
    return Actor(ActorKind.STAFF, uuid4(), grants=(Grant(role),))


async def _lives(process: asyncio.subprocess.Process) -> bool:
    """Wait until the worker has been ended, or the poison is parked; returns the latter."""
    async with asyncio.timeout(120):
        while process.returncode is None:
            skipped = await database.fetchval(
                "SELECT count(*) FROM service_state WHERE starts_with(key, 'begun:poison:') AND value::int > $1",
                STARTS_LIMIT,
            )
            if skipped:
                return True
            await asyncio.sleep(0.1)
    await process.wait()
    return False

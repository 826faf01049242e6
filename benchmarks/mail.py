"""Letters through a mail server on this machine by one worker process, and whether its memory stays flat.

Real reminders of one event: each with its ticket's picture, its calendar entry and the agenda. The worker is this
process's own child, so that its memory is measured as it grows. `python -m benchmarks.mail 100000` does as many.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from benchmarks.harness import PYTHON, Figure, resident_mib
from benchmarks.stage import KEY, Stage, add_event, connected
from events.core import clock, database, secrets, settings
from events.core.embedded import attached
from events.letters import COMPOSERS
from events.messaging.delivery import deliver_due
from events.migrate import migrate

TARGET = 300
GROWTH = 20
"""MiB that the process may grow between the first tenth of its mails and the last."""

MAILS = 10_000
SLUG = "benchmark-mail"
PARTICIPANTS = 100_000
"""At most; another reminder to the same person would say the same, and only the last one would leave."""


def measure(stage: Stage) -> list[Figure]:
    """Send reminders to everybody at an event."""
    return _measure(stage.database_url, MAILS)


def _measure(url: str, mails: int) -> list[Figure]:
    asyncio.run(_owe(url, mails))
    with _post() as (post, port):
        done = subprocess.run(
            [PYTHON, "-m", "benchmarks.mail", "deliver", url, str(port), str(mails)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds, early, late = map(float, done.stdout.split())
        taken, unique = _taken(post)
    rate = mails / seconds
    return [
        Figure(
            "reminders through a mail server, one worker process",
            f"{rate:,.0f} mails/s; {mails - unique:,} of {mails:,} lost, {taken - unique:,} doubled",
            "",
            "",
            f"≥ {TARGET} mails/s, 0 lost, 0 doubled",
            rate >= TARGET and taken == unique == mails,
        ),
        Figure(
            f"memory of the worker after {mails // 10:,} and {mails:,} mails",
            f"{early:.0f} and {late:.0f} MiB",
            "",
            "",
            f"grows < {GROWTH} MiB",
            late - early < GROWTH,
        ),
    ]


@contextmanager
def _post() -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [PYTHON, "-m", "benchmarks.post"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as post:
        assert post.stdout is not None
        try:
            yield post, int(post.stdout.readline())
        finally:
            post.terminate()


def _taken(post: subprocess.Popen[str]) -> tuple[int, int]:
    assert post.stdin is not None
    assert post.stdout is not None
    post.stdin.write("\n")
    post.stdin.flush()
    taken, unique = map(int, post.stdout.readline().split())
    return taken, unique


async def _owe(url: str, mails: int) -> None:
    """Make an event with its agenda and participants, and owe each of them reminders until there are enough."""
    async with connected(url) as connection, connection.transaction():
        event, site = await add_event(connection, SLUG)
        await connection.executemany(
            "INSERT INTO agenda_item (id, event, starts_at, ends_at, title_fi)"
            " SELECT $1, id, starts_at + $3 * interval '1 hour', starts_at + ($3 + 1) * interval '1 hour', 'Kohta'"
            " FROM event WHERE id = $2",
            [(uuid4(), event, hour) for hour in range(5)],
        )
        await connection.execute(
            "INSERT INTO event_project (id, event, project)"
            " SELECT gen_random_uuid(), $1, id FROM project ORDER BY code LIMIT 1",
            event,
        )
        people = await _register(connection, event, site, min(mails, PARTICIPANTS))
        for number in range(0, mails, len(people)):
            await _remind(connection, people[: mails - number], number)
    async with connected(url) as connection:
        await connection.execute("VACUUM ANALYZE registration, person, message")


async def _register(connection: asyncpg.Connection, event: UUID, site: UUID, count: int) -> list[tuple[UUID, str]]:
    persons = await connection.fetch(
        "INSERT INTO person (given_name, family_name, folded, email)"
        " SELECT 'Posti', n::text, 'posti ' || n, 'posti' || n || '@yritys' || n % 100 || '.example'"
        " FROM generate_series(1, $1) AS n RETURNING id, email",
        count,
    )
    rows = []
    for number, row in enumerate(persons):
        one = row["id"]
        hashes = (secrets.digest(f"ticket {one}"), f"P{number:05d}", secrets.digest(f"manage {one}"))
        rows.append((one, event, one, site, "confirmed", number, *hashes))
    columns = ["id", "event", "person", "site", "state", "number", "ticket_hash", "ticket_code", "manage_hash"]
    await connection.copy_records_to_table("registration", records=rows, columns=columns)
    return [(row["id"], row["email"]) for row in persons]


async def _remind(connection: asyncpg.Connection, people: list[tuple[UUID, str]], number: int) -> None:
    owed = []
    for registration, email in people:
        identity, occurrence = uuid4(), f"{1440 + number}:0"
        about = ("reminder", "registration", registration, occurrence, "fi", f"<{identity.hex}@sixnet>")
        owed.append((identity, email, "Posti", *about))
    columns = ["id", "recipient", "recipient_name", "reason", "subject_kind", "subject_id", "occurrence", "language",
               "message_id"]  # fmt: skip
    await connection.copy_records_to_table("message", records=owed, columns=columns)


async def _deliver(url: str, mails: int) -> tuple[float, float, float]:
    """Deliver all; returns the seconds, and the MiB after a tenth and at the end."""
    done, early = 0, 0.0
    async with database.pooled(url):
        begun = time.monotonic()
        while count := await deliver_due(COMPOSERS, now=clock.now()):
            done += count
            if not early and done >= mails // 10:
                early = resident_mib(_own_id())
        seconds = time.monotonic() - begun
    return seconds, early, resident_mib(_own_id())


def _own_id() -> int:
    return int(Path("/proc/self").resolve().name)


def main(arguments: list[str]) -> None:
    """Deliver what is owed, as the child of a measurement; or measure alone, with the number of mails given."""
    if arguments[0] == "deliver":
        url, port, mails = arguments[1:]
        settings.override(secret_key=KEY, mail_url=f"smtp://127.0.0.1:{port}", public_url="http://127.0.0.1")
        sys.stdout.write(" ".join(map(str, asyncio.run(_deliver(url, int(mails))))))
        return
    with tempfile.TemporaryDirectory(prefix="sixnet-bench-") as folder, attached(Path(folder) / "data") as embedded:
        settings.override(secret_key=KEY, database_url=embedded.url, data_dir=folder)
        asyncio.run(_migrate(embedded.url))
        for figure in _measure(embedded.url, int(arguments[0])):
            sys.stdout.write(f"{figure.work}: {figure.measured} ({figure.target})\n")


async def _migrate(url: str) -> None:
    async with database.pooled(url, size=2):
        await migrate(url)


if __name__ == "__main__":
    main(sys.argv[1:])

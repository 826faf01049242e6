"""Name badges with QR codes, from the rows of the registrations to the PDF, as a worker makes them."""

import asyncio
import resource
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from benchmarks.harness import Figure
from benchmarks.stage import Stage, add_event, connected
from events.checkin.papers import queries
from events.checkin.papers.actions import KINDS
from events.checkin.papers.formats import BADGES
from events.checkin.papers.queries import Choice
from events.core import clock, database, drawing, secrets
from events.core.documents.shapes import Task
from events.core.text import fold

PEOPLE, SECONDS, ROUNDS = 200, 2.0, 3


def measure(stage: Stage) -> list[Figure]:
    """Make them in every size: once with the process that draws still to be started, then with it there."""
    (first, worked), later = asyncio.run(_make_all(stage))
    slowest = max(later, key=later.__getitem__)
    return [
        Figure(
            f"{PEOPLE} badges with QR codes",
            f"{first:.2f} s with the start of the process that draws ({worked:.2f} s of processor time),"
            f" then at most {later[slowest]:.2f} s ({slowest})",
            "",
            "",
            f"< {SECONDS:.0f} s",
            max(first, later[slowest]) < SECONDS,
        )
    ]


async def _make_all(stage: Stage) -> tuple[tuple[float, float], dict[str, float]]:
    async with database.pooled(stage.database_url, size=4):
        async with connected(stage.database_url) as connection:
            event, site = await add_event(connection, "badges")
            await _register(connection, event, site)
        chosen = [str(guest.id) for guest in await queries.guests(event, Choice())]
        drawing.close()
        before = _worked()
        first = await _seconds(event, chosen, next(iter(BADGES)))
        drawing.close()  # only of a process that has ended it is known how much it worked
        worked = _worked() - before
        later = {code: min([await _seconds(event, chosen, code) for _ in range(ROUNDS)]) for code in BADGES}
        drawing.close()
    return (first, worked), later


def _worked() -> float:
    """Processor time of this process and of those it has started and seen the end of, in seconds."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def _seconds(event: UUID, chosen: list[str], size: str) -> float:
    parameters = {"registrations": chosen, "format": size, "back": "", "cut": True}
    task = Task(
        id=uuid4(),
        kind="papers.badges",
        subject_id=event,
        parameters=parameters,
        language="fi",
        tries=1,
        staff=None,
        asked_at=clock.now(),
    )
    begun = time.perf_counter()
    made = await KINDS[task.kind].make(task, _tell, clock.now())
    if not made.startswith(b"%PDF"):
        raise RuntimeError("no PDF")
    return time.perf_counter() - begun


async def _tell(done: int, so_far: Mapping[str, Any] | None = None) -> None:
    """Nobody watches."""


async def _register(connection: asyncpg.Connection, event: UUID, site: UUID) -> None:
    families = ("Virtanen", "Äijälä-Järvensivu", "Öhman", "Korhonen", "Đalvi", "von Mäkinen")
    for number in range(PEOPLE):
        identity, given, family = uuid4(), f"Aino-Maija {number}", families[number % len(families)]
        firm = f"Paja ja tutkimuslaitos {number % 50}, Tekniikan yksikkö"
        await connection.execute(
            "INSERT INTO organisation (id, name, folded) VALUES ($1, $2, $3)", identity, firm, f"{fold(firm)} {number}"
        )
        await connection.execute(
            "INSERT INTO person (id, given_name, family_name, folded, email) VALUES ($1, $2, $3, $4, $5)",
            *(identity, given, family, fold(f"{given} {family}"), f"badge{number}@paja.example"),
        )
        await connection.execute(
            "INSERT INTO registration (id, event, person, site, organisation, municipality, state, role, number,"
            " ticket_hash, ticket_code, manage_hash)"
            " VALUES ($1, $2, $1, $3, $1, '837', 'confirmed', $4, $5, $6, $7, $8)",
            *(identity, event, site, "participant" if number % 4 else "speaker", number),
            *(secrets.digest(f"t{identity}"), f"{number:06d}", secrets.digest(f"m{identity}")),
        )

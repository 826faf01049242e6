"""Registration with ten questions, five of them with limited options, against the floor of a plain registration."""

import asyncio
from itertools import count
from uuid import uuid4

from benchmarks.harness import HERE, Figure, compare, pgbench, wrk
from benchmarks.stage import TOKEN, Stage, add_event, connected

SLUG = "benchmark-questions"


def measure(stage: Stage) -> list[Figure]:
    """Load an event that asks; then look that no option was oversold. Nothing is promised, so nothing is missed."""
    asyncio.run(_prepare(stage))
    address = f"{stage.web_url}/api/v1/events/{SLUG}/registrations"
    runs = count(1)
    compared = compare(
        lambda clients: wrk(
            address, clients=clients, script="questions.lua", TOKEN=TOKEN, RUN=f"{next(runs)}", LOAD=str(HERE / "load")
        ),
        lambda clients: pgbench(
            stage.pgbench, stage.database_url, "registration.sql", clients=clients, site=str(stage.site)
        ),
    )
    best = compared.loads[compared.best]
    oversold = asyncio.run(_oversold(stage))
    return [
        Figure(
            "registration with 10 answers",
            f"{best.rate:,.0f}/s at {compared.best} clients, median {best.median:.1f} ms,"
            f" {compared.errors} errors, {oversold} options oversold",
            f"pgbench, without answers, {compared.floors[compared.floor]:,.0f}/s at {compared.floor} clients",
            f"{compared.ratio:.0%}",
            "0 oversold",
            not compared.errors and not oversold,
        )
    ]


async def _prepare(stage: Stage) -> None:
    async with connected(stage.database_url) as connection:
        event, _site = await add_event(connection, SLUG)
        for number in range(1, 11):
            question = uuid4()
            kind = "many" if number <= 5 else "short"
            await connection.execute(
                "INSERT INTO question (id, event, position, code, kind, label_fi)"
                " VALUES ($1, $2, $3, $4, $5, 'Kysymys')",
                *(question, event, number, f"q{number}", kind),
            )
            for code in ("a", "b", "c") if kind == "many" else ():
                await connection.execute(
                    "INSERT INTO question_option (id, question, code, label_fi, capacity)"
                    " VALUES ($1, $2, $3, 'Vaihtoehto', 1000000000)",
                    *(uuid4(), question, code),
                )


async def _oversold(stage: Stage) -> int:
    """Count options whose counter is not what was answered."""
    async with connected(stage.database_url) as connection:
        wrong = await connection.fetchval(
            "SELECT count(*) FROM question_option WHERE capacity IS NOT NULL AND (taken > capacity OR taken <> ("
            " SELECT count(*) FROM registration_answer WHERE registration_answer.question = question_option.question"
            " AND value @> to_jsonb(question_option.code)))"
        )
    return int(wrong)

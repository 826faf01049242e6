"""Counting a million participations: totals, dashboard, report, the network, and 100,000 rows as a workbook.

Alone: `python -m benchmarks.participations [--participations N]`. In the run of all it takes a smaller size. Each
figure is exact; a tenth of the data is measured beside it, so that the growth can be told. The floor is one plain pass
over the rows: machines differ, and a ratio to it says more than seconds.
"""

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.harness import Figure
from benchmarks.participations_data import Size, make
from benchmarks.stage import KEY, Stage
from events.core import database, settings
from events.core.embedded import attached
from events.core.i18n import in_language
from events.core.replica import snapshot
from events.migrate import migrate
from events.reports import rows_file
from events.reports.counting import passes
from events.reports.counting.choice import choose
from events.reports.dashboard import kept
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.seen_by import dashboard_without_persons
from events.reports.effect import kept as kept_network
from events.reports.effect.figures import effect
from events.reports.filters import Filters, Reach
from events.reports.participation import report
from events.reports.protection import scan
from events.reports.rows import ALL, rows

WHOLE, AMONG_OTHERS = 1_000_000, 200_000
"""Participations measured alone, and in the run of all measurements."""

ROUNDS = 3
NOW = datetime(2026, 11, 1, tzinfo=UTC)
FILTERS = {
    "no filter": Filters(),
    "a year": Filters(start=date(2025, 1, 1), end=date(2025, 12, 31)),
    "a project": Filters(project="BENCH-1"),
    "a region": Filters(region="06"),
    "a theme, a year": Filters(theme="digitalisation", start=date(2024, 1, 1), end=date(2024, 12, 31)),
    "type and size": Filters(type="company", size="small"),
    "host, online": Filters(host="06", mode="online"),
}
EXPORTED = Filters(start=date(2025, 1, 1), end=date(2025, 8, 19))
"""Some 100,000 of a million rows."""


def measure(_stage: Stage) -> list[Figure]:
    """Measure on a cluster of its own: the others' is full of registrations without a past."""
    return run(AMONG_OTHERS)


def run(participations: int) -> list[Figure]:
    """Make the data in a temporary folder and measure."""
    with tempfile.TemporaryDirectory(prefix="sixnet-bench-") as folder, attached(Path(folder) / "data") as embedded:
        settings.override(secret_key=KEY, database_url=embedded.url, data_dir=folder)
        return asyncio.run(_measure(embedded.url, participations))


async def _measure(url: str, participations: int) -> list[Figure]:
    small = await _times(await _filled(url, "small", participations // 10))
    large_url = await _filled(url, "large", participations)
    large = await _times(large_url)
    return [*_figures(participations, small, large), await _workbook(large_url)]


async def _filled(url: str, name: str, participations: int) -> str:
    admin = await asyncpg.connect(url)
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    made = url.replace("/sixnet?", f"/{name}?")
    async with database.pooled(made, size=2):
        await migrate(made)
    connection = await asyncpg.connect(made)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"making {participations:,} participations", total=1.0)
        await make(connection, Size(participations), lambda part: progress.update(task, completed=part))
    await connection.close()
    return made


async def _times(url: str) -> dict[str, dict[str, float]]:
    """Seconds of each work by filter, the median of some rounds."""
    times: dict[str, dict[str, float]] = {
        "plain pass": {},
        "totals": {},
        "dashboard": {},
        "kept": {},
        "dashboard without persons": {},
        "dashboard without persons, kept": {},
        "report": {},
        "rows, first page": {},
        "rows, further page": {},
        "network": {},
        "network's processor": {},
    }
    async with database.pooled(url, size=2):
        with in_language("fi"):
            for name, chosen in FILTERS.items():
                times["plain pass"][name] = await _median(_plain)
                times["totals"][name] = await _median(lambda chosen=chosen: _totals(chosen))
                times["dashboard"][name] = await _median(lambda chosen=chosen: _cold(chosen))
                begun = time.process_time()
                times["network"][name] = await _median(lambda chosen=chosen: _cold_network(chosen))
                times["network's processor"][name] = (time.process_time() - begun) / ROUNDS
                times["kept"][name] = await _median(lambda chosen=chosen: dashboard(chosen, now=NOW))
                without = await _median(lambda chosen=chosen: _cold_without_persons(chosen))
                times["dashboard without persons"][name] = without
                times["dashboard without persons, kept"][name] = await _median(
                    lambda chosen=chosen: dashboard_without_persons(chosen, now=NOW)
                )
                first = await rows(chosen, Reach(), ALL)
                times["rows, first page"][name] = await _median(lambda chosen=chosen: rows(chosen, Reach(), ALL))
                times["rows, further page"][name] = await _median(
                    lambda chosen=chosen, after=first.next: rows(chosen, Reach(), ALL, after=after)
                )
            times["report"]["no filter"] = await _median(lambda: report(Filters(), now=NOW))
    return times


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


async def _totals(chosen: Filters) -> None:
    """The four numbers alone, of the same rows as the dashboard."""
    async with snapshot() as connection:
        await connection.execute(passes.SETTINGS)
        made = passes.rows(await choose(connection, chosen, Reach()), chosen.start)
        of = f"FROM {made.source} AND {made.counted}"
        await made.fetch(
            connection,
            "SELECT sum(times), count(*), sum(minutes),"
            f" (SELECT count(organisation) FROM (SELECT entry.organisation {of} GROUP BY 1) AS organisations)"
            f" FROM (SELECT count(*) AS times, sum(minutes) AS minutes {of} GROUP BY entry.person) AS persons",
        )


async def _plain() -> None:
    """One pass over all rows that gathers persons, by the plainest SQL: what this machine takes for it at all."""
    async with snapshot() as connection:
        await connection.execute(passes.SETTINGS)
        await connection.fetch(
            "SELECT count(*), sum(times), sum(minutes)"
            " FROM (SELECT count(*) AS times, sum(minutes) AS minutes FROM participation GROUP BY person) AS persons"
        )


async def _cold(chosen: Filters) -> None:
    kept.forget()
    await dashboard(chosen, now=NOW)


async def _cold_without_persons(chosen: Filters) -> None:
    kept.forget()
    scan.forget()
    await dashboard_without_persons(chosen, now=NOW)


async def _cold_network(chosen: Filters) -> None:
    kept_network.forget()
    await effect(chosen, now=NOW)


_TARGETS = {
    "totals": 1.0,
    "dashboard": 3.0,
    "kept": 0.1,
    "dashboard without persons": 3.0,
    "dashboard without persons, kept": 0.1,
    "report": 3.0,
    "rows, first page": 3.0,
    "rows, further page": 0.15,
    "network": 2.0,
}
"""Seconds for each work, at most: that of a dashboard for what reads all rows, that of a list for a page of it."""


def _figures(
    participations: int, small: dict[str, dict[str, float]], large: dict[str, dict[str, float]]
) -> list[Figure]:
    figures, floor = [], statistics.median(large["plain pass"].values())
    for work, most in _TARGETS.items():
        times, slowest = large[work], max(large[work].values())
        shown = ", ".join(f"{name} {seconds:.2f}" for name, seconds in times.items())
        figures.append(
            Figure(
                f"{work}, {participations:,} participations",
                f"s: {shown}",
                f"one plain pass {floor:.2f} s",
                f"{slowest / floor:.1f}",
                f"< {most} s",
                slowest < most,
            )
        )
    busy = max(large["network's processor"].values())
    figures.append(Figure("network, of it our own processor time", f"{busy:.2f} s", "", "", "< 2 s", busy < 2))
    growth = large["dashboard"]["no filter"] / small["dashboard"]["no filter"]
    figures.append(
        Figure("dashboard, ten times the rows", f"{growth:.1f} times the time", "", "", "≤ 10", growth <= 10)
    )
    return figures


async def _workbook(url: str) -> Figure:
    begun, size = time.perf_counter(), 0
    async with database.pooled(url, size=2):
        with in_language("fi"):
            async for piece in rows_file.xlsx_file(EXPORTED, Reach()):
                size += len(piece)
    seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figure(
        "rows as XLSX (100,000 of a million)",
        f"{seconds:.1f} s, {size / 1e6:.1f} MB; process {memory:.0f} MB at most",
        *("", "", "< 15 s, < 300 MB"),
        seconds < 15 and memory < 300,
    )


def main() -> None:
    """Measure the whole size, or another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participations", type=int, default=WHOLE)
    table = Table("work", "measured", "floor", "ratio", "target", "", box=None)
    for figure in run(parser.parse_args().participations):
        met = "met" if figure.met else "MISSED"
        table.add_row(figure.work, figure.measured, figure.floor, figure.ratio, figure.target, met)
    Console(width=200).print(table)


if __name__ == "__main__":
    main()

"""`sixnet import programme` and `sixnet import participants`."""

import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.errors import ServiceError
from events.core.tabular import ImportReport
from events.core.tabular import Progress as Advance
from events.ground import on_ground
from events.programme.imports.actions import import_programme

Report = TypeVar("Report", bound=ImportReport)


def programme(file: Path, *, dry_run: bool) -> None:
    """Make the events of a table that are not there yet."""

    async def work(progress: Advance) -> ImportReport:
        return await import_programme(
            _readable(file), actor=SYSTEM, now=clock.now(), dry_run=dry_run, progress=progress
        )

    _show(_with_progress(file, work))


def participants(
    file: Path, event: str, *, dry_run: bool, send: bool, health_consent: str | None, answers: Iterable[str]
) -> None:
    """Register the people of a table for an event."""
    from events.registration.imports.actions import ParticipantsReport, import_participants  # noqa: PLC0415

    async def work(progress: Advance) -> ParticipantsReport:
        event_id: UUID | None = await database.fetchval("SELECT id FROM event WHERE slug = $1", event)
        if event_id is None:
            raise ServiceError(f"There is no event {event!r}.")

        async def advance(done: int, total: int) -> None:
            progress(done, total)

        return await import_participants(
            _readable(file),
            event_id,
            actor=SYSTEM,
            now=clock.now(),
            dry_run=dry_run,
            send=send,
            health_consent=health_consent,
            answers={pair.rpartition("=")[0].strip(): pair.rpartition("=")[2].strip() for pair in answers},
            progress=advance,
        )

    report = _with_progress(file, work)
    _show(report, report.waiting)


def _readable(file: Path) -> Path:
    if not file.is_file():
        raise ServiceError(f"There is no file {file}.")
    return file


def _with_progress(file: Path, work: Callable[[Advance], Awaitable[Report]]) -> Report:
    """Run an import on the database; on a terminal a bar shows the rows that are done, of how many."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(file.name, total=None)
        return on_ground(lambda _: work(lambda done, total: progress.update(task, completed=done, total=total)))


def _show(report: ImportReport, waiting: int = 0) -> None:
    """Print what was done and each row that was not taken; exit code 1 when none was."""
    for remark in report.warnings:
        typer.echo(f"line {remark.line}: note: {remark.reason}")
    for refused in report.refused:
        typer.echo(f"line {refused.line}: refused: {refused.reason}")
    for left_out in report.left_out:
        typer.echo(f"line {left_out.line}: left out: {left_out.reason}")
    done = "Would add" if report.dry_run else "Added"
    changed = f", {'would change' if report.dry_run else 'changed'} {report.changed}" if report.changed else ""
    typer.echo(
        f"{done} {report.added} of {report.rows} rows{changed}, {report.unchanged} known already,"
        f" {len(report.refused)} refused{f', {len(report.left_out)} left out' if report.left_out else ''}."
    )
    if waiting:
        typer.echo(f"{waiting} of those added {'would wait' if report.dry_run else 'wait'} for a place.")
    if report.rows and len(report.refused) == report.rows:
        sys.exit(1)

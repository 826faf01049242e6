"""`sixnet report participation`."""

import sys
from pathlib import Path

import msgspec
import typer

from events.core import clock
from events.core.actor import SYSTEM
from events.core.errors import Invalid, ServiceError
from events.core.i18n import in_language
from events.ground import Ground, on_ground
from events.reports import exports
from events.reports.access import report_for
from events.reports.filters import parse_filters
from events.reports.pdf import pdf_file
from events.reports.shapes import ParticipationReport

BINARY = {"xlsx", "pdf"}


def participation(filters: dict[str, str | None], kind: str, output: Path | None, language: str) -> None:
    """Write the participation report to a file, or to the terminal where it can be read there."""
    if kind in BINARY and output is None and sys.stdout.isatty():
        raise ServiceError(f"A terminal cannot show {kind}: name a file with -o.")
    given = {name: value for name, value in filters.items() if value}

    async def work(_: Ground) -> bytes:
        with in_language(language):
            try:
                made = await report_for(SYSTEM, await parse_filters(given), now=clock.now())
            except Invalid as error:
                reasons = "; ".join(f"{name}: {' '.join(reason)}" for name, reason in error.errors.items())
                raise ServiceError(f"The report cannot be made: {reasons}") from error
            return await _written(made, kind)

    content = on_ground(work)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise ServiceError(f"{output} cannot be written: {error.strerror}.") from error
    typer.echo(f"Wrote {output}.", err=True)


async def _written(made: ParticipationReport, kind: str) -> bytes:
    if kind == "json":
        return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"
    if kind == "pdf":
        return await pdf_file(made)
    return exports.csv_file(made) if kind == "csv" else await exports.xlsx_file(made)

"""`sixnet report`: its commands with their options; the work is loaded when one is run."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

report = typer.Typer(help="Write reports.", no_args_is_help=True)


class ReportFormat(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class Language(StrEnum):
    """As `events.core.i18n.LANGUAGES`."""

    FI = "fi"
    SV = "sv"
    EN = "en"


@report.command("participation")
def report_participation(
    *,
    start: Annotated[str | None, typer.Option("--from", help="First day, as 2026-01-31.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    project: Annotated[str | None, typer.Option(help="Code of a project.")] = None,
    region: Annotated[str | None, typer.Option(help="Code of the participants' region.")] = None,
    theme: Annotated[str | None, typer.Option(help="Code of a theme.")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of event.")] = None,
    host: Annotated[str | None, typer.Option(help="Code of the region that hosted the event.")] = None,
    series: Annotated[str | None, typer.Option(help="Id of a series.")] = None,
    organisation_type: Annotated[
        str | None, typer.Option("--type", help="Type of the participants' organisation.")
    ] = None,
    size: Annotated[str | None, typer.Option(help="Size class of the participants' organisation.")] = None,
    mode: Annotated[str | None, typer.Option(help="How they attended: venue or online.")] = None,
    file_format: Annotated[ReportFormat, typer.Option("--format", help="How it is written.")] = ReportFormat.JSON,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; none: standard output.")] = None,
    language: Annotated[Language, typer.Option(help="Language of names and headings.")] = Language.FI,
) -> None:
    """Count who took part in the events that were reconciled.

    All sums are written, those of fewer than five persons too.
    """
    from events.commands import report as commands

    filters = {
        "from": start,
        "to": end,
        "project": project,
        "region": region,
        "theme": theme,
        "kind": kind,
        "host": host,
        "series": series,
        "type": organisation_type,
        "size": size,
        "mode": mode,
    }
    commands.participation(filters, file_format, output, language)

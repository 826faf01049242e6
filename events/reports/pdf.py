"""The report as a tagged PDF."""

from typing import Any

from events.core.drawing import pdf
from events.core.i18n import format_date, format_datetime, format_number, language
from events.core.i18n import gettext as _
from events.network import queries as network
from events.reports import words
from events.reports.charts import PAPER, chart_label, charts
from events.reports.exports import described_filters, key_figures
from events.reports.shapes import BreakDown, ParticipationReport


async def pdf_file(made: ParticipationReport) -> bytes:
    """Set the report with the marks of the projects it is about. Raises DrawingFailed."""
    drawn = await charts(made, PAPER)
    data = {
        "language": language(),
        "title": _("Participation report"),
        "made": format_datetime(made.made_at),
        "filters": described_filters(made),
        "marks": await _marks(made),
        "funding": _("Funding"),
        "figures": [
            {"name": str(words.FIGURES[name]), "value": _shown(name, value), "definition": made.definitions[name]}
            for name, value in key_figures(made)
        ],
        "notes": _notes(made),
        "tables": [_table(made, each, drawn[each.by]) for each in made.break_downs if each.cells],
        "events": _events(made),
    }
    return await pdf("reports/participation.typ", data, now=made.made_at)


def _table(made: ParticipationReport, each: BreakDown, chart: str) -> dict[str, Any]:
    rows = [[cell.name, *(_shown(name, getattr(cell, name)) for name in words.FIGURES)] for cell in each.cells]
    return {
        "name": each.name,
        "note": made.definitions["overlapping"] if each.overlapping else "",
        "chart": chart,
        "alt": chart_label(each),
        "headings": [each.name, *map(str, words.FIGURES.values())],
        "rows": rows,
    }


def _events(made: ParticipationReport) -> dict[str, Any]:
    return {
        "name": _("Events"),
        "headings": [_("Event"), _("Date"), str(words.FIGURES["participations"]), str(words.FIGURES["minutes"])],
        "rows": [
            [
                line.title,
                format_date(line.held_on, style="short"),
                _shown("participations", line.participations),
                _shown("minutes", line.minutes),
            ]
            for line in made.events
        ],
    }


def _notes(made: ParticipationReport) -> list[str]:
    notes = [made.rule, " ".join((_("Person-days of 8 hours:"), _shown("days", made.person_days)))]
    unsure = _("Participations whose person is not certain")
    notes += [f"{unsure}: {_shown('', made.uncertain)}. {made.definitions['uncertain']}"]
    notes += [
        _("Not counted: %(name)s", name=each.name) + f": {_shown('', each.participations)}" for each in made.not_counted
    ]
    if made.not_reconciled:
        named = ", ".join(f"{line.title} ({format_date(line.held_on, style='short')})" for line in made.not_reconciled)
        notes.append(f"{made.definitions['not_reconciled']} {named}")
    return notes


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return words.duration(int(value)) if name == "minutes" else format_number(value)


async def _marks(made: ParticipationReport) -> list[dict[str, Any]]:
    emblems = await network.emblems(mark.code for mark in made.marks)
    return [
        {
            "name": mark.name,
            "statement": mark.statement,
            "language": mark.statement_language,
            # typst reads images as bytes, and JSON has only numbers for them
            "emblem": list(emblems[mark.code][0]) if mark.code in emblems else [],
            "alt": mark.emblem_alt,
        }
        for mark in made.marks
    ]

"""A funder's report as a workbook: made from the report alone, with the moment of the report inside.

So a frozen one comes out the same again.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from events.core.i18n import in_language
from events.core.readable import readable
from events.core.workbook import day_format, text_workbook
from events.reports.funder.changes import change_lines
from events.reports.funder.feedback import NPS_PARTS
from events.reports.funder.papers import lines
from events.reports.funder.shapes import FunderReportView, PartCell, SurveyAnswer
from events.reports.funder.words import labels as all_labels

LONGEST_NAME = 31
"""Signs in the name of a sheet."""

_FORBIDDEN = str.maketrans("[]:*?/\\", "()-----")

Line = Sequence[str | float | date | None]


def workbook(sheets: Iterable[tuple[str, Sequence[str], Sequence[Line]]], made_at: datetime) -> bytes:
    """Write sheets of (name, headings, rows); text stays text, and a day is one, so that it sorts and filters.

    The same in makes the same out, byte for byte.
    """
    buffer = io.BytesIO()
    with text_workbook(buffer) as book:
        book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        body = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": day_format(), "align": "left", "valign": "top"})
        names: set[str] = set()
        for name, headings, rows in sheets:
            sheet = book.add_worksheet(_sheet_name(name, names))
            for column, heading in enumerate(headings):
                sheet.set_column(column, column, max(12, min(60, _widest(heading, rows, column))))
            sheet.write_row(0, 0, headings, head)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    sheet.write(number, column, cell, day if isinstance(cell, date) else body)
    return buffer.getvalue()


def xlsx_file(view: FunderReportView) -> bytes:
    """Write the report in its language: head, indicators, tables, events, texts, surveys, what changed."""
    with in_language(view.language):
        return workbook(_sheets(view), view.made_at)


def _sheets(view: FunderReportView) -> list[tuple[str, list[str], list[Line]]]:
    labels = view.labels
    figures = ("participations", "persons", "organisations", "minutes")
    sheets: list[tuple[str, list[str], list[Line]]] = [
        (
            labels["indicators"],
            [labels[n] for n in ("code", "name", "value", "unit", "target", "definition", "source", "uncertain")],
            [
                (
                    *(each.code, each.name, each.value, each.unit, each.target),
                    *(f"{each.note} {each.definition}".strip(), each.source, each.uncertain),
                )
                for each in view.figures
            ],
        ),
        (
            labels["title"],
            [labels["name"], labels["value"]],
            _head(view),
        ),
        (labels["total"], [labels[n] for n in figures], [_numbers(view.totals)]),
    ]
    sheets += [
        (part.name, [labels["code"], part.name, *(labels[n] for n in figures)], [_row(cell) for cell in part.cells])
        for part in view.parts
    ]
    sheets.append(
        (
            labels["events"],
            [labels[n] for n in ("code", "event", "kind", "date", "participations", "minutes", "shared")],
            [
                (
                    *(row.slug, row.title, row.kind, row.held_on),
                    *(row.participations, row.minutes, ", ".join(row.projects)),
                )
                for row in view.events
            ],
        )
    )
    return [*sheets, *_others(view)]


def _others(view: FunderReportView) -> list[tuple[str, list[str], list[Line]]]:
    labels = {**all_labels(), **view.labels}
    left_out: list[Line] = [(line.slug, line.title, line.held_on) for line in view.not_reconciled]
    texts: list[Line] = [(text.heading, readable(text.body)) for text in view.texts]
    scored = _scored(view)
    asked: list[Line] = [
        (
            *(each.title, each.attended, each.asked, each.answered, answer.label, answer.n, answer.mean),
            *(getattr(answer.nps, field, None) for field in scored.values()),
            *(name, number),
        )
        for each in view.surveys
        for answer in each.answers
        for name, number in _chosen(answer)
    ]
    asked += [(each.title, each.attended, each.asked, each.answered) for each in view.surveys if not each.answers]
    changed: list[Line] = [(each.of, each.called, *each.numbers, view.why) for each in change_lines(view)]
    survey = ("event", "attended", "asked", "answered", "question", "answers", "mean", *scored, "choice", "chosen")
    found: list[tuple[str, list[str], list[Line]]] = [
        (labels["not_reconciled_sheet"], [labels[n] for n in ("code", "event", "date")], left_out),
        (labels["texts"], [labels["name"], labels["texts"]], texts),
        (labels["survey"], [labels[n] for n in survey], asked),
        (labels["changes_sheet"], [labels[n] for n in ("of", "name", "before", "after", "why")], changed),
    ]
    return [sheet for sheet in found if sheet[2]]


def _chosen(answer: SurveyAnswer) -> Sequence[tuple[str, int | None]]:
    """Return how often each option was chosen; of a number, which has none, one line without."""
    return answer.counts or [("", None)]


def _scored(view: FunderReportView) -> dict[str, str]:
    """Return label → field of the columns of a recommendation's score; none where nothing has one, as of old."""
    any_score = any(answer.nps for each in view.surveys for answer in each.answers)
    return {"nps": "score", **{name: name for name in NPS_PARTS}} if any_score else {}


def _head(view: FunderReportView) -> list[Line]:
    # What changed has a sheet of its own, but only where anything did that the reader may see.
    reason = [(view.labels["why"], view.why)] if view.why else []
    return [*lines(view), *reason, ("", view.rule), *((mark.name, mark.statement) for mark in view.marks)]


def _row(cell: PartCell) -> Line:
    return (cell.code, cell.name, *_numbers(cell))


def _numbers(cell: PartCell) -> tuple[int | None, ...]:
    return cell.participations, cell.persons, cell.organisations, cell.minutes


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that spreadsheets take and that no other sheet has."""
    plain = name.translate(_FORBIDDEN).strip("'")[:LONGEST_NAME] or "-"
    number = 2
    while plain.casefold() in taken:
        ending = f" {number}"
        plain = f"{name.translate(_FORBIDDEN)[: LONGEST_NAME - len(ending)]}{ending}"
        number += 1
    taken.add(plain.casefold())
    return plain


def _widest(heading: str, rows: Sequence[Line], column: int) -> int:
    return max([len(heading), *(len(str(row[column])) for row in rows[:500] if column < len(row))]) + 2

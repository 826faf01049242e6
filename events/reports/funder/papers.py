"""A funder's report as a tagged PDF: set from the report alone, so that a frozen one comes out the same again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from events.core.drawing import pdf
from events.core.i18n import format_date, format_datetime, in_language, language
from events.network import queries as network
from events.reports import words
from events.reports.funder.changes import change_lines
from events.reports.funder.feedback import Block, shown, survey_blocks
from events.reports.funder.markdown import blocks
from events.reports.funder.pictures import pictures
from events.reports.funder.shapes import Figure, FunderReportView, Part, PartCell
from events.reports.funder.words import labels as all_labels

TEMPLATE = "reports/funder/paper.typ"


async def pdf_file(view: FunderReportView) -> bytes:
    """Set the report in its language. Raises DrawingFailed."""
    drawn = await pictures(view)
    with in_language(view.language):
        data = {
            "language": view.language,
            "title": f"{view.labels['title']}: {view.project}",
            "footer": f"{view.project}, {period(view)}, {state(view)}",
            "lines": lines(view),
            "marks": [
                {
                    "name": mark.name,
                    "statement": mark.statement,
                    "language": mark.statement_language,
                    # typst reads images as bytes, and JSON has only numbers for them
                    "emblem": list(mark.emblem),
                    "alt": mark.emblem_alt,
                }
                for mark in view.marks
            ],
            "blocks": list(_blocks(view, drawn)),
        }
    return await pdf(TEMPLATE, data, now=view.made_at, kept=False)


async def marks_of(codes: Iterable[str]) -> list[dict[str, Any]]:
    """Return the marks of some projects as the template sets them."""
    views = await network.projects(codes)
    emblems = await network.emblems(view.code for view in views)
    return [
        {
            "name": view.name,
            "statement": view.statement[0],
            "language": view.statement[1] or language(),
            "emblem": list(emblems[view.code][0]) if view.code in emblems else [],
            "alt": view.emblem_alt,
        }
        for view in views
    ]


def period(view: FunderReportView) -> str:
    """Return the period as people write it."""
    return "–".join(format_date(day, style="short") for day in (view.starts_on, view.ends_on))


def counted(view: FunderReportView) -> str:
    """Return the whole months that were counted instead of the period, "" where it was counted as it is."""
    if view.counted_from is None or view.counted_to is None:
        return ""
    return "–".join(format_date(day, style="short") for day in (view.counted_from, view.counted_to))


def total_of(view: FunderReportView) -> str:
    """Say what the total is of: the period, as far as it was counted."""
    return f"{view.labels['total']}, {counted(view) or period(view)}"


def state(view: FunderReportView) -> str:
    """Say which revision it is."""
    return f"{view.labels['revision']} {view.revision}" if view.revision else view.labels["draft"]


def lines(view: FunderReportView) -> list[tuple[str, str]]:
    """Return what stands at the head: (name, value)."""
    funder = f"{view.funder} ({view.instrument})" if view.instrument else view.funder
    found = [
        ("project", view.project_name),
        ("funder", funder),
        ("period", period(view)),
        ("counted", counted(view)),
        ("revision", str(view.revision) if view.revision else view.labels["draft"]),
        ("made", format_datetime(view.made_at)),
        ("code_version", view.code_version),
        ("input_hash", view.input_hash),
    ]
    return [(view.labels[name], value) for name, value in found if value]


def _blocks(view: FunderReportView, drawn: Mapping[str, str]) -> Iterator[Block]:
    labels = view.labels
    yield {"kind": "section", "text": labels["indicators"]}
    for figure in view.figures:
        yield _figure(view, figure)
    if view.has_hidden:
        yield {"kind": "note", "text": labels["hidden"]}
    for text in view.texts:
        if text.heading:
            yield {"kind": "section", "text": text.heading}
        yield {"kind": "markdown", "language": text.language, "blocks": blocks(text.body)}
    yield {"kind": "section", "text": labels["participation"]}
    yield {"kind": "note", "text": view.rule}
    headings = [view.labels[name] for name in ("participations", "persons", "organisations", "hours")]
    yield _table([labels["period"], *headings], [[total_of(view), *_numbers(view.totals, labels)]], first_number=1)
    for part in view.parts:
        yield from _part(view, part, drawn.get(part.by, ""))
    yield from _events(view)
    yield from _surveys(view)
    yield from _changes(view)


def _figure(view: FunderReportView, figure: Figure) -> Block:
    labels = view.labels
    beside = []
    if figure.target is not None:
        beside.append(f"{labels['target']}: {shown(figure.target)}")
    if figure.uncertain is not None:
        beside.append(f"{labels['uncertain']}: {shown(figure.uncertain)}")
    if figure.source:
        beside.append(f"{labels['source']}: {figure.source}")
    return {
        "kind": "figure",
        "value": f"{shown(figure.value)} {figure.unit}".strip(),
        "name": f"{figure.code} {figure.name}".strip(),
        "beside": " · ".join(beside),
        "definition": " ".join(text for text in (figure.note, figure.definition) if text),
    }


def _part(view: FunderReportView, part: Part, picture: str) -> Iterator[Block]:
    yield {"kind": "subsection", "text": part.name}
    if part.note:
        yield {"kind": "note", "text": part.note}
    if picture:
        yield {"kind": "chart", "svg": picture, "alt": part.chart}
    reached = [tile for tile in view.tiles if tile.target] if part.by == "region" else []
    if reached:
        named = ", ".join(f"{tile.name} {shown(tile.participations)}" for tile in reached)
        yield {"kind": "note", "text": f"★ {view.labels['target_regions']}: {named}"}
    yield _table(
        [part.name, *(view.labels[name] for name in ("participations", "persons", "organisations", "hours"))],
        [[cell.name, *_numbers(cell, view.labels)] for cell in part.cells],
        first_number=1,
    )


def _numbers(cell: PartCell, labels: Mapping[str, str]) -> list[str]:
    return [*map(shown, (cell.participations, cell.persons, cell.organisations)), duration(cell.minutes, labels)]


def duration(minutes: int | None, labels: Mapping[str, str]) -> str:
    """Write minutes as hours and minutes, in the words that a report was frozen with; missing ones as a dash."""
    return "–" if minutes is None else words.duration(minutes, {**words.DURATIONS, **labels})


def _events(view: FunderReportView) -> Iterator[Block]:
    labels = view.labels
    if view.events:
        yield {"kind": "section", "text": labels["events"]}
        yield _table(
            [labels[name] for name in ("event", "kind", "date", "participations", "hours")],
            [
                [
                    f"{row.title} *" if row.projects else row.title,
                    row.kind,
                    format_date(row.held_on, style="short"),
                    shown(row.participations),
                    duration(row.minutes, labels),
                ]
                for row in view.events
            ],
            first_number=3,
        )
    shared = [row for row in view.events if row.projects]
    if shared:
        yield {"kind": "subsection", "text": f"* {labels['shared']}"}
        yield {"kind": "note", "text": labels["shared_note"]}
        rows = [[row.title, ", ".join(row.projects)] for row in shared]
        yield _table([labels["event"], labels["project"]], rows, widths=[2, 1])
    if view.not_reconciled:
        yield {"kind": "subsection", "text": labels["not_reconciled"]}
        rows = [[line.title, format_date(line.held_on, style="short")] for line in view.not_reconciled]
        yield _table([labels["event"], labels["date"]], rows)


def _surveys(view: FunderReportView) -> Iterator[Block]:
    if view.surveys:
        yield {"kind": "section", "text": view.labels["survey"]}
    for survey in view.surveys:
        yield {"kind": "subsection", "text": survey.title}
        yield from survey_blocks(survey, view.labels)


def _changes(view: FunderReportView) -> Iterator[Block]:
    if view.revision > 1:
        yield {"kind": "section", "text": view.labels["changes"]}
        yield {"kind": "note", "text": f"{view.labels['why']}: {view.why}"}
        labels = {**all_labels(), **view.labels}
        rows = [[line.of, line.called, *line.written] for line in change_lines(view)]
        if rows:
            headings = [labels[name] for name in ("of", "name", "before", "after")]
            yield _table(headings, rows, widths=[0, 1, 0, 0], numeric=[2, 3])


def _table(
    headings: list[str],
    rows: list[list[str]],
    *,
    first_number: int | None = None,
    numeric: list[int] | None = None,
    widths: list[int] | None = None,
) -> Block:
    numbers = numeric or (list(range(first_number, len(headings))) if first_number is not None else [])
    columns = widths or [1, *[0] * (len(headings) - 1)]
    return {"kind": "table-of", "headings": headings, "rows": rows, "numeric": numbers, "widths": columns}

"""The results of a survey as a workbook and as a tagged PDF: the same figures as on the page."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from events.core.drawing import pdf
from events.core.i18n import format_datetime, format_number, language, ngettext
from events.core.i18n import gettext as _
from events.core.workbook import text_workbook
from events.programme.queries import EventView
from events.surveys.queries import SurveyView
from events.surveys.results.charts import PAPER, heat_map, label_of
from events.surveys.results.figures import Cell, Figures, PerCent
from events.surveys.results.parted import Parted, untold_words
from events.surveys.results.queries import Results
from events.surveys.results.rules import whole
from events.surveys.tagging.rules import Text, counted


class Made(Struct, frozen=True, kw_only=True):
    """The results of one survey, put in rows, as they stood at `made_at`."""

    event: EventView
    survey: SurveyView
    summed: Results
    figures: tuple[Figures, ...]
    parts: tuple[Parted, ...]
    texts: Mapping[str, list[Text]]
    made_at: datetime

    @property
    def title(self) -> str:
        """What file and pages are called."""
        return f"{_('Results')}: {self.survey.name[0]}, {self.event.title}"


def key_figures(summed: Results) -> list[tuple[str, Cell, str]]:
    """Return what is counted of a survey: its name, the number, what it counts."""
    if summed.by_link is None:
        says = _("Those that are summed up below; none are before there are five.")
        return [(_("Answers"), "–" if summed.answered is None else summed.answered, says)]
    rows: list[tuple[str, Cell, str]] = [
        (_("Attended"), summed.attended or 0, _("Persons marked as attended.")),
        (_("Asked"), summed.asked or 0, _("Invitations that were sent; nobody is asked who has no e-mail address.")),
        (
            _("Answers"),
            summed.answered or 0,
            _("Given so far; by the open link: %(n)s.", n=format_number(summed.by_link)),
        ),
    ]
    for name, rate, says in (
        (
            _("Response rate of those who attended"),
            summed.rate_of_attended,
            _("Answers per person who attended; without those by the open link."),
        ),
        (_("Response rate of those who were asked"), summed.rate, _("Answers per invitation that was sent.")),
    ):
        rows.append((name, "–" if rate is None else PerCent(whole(100 * Decimal(str(rate)))), says))
    return rows


def xlsx_file(made: Made) -> bytes:
    """Write a workbook: a sheet of what is counted, one of all answers that were chosen, one of texts."""
    buffer = io.BytesIO()
    with text_workbook(buffer) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        summary = [(made.title, "", format_datetime(made.made_at, made.event.zone)), *key_figures(made.summed)]
        _sheet(book, head, _("Summary"), [], summary)
        counted = [
            (each.title, *row) for each in made.figures for row in (*_noted(each), each.headings, *each.rows) if row
        ]
        _sheet(book, head, _("Answers"), [_("Question")], counted)
        for part in made.parts:
            if part.tables:
                _sheet(book, head, part.name, [], _parted(part))
        _texts(book, head, made)
    return buffer.getvalue()


def _parted(part: Parted) -> list[tuple[Cell, ...]]:
    rows = [(table.title, *row) for table in part.tables.values() for row in (table.headings, *table.rows)]
    return [(untold_words(part),), *rows]


def _texts(book: Any, head: Any, made: Made) -> None:
    titles = {each.code: each.title for each in made.figures}
    texts = [
        (titles[code], each.text, ", ".join(each.tags))
        for code, every in made.texts.items()
        for each in every
        for _time in range(each.times)
    ]
    if texts:
        _sheet(book, head, _("Free texts"), [_("Question"), _("Answer"), _("Tags")], texts)
    tags = [(titles[code], *pair) for code, every in made.texts.items() for pair in counted(every)]
    if tags:
        _sheet(book, head, _("Tags"), [_("Question"), _("Tag"), _("Texts")], tags)


def _noted(each: Figures) -> list[tuple[Cell, ...]]:
    return [(" · ".join(each.notes),)] if each.notes else []


def _sheet(book: Any, head: Any, name: str, headings: list[str], rows: Sequence[tuple[Cell, ...]]) -> None:
    sheet = book.add_worksheet(name[:31])
    sheet.set_column(0, 1, 48)
    if headings:
        sheet.write_row(0, 0, headings, head)
        sheet.freeze_panes(1, 0)
    per_cent = book.add_format({"num_format": "0 %"})
    for number, row in enumerate(rows, start=1 if headings else 0):
        for column, cell in enumerate(row):
            if isinstance(cell, PerCent):
                sheet.write_number(number, column, cell.number / 100, per_cent)
            else:
                sheet.write(number, column, cell)


async def pdf_file(made: Made) -> bytes:
    """Set the results. Raises DrawingFailed."""
    return await pdf("surveys/results.typ", await on_paper(made), now=made.made_at, kept=False)


async def on_paper(made: Made) -> dict[str, Any]:
    """Return what the template of the PDF sets."""
    return {
        "language": language(),
        "title": made.title,
        "made": format_datetime(made.made_at, made.event.zone),
        "figures": [
            {"name": name, "value": _shown(value), "definition": says} for name, value, says in key_figures(made.summed)
        ],
        "note": "" if made.figures else _("Results are shown from five answers on, so that nobody can be recognised."),
        "untold": " ".join(untold_words(part) for part in made.parts),
        "questions": [await _question(each, made) for each in made.figures],
    }


async def _question(each: Figures, made: Made) -> dict[str, Any]:
    tables = [part.tables[each.code] for part in made.parts if each.code in part.tables]
    return {
        "title": each.title,
        "language": each.language,
        "notes": " · ".join(each.notes),
        "chart": await heat_map(each, PAPER) if each.matrix else "",
        "alt": label_of(each),
        "headings": list(each.headings),
        "rows": [[_shown(cell) for cell in row] for row in each.rows],
        "shares": [] if each.matrix else [row[-1] for row in each.rows],  # drawn in the last column
        "parts": [
            {
                "headings": list(table.headings),
                "words": table.words,
                "together": list(table.together),
                "rows": [[_shown(cell) for cell in row] for row in table.rows],
            }
            for table in tables
        ],
        "texts": [_said(text) for text in made.texts.get(each.code, ())],
    }


def _said(text: Text) -> str:
    times = ngettext("%(n)s time", "%(n)s times", text.times)
    return f"{text.text} ({times})" if text.times > 1 else text.text


def _shown(cell: Cell) -> str:
    return str(cell) if isinstance(cell, str | PerCent) else format_number(cell)

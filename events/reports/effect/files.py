"""The network effect as CSV and XLSX, from the same parts as the page."""

import csv
import io
from collections.abc import Iterable, Mapping

from events.core.i18n import format_datetime
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.text import harmless_row
from events.core.workbook import text_workbook
from events.reports.effect.parts import TABLES, Part, parts
from events.reports.effect.shapes import NetworkEffect
from events.reports.exports import described
from events.reports.words import Words


def csv_file(made: NetworkEffect, part: str = "") -> bytes:
    """Write one part, or all below each other with their names as the first column; hidden figures are empty."""
    known = parts(made)
    chosen = [known[part]] if part in known else list(known.values())
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, csv_header(each.name for each in chosen))
    writer.writeheader()
    for each in chosen:
        writer.writerows({"part": each.name, **row} for row in _by_code(each))
    return buffer.getvalue().encode()


def csv_header(names: Iterable[str]) -> list[str]:
    """Return the stable columns of a CSV file of the parts with those names."""
    return ["part", *dict.fromkeys(column.code for name in names for column in TABLES[name].columns)]


def _by_code(part: Part) -> Iterable[dict[str, object]]:
    codes = [column.code for column in part.columns]
    for row in part.rows:
        yield dict(zip(codes, harmless_row(row), strict=True))


_CODES = {"quarter": _l("Quarter, as a code"), "number": _l("Number"), "reached": _l("Codes of the regions met")}
"""What stands over the codes that a workbook has beside the names."""


_SHEETS: Mapping[str, Words] = {
    "quarters": _l("Quarters"),
    "by_quarter": _l("Regions by quarter"),
    "bridging": _l("Number of regions met"),
    "bridges": _l("Bridges"),
    "times": _l("Times attended"),
    "hosts": _l("Came back, host regions"),
    "themes": _l("Came back, themes"),
    "home_regions": _l("Came back, home regions"),
    "not_reconciled": _l("Not reconciled"),
}
"""Part → how its sheet is called where its title does not fit."""


def sheet_name(part: str) -> str:
    """Return how the sheet of a part is called, which has no room for more than 31 signs."""
    return str(_SHEETS.get(part, TABLES[part].title))


def xlsx_file(made: NetworkEffect) -> bytes:
    """Write a workbook: what it is about with the definitions, then a sheet for each part."""
    buffer = io.BytesIO()
    with text_workbook(buffer, days=True) as book:
        head, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        first = book.add_worksheet(_("Summary"))
        first.set_column(0, 0, 32)
        first.set_column(1, 1, 100)
        about = [(_("Network effect"), format_datetime(made.made_at)), *described(made.filters, made.filter_names)]
        about += [(_("What counts"), made.rule), *(("", text) for text in made.definitions.values())]
        for number, row in enumerate(about):
            first.write_row(number, 0, row, wrap)
        for name, part in parts(made).items():
            sheet = book.add_worksheet(sheet_name(name))
            sheet.write_row(
                0, 0, [str(column.heading or _CODES.get(column.code, _l("Code"))) for column in part.columns], head
            )
            sheet.set_column(0, len(part.columns), 20)
            sheet.freeze_panes(1, 0)
            for number, values in enumerate(part.rows, start=1):
                sheet.write_row(number, 0, values)
    return buffer.getvalue()

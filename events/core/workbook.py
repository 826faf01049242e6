"""Workbooks (XLSX) that the service makes in memory."""

from typing import IO, Any

import xlsxwriter

from events.core.i18n import language

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def text_workbook(into: IO[bytes], *, days: bool = False) -> Any:
    """Open a workbook, to be used in a `with`: its texts stay texts, whatever they look like.

    With `days`, a date in it is one, shown as people write it, so that it sorts and filters.
    """
    shown = {"default_date_format": day_format()} if days else {}
    return xlsxwriter.Workbook(into, {**_OPTIONS, **shown})


_DAYS = {"fi": "d.m.yyyy", "sv": "d.m.yyyy", "en": "dd/mm/yyyy"}


def day_format() -> str:
    """Return how a workbook shows a day in the present language, as `i18n.format_date` writes a short one."""
    return _DAYS[language()]

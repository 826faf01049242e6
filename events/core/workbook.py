"""Workbooks (XLSX) that the service makes in memory."""

from typing import IO, Any

import xlsxwriter

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def text_workbook(into: IO[bytes]) -> Any:
    """Open a workbook, to be used in a `with`: its texts stay texts, whatever they look like."""
    return xlsxwriter.Workbook(into, dict(_OPTIONS))

"""What personal data each column holds, for what and for how long (design.md §5.11).

Every text, JSON, array and bytes column of every table is declared beside its table; a test fails on one that is not.
"""

from dataclasses import dataclass
from enum import StrEnum

from piccolo.table import Table


class Kept(StrEnum):
    """Which clock ends the keeping of a column."""

    CONTACT = "contact"  # until `core/retention.py` says so after the person's last event, or until erased
    EVIDENCE = "evidence"  # as long after the event, for the funder asks for evidence of the project
    PASSING = "passing"  # a day
    HEALTH = "health"  # seven days after the event
    SURVEY = "survey"  # with the survey's results
    ACCOUNT = "account"  # while the account exists
    SECURITY = "security"  # a year, to explain what happened
    ORGANISATION = "organisation"  # register data, while the organisation is known


@dataclass(frozen=True, slots=True)
class Personal:
    """One column's declaration."""

    kept: Kept
    purpose: str


DECLARED: dict[str, dict[str, Personal | None]] = {}
"""Table name → column name → declaration; None says that the column holds nothing personal."""


def declare(table: type[Table], *plain: str, **personal: Personal) -> None:
    """Declare a table's columns: names of those with nothing personal in them, then the personal ones."""
    DECLARED[table._meta.tablename] = {**dict.fromkeys(plain), **personal}  # noqa: SLF001 - Piccolo has no public name for it

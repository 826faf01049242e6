"""What Act 306/2019 asks of the accessibility statement and its feedback."""

from datetime import date, datetime, timedelta

ANSWER_WITHIN = timedelta(days=14)
"""Feedback on accessibility is answered within fourteen days (Act 306/2019, section 8)."""

STATEMENT_DRAWN_UP = date(2026, 11, 22)
"""When there first was a statement."""

STATEMENT_DATE = date(2026, 11, 22)
"""When the statement was last gone through; change it together with its text."""

LONGEST_TEXT = 4000
"""Signs of a case or of its answer."""

LONGEST_NOTICE = 20_000
"""Signs of a privacy notice in one language."""


def is_late(due_at: datetime, closed_at: datetime | None, now: datetime) -> bool:
    """Say whether a case was not answered in time."""
    return (closed_at or now) > due_at

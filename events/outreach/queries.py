"""Reads: cases of feedback, versions of the privacy notice."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database


class Case(Struct, frozen=True):
    """A piece of feedback; `email` is empty when no answer was asked for."""

    id: UUID
    text: str
    page: str
    email: str
    language: str
    received_at: datetime
    due_at: datetime
    closed_at: datetime | None
    answer: str


async def cases(limit: int = 200) -> list[Case]:
    """Return the cases, the open ones first by the day they are due, then the closed ones, the latest first."""
    rows = await database.fetch(
        "SELECT * FROM feedback ORDER BY closed_at IS NOT NULL, closed_at DESC, due_at, id LIMIT $1", limit
    )
    return [msgspec.convert(dict(row), Case) for row in rows]


async def case(case_id: UUID) -> Case | None:
    """Return one case."""
    row = await database.fetchrow("SELECT * FROM feedback WHERE id = $1", case_id)
    return msgspec.convert(dict(row), Case) if row else None


class NoticeView(Struct, frozen=True):
    """A version of the privacy notice; `published_by` is the name of who did, "" when it came with the service."""

    version: int
    text_fi: str
    text_sv: str
    text_en: str
    published_at: datetime
    published_by: str

    @property
    def texts(self) -> dict[str, str]:
        """The text by language."""
        return {"fi": self.text_fi, "sv": self.text_sv, "en": self.text_en}


async def notices() -> list[NoticeView]:
    """Return all versions of the privacy notice, the one in force first."""
    rows = await database.fetch(
        "SELECT notice.version, text_fi, text_sv, text_en, published_at, coalesce(staff.name, '') AS published_by"
        " FROM notice LEFT JOIN staff ON staff.id = notice.published_by ORDER BY version DESC"
    )
    return [msgspec.convert(dict(row), NoticeView) for row in rows]

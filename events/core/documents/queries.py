"""Reads of documents: everyone sees their own."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.documents.tables import DocumentState


class DocumentView(Struct, frozen=True, kw_only=True):
    """A document as who asked for it sees it."""

    id: UUID
    kind: str
    subject_id: UUID
    title: str
    filename: str
    back: str
    state: DocumentState
    done: int
    total: int
    words: str
    stored: str
    media_type: str
    size: int
    asked_at: datetime
    expires_at: datetime

    @property
    def path(self) -> str:
        """The page that says how far it is."""
        return page_of(self.id)


def page_of(document_id: UUID) -> str:
    """Return the page that says how far a document is."""
    return f"/staff/documents/{document_id}"


_COLUMNS = ", ".join(DocumentView.__struct_fields__)
_OWN = f"SELECT {_COLUMNS} FROM document WHERE staff = $1 AND expires_at > $2"


async def own(document_id: UUID, staff: UUID | None, now: datetime) -> DocumentView | None:
    """Return a document that this member of staff asked for."""
    row = await database.fetchrow(f"{_OWN} AND id = $3", staff, now, document_id)
    return DocumentView(**{**row, "state": DocumentState(row["state"])}) if row else None


async def own_about(
    subject_kind: str, subject_id: UUID, staff: UUID | None, now: datetime, *, kinds: str
) -> list[DocumentView]:
    """Return the documents about a thing that this member of staff asked for, the latest first.

    `kinds` is what the names of the kinds begin with.
    """
    rows = await database.fetch(
        f"{_OWN} AND subject_kind = $3 AND subject_id = $4 AND starts_with(kind, $5)"
        " ORDER BY asked_at DESC, id LIMIT 20",
        *(staff, now, subject_kind, subject_id, kinds),
    )
    return [DocumentView(**{**row, "state": DocumentState(row["state"])}) for row in rows]


async def stored_files() -> set[str]:
    """Return the names of the files that documents have."""
    rows = await database.fetch("SELECT unnest(ARRAY[stored, given]) AS name FROM document")
    return {row["name"] for row in rows if row["name"]}

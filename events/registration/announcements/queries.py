"""Reads of announcements: those of an event with how far they are, and to whom one would go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct, structs

from events.core import database
from events.core.i18n import LANGUAGES, language
from events.messaging.ledger import first_occurrence
from events.messaging.letter import OwnWords, own_words
from events.registration.announcements.tables import AnnouncementState


class AnnouncementView(OwnWords, frozen=True, kw_only=True):
    """An announcement. `counts` are its messages by their state.

    Whoever answers one that is about no event writes to `contact_email`, the address of its author.
    """

    id: UUID
    event: UUID | None
    state: AnnouncementState
    chosen: str
    send_at: datetime
    people: int
    made_by: str
    contact_email: str = ""
    counts: Mapping[str, int]

    @property
    def subject(self) -> str:
        """The subject in the present language, or in another."""
        return self.text(language())[0]

    @property
    def open(self) -> int:
        """How many have not gone out yet."""
        return self.counts.get("queued", 0) + self.counts.get("sending", 0)

    @property
    def stage(self) -> str:
        """Where it stands: its state, or "sent" once nothing is left to go out."""
        return "sent" if self.state is AnnouncementState.SENDING and not self.open else self.state.value

    @property
    def done(self) -> int:
        """How many are settled, whatever became of them."""
        return sum(self.counts.values()) - self.open


class Audience(Struct, frozen=True):
    """To whom an announcement would go: addresses by language, those without one, and some names."""

    languages: Mapping[str, int]
    without: int
    sample: Sequence[str]

    @property
    def people(self) -> int:
        """How many mails that would be."""
        return sum(self.languages.values())


# Who gets a letter once more is still one: where the last sending stands counts.
_VIEW = f"""
SELECT announcement.*, coalesce(nullif(staff.name, ''), staff.email, '') AS author,
    coalesce(staff.email, '') AS contact_email,
    (SELECT coalesce(jsonb_object_agg(state, n), '{{}}') FROM (SELECT state, count(*) AS n FROM (
            SELECT DISTINCT ON (recipient, {first_occurrence("occurrence")}) state FROM message
            WHERE subject_kind = 'announcement' AND subject_id = announcement.id
            ORDER BY recipient, {first_occurrence("occurrence")}, created_at DESC) AS latest
        GROUP BY state) AS counted)::text AS counts
FROM announcement LEFT JOIN staff ON staff.id = made_by
"""


async def of_event(event: UUID) -> list[AnnouncementView]:
    """Return the announcements of an event, the newest first."""
    rows = await database.fetch(
        f"{_VIEW} WHERE event = $1 AND state <> 'test' ORDER BY made_at DESC, announcement.id", event
    )
    return [_view(row) for row in rows]


async def to_groups(author: UUID | None) -> list[AnnouncementView]:
    """Return what was written to groups, of one author or of all, the newest first."""
    rows = await database.fetch(
        f"{_VIEW} WHERE event IS NULL AND state <> 'test' AND ($1::uuid IS NULL OR made_by = $1)"
        f" ORDER BY made_at DESC, announcement.id LIMIT {SHOWN}",
        author,
    )
    return [_view(row) for row in rows]


async def to_group(identity: UUID, author: UUID | None) -> AnnouncementView | None:
    """Return one of those, of one author or of any."""
    row = await database.fetchrow(
        f"{_VIEW} WHERE announcement.id = $1 AND event IS NULL AND state <> 'test'"
        " AND ($2::uuid IS NULL OR made_by = $2)",
        *(identity, author),
    )
    return _view(row) if row else None


async def by_id(identity: UUID) -> AnnouncementView | None:
    """Return an announcement."""
    row = await database.fetchrow(f"{_VIEW} WHERE announcement.id = $1", identity)
    return _view(row) if row else None


async def to_write(identity: UUID) -> AnnouncementView | None:
    """Return an announcement without its counts: each of its ten thousand letters would count ten thousand messages."""
    row = await database.fetchrow(
        "SELECT announcement.*, '' AS author, coalesce(staff.email, '') AS contact_email, '{}' AS counts"
        " FROM announcement LEFT JOIN staff ON staff.id = made_by WHERE announcement.id = $1",
        identity,
    )
    return _view(row) if row else None


ADDRESSES = """
SELECT DISTINCT ON (person.email) person.email, registration.language, person.id AS person, registration.id,
    trim(person.given_name || ' ' || person.family_name) AS name, registration.number
FROM registration JOIN person ON person.id = registration.person
WHERE registration.id = ANY($1) AND person.email IS NOT NULL AND person.erased_at IS NULL
ORDER BY person.email, registration.state = 'confirmed' DESC, registration.number, registration.id
"""
"""One registration for each address among these: a mail goes to an address once."""

SAMPLE = 5
SHOWN = 30
"""Letters to groups on their page: each counts its messages."""


async def audience(registrations: Sequence[UUID]) -> Audience:
    """Say to whom an announcement to these registrations would go."""
    rows = await database.fetch(ADDRESSES, registrations)
    without = await database.fetchval(
        "SELECT count(*) FROM registration JOIN person ON person.id = registration.person"
        " WHERE registration.id = ANY($1) AND person.email IS NULL",
        registrations,
    )
    languages = {code: sum(row["language"] == code for row in rows) for code in LANGUAGES}
    return Audience({code: n for code, n in languages.items() if n}, without, [row["name"] for row in rows[:SAMPLE]])


def _view(row: asyncpg.Record) -> AnnouncementView:
    return AnnouncementView(
        **structs.asdict(own_words(row)),
        id=row["id"],
        event=row["event"],
        state=AnnouncementState(row["state"]),
        chosen=row["chosen"],
        send_at=row["send_at"],
        people=row["people"],
        made_by=row["author"],
        contact_email=row["contact_email"],
        counts=msgspec.json.decode(row["counts"]),
    )

"""Reports of meetings as tests send them."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from events.checkin.meetings.reading import Report, read_report
from events.core import database
from tests.factories import make_event, make_person, make_registration

SAMPLE = Path(__file__).parents[2] / "data" / "teams-attendance-en.csv"

STARTS, ENDS = datetime(2022, 12, 8, 7, 0, tzinfo=UTC), datetime(2022, 12, 8, 10, 0, tzinfo=UTC)
"""The sample's meeting: 9 to 12 in Finland."""

AFTER = datetime(2022, 12, 9, 7, 0, tzinfo=UTC)


def at(clock: str) -> datetime:
    """A moment of the sample's day by the clock in Finland."""
    parts = [int(part) for part in clock.split(":")]
    return datetime(2022, 12, 8, parts[0] - 2, *parts[1:], tzinfo=UTC)


def read(content: bytes | str, *, near: datetime = STARTS) -> Report:
    """Read a report as of an event in Finland."""
    return read_report(
        content.encode() if isinstance(content, str) else content, "r.csv", zone="Europe/Helsinki", near=near
    )


def teams(*rows: str) -> str:
    """A small Teams report: `name, first join, last leave, e-mail, role`, clock times of the sample's day."""
    lines = ["1. Summary", "Meeting title\tPaja", "", "2. Participants"]
    lines.append("Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole")
    for row in rows:
        name, join, leave, email, role = (part.strip() for part in row.split(","))
        lines.append(f"{name}\t2022-12-08 {join}\t2022-12-08 {leave}\t\t{email}\t{email}\t{role or 'Attendee'}")
    return "\n".join(lines)


async def meeting(**columns: object) -> UUID:
    """An event at the time of the sample, with a venue and an online site."""
    return await make_event(**{"starts_at": STARTS, "ends_at": ENDS, "online": True, **columns})


async def registered(event: UUID, name: str, email: str | None = None, **columns: object) -> UUID:
    """Someone who is registered under a name and address."""
    given, _space, family = name.rpartition(" ")
    return await make_registration(event, person=await make_person(given, family, email=email), **columns)


async def attended(registration: UUID) -> tuple[str, str, int | None]:
    """(state, source, minutes) of a registration."""
    row = await database.fetchrow("SELECT state, source, minutes FROM attendance WHERE registration = $1", registration)
    return tuple(row) if row else ("unknown", "", None)

"""Reads of surveys: the page behind a link, what the letter says, the results."""

import json
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import pick
from events.core.replica import snapshot
from events.core.secrets import digest
from events.surveys.rules import DEFAULT_SURVEY, SMALLEST_SHOWN, Result, result


class Invited(Struct, frozen=True, kw_only=True):
    """A survey as someone who was asked meets it."""

    invitation: UUID
    event: UUID
    has_answered: bool
    language: str
    closes_at: datetime | None
    slug: str
    title_fi: str
    title_sv: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    materials: str
    contact_name: str
    contact_email: str
    projects: list[str]

    @property
    def title(self) -> tuple[str, str]:
        """The event's title and its language."""
        return pick({"fi": self.title_fi, "sv": self.title_sv, "en": self.title_en})

    def closed(self, now: datetime) -> bool:
        """Whether no answers are taken any more."""
        return self.closes_at is not None and self.closes_at <= now


_INVITED = """
SELECT asked.id AS invitation, event.id AS event, asked.has_answered, registration.language, survey.closes_at,
    event.slug, event.title_fi, event.title_sv, event.title_en, event.starts_at, event.ends_at, event.zone,
    event.materials, event.contact_name, event.contact_email,
    ARRAY(SELECT project.code FROM event_project AS funded JOIN project ON project.id = funded.project
          WHERE funded.event = event.id) AS projects
FROM survey_invitation AS asked
JOIN survey ON survey.id = asked.survey
JOIN event ON event.id = survey.event
JOIN registration ON registration.id = asked.registration
"""


async def by_token(token: str) -> Invited | None:
    """Return the survey that a link opens."""
    row = await database.fetchrow(f"{_INVITED} WHERE asked.token_hash = $1", digest(token))
    return msgspec.convert(dict(row), Invited) if row else None


async def by_registration(registration: UUID) -> Invited | None:
    """Return the survey that the person of a registration was asked to answer."""
    row = await database.fetchrow(f"{_INVITED} WHERE asked.registration = $1", registration)
    return msgspec.convert(dict(row), Invited) if row else None


class Results(Struct, frozen=True):
    """The survey of an event summed up; `results` is empty below `rules.SMALLEST_SHOWN` answers.

    `asked` counts the invitations that left: one that waits, bounced or was given up asked nobody. One of which the
    ledger holds nothing any more left long ago.
    """

    attended: int
    asked: int
    answered: int
    closes_at: datetime | None
    results: tuple[Result, ...]

    @property
    def rate(self) -> float | None:
        """Answers per invitation that was sent, from 0 to 1; None when none was."""
        return min(1.0, self.answered / self.asked) if self.asked else None


_COUNTS = """
SELECT
    (SELECT count(*) FROM attendance JOIN registration ON registration.id = attendance.registration
     WHERE registration.event = $1 AND attendance.state = 'attended') AS attended,
    (SELECT count(*) FROM (
        SELECT bool_or(message.state = 'sent') AS sent FROM survey_invitation AS asked
        LEFT JOIN message ON message.reason = 'survey' AND message.subject_kind = 'registration'
            AND message.subject_id = asked.registration
        WHERE asked.survey = survey.id GROUP BY asked.id) AS invitation WHERE sent IS NOT false) AS asked,
    survey.id, survey.answered, survey.pool, survey.closes_at
FROM (SELECT $1::uuid AS event) AS wanted LEFT JOIN survey ON survey.event = wanted.event
"""


async def results(event_id: UUID) -> Results:
    """Sum up the answers of an event's survey; of an event without one, all is nought."""
    async with snapshot() as connection:
        row = await connection.fetchrow(_COUNTS, event_id)
        sealed = await connection.fetch("SELECT values FROM answer WHERE survey = $1", row["id"])
    answers = [*json.loads(row["pool"] or "[]"), *(json.loads(each["values"]) for each in sealed)]
    shown = DEFAULT_SURVEY if len(answers) >= SMALLEST_SHOWN else ()
    return Results(
        attended=row["attended"],
        asked=row["asked"],
        answered=len(answers),
        closes_at=row["closes_at"],
        results=tuple(result(question, answers) for question in shown),
    )

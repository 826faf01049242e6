"""A survey held for a change: locked, at the version that its page showed, with what it asks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.core import database
from events.core.actor import Actor
from events.core.errors import NotFound
from events.programme.actions import editable
from events.surveys import rules
from events.surveys.asked import Question
from events.surveys.building.writing import write_question
from events.surveys.queries import questions_of
from events.surveys.tables import SurveyKind


class Held(Struct, frozen=True, kw_only=True):
    """A survey that nobody else changes or answers until the transaction ends."""

    id: UUID
    event: UUID
    kind: SurveyKind
    named: bool
    answers: int
    sent: bool
    edited: bool
    link_open: bool
    link_generation: int
    questions: Sequence[Question]

    @property
    def has_template(self) -> bool:
        """Whether there is something that it asks where nobody has changed it."""
        return self.kind is not SurveyKind.OWN


ORIGIN = "md5($3::varchar)::uuid"
"""SQL: what the surveys of one template have in common in all events; $3 is their kind."""

_HOLD = """
SELECT id, event, kind, named, version, answered AS answers, link_generation, link_hash IS NOT NULL AS link_open
FROM survey WHERE event = $1 AND (CASE kind WHEN 'own' THEN id::text ELSE kind END) = $2 FOR UPDATE
"""


async def hold(event: UUID, which: str, version: int | None, actor: Actor, now: datetime) -> Held:
    """Lock an event and a survey of it for a change, and count the change; a survey of a template is made at need.

    Who answers waits, so that what is asked stays what was answered. Raises NotFound for whom may not edit the event,
    and Conflict ("changed") for another `version`; None asks for none.
    """
    await editable(event, actor, now)
    row = await database.fetchrow(_HOLD, event, which)
    if row is None and which in set(SurveyKind) - {SurveyKind.OWN}:
        await database.execute(
            f"INSERT INTO survey (id, event, kind, created_at, origin) VALUES ($1, $2, $3, $4, {ORIGIN})"
            " ON CONFLICT (event, kind) WHERE kind <> 'own' DO NOTHING",
            *(uuid4(), event, which, now),
        )
        row = await database.fetchrow(_HOLD, event, which)
    if row is None:
        raise NotFound
    if version is not None:
        rules.require_version(version, row["version"])
    await database.execute("UPDATE survey SET version = version + 1 WHERE id = $1", row["id"])
    more = await database.fetchrow(
        "SELECT EXISTS (SELECT FROM survey_invitation WHERE survey = $1) AS sent,"
        " EXISTS (SELECT FROM survey_question WHERE survey = $1) AS edited",
        row["id"],
    )
    kind = SurveyKind(row["kind"])
    columns = {name: value for name, value in dict(row).items() if name not in {"kind", "version"}}
    return Held(kind=kind, questions=await questions_of(row["id"], kind), **columns, **dict(more or {}))


async def write_out(held: Held) -> None:
    """Give a survey that asks what its template asks the questions of that for its own."""
    if not held.edited:
        for position, question in enumerate(held.questions):
            await write_question(held.id, position, question)


async def write_order(survey: UUID, codes: Sequence[str]) -> None:
    """Store the order of a survey's questions."""
    await database.execute(
        "UPDATE survey_question SET position = place.number - 1"
        " FROM unnest($2::text[]) WITH ORDINALITY AS place (code, number)"
        " WHERE survey = $1 AND survey_question.code = place.code",
        *(survey, list(codes)),
    )

"""Surveys of the events of a series: what is changed in one goes to the others that nobody has answered or changed.

An event is left alone as a whole where answers have come, where people were asked already what would be promised
otherwise, or where by hand something else stands in what is to be changed. Before anything is written it is said which
events those are: `carried` raises Asking until it is told of the very same ones.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.programme.counterparts.actions import Alike, Part, done_alike
from events.programme.counterparts.rules import Change
from events.programme.queries import EventView
from events.programme.series.queries import Scope
from events.surveys import rules
from events.surveys.building.holding import ORIGIN
from events.surveys.building.settling import MOST_OWN
from events.surveys.building.writing import write_question
from events.surveys.queries import questions_of
from events.surveys.tables import Survey, SurveyKind, SurveyQuestion

_PROMISED = ("named", "sending_chosen", "sends", "months", "days", "local_time", "audience", "remind_after", "open_for")
"""What people who were asked may rely on."""

_STANDING = """
SELECT survey.id, origin, kind, answered, link_hash IS NOT NULL
    OR EXISTS (SELECT FROM survey_invitation WHERE survey_invitation.survey = survey.id) AS begun,
    (SELECT count(*) FROM survey_question WHERE survey_question.survey = survey.id) AS questions
FROM survey WHERE event = $1 AND origin = ANY($2) ORDER BY survey.id FOR UPDATE OF survey
"""


class Asking(Exception):
    """Nothing is done yet: which events are changed, and which are left alone, is to be seen first."""

    def __init__(self, alike: Alike) -> None:
        super().__init__()
        self.alike = alike


async def _require_free(event: EventView, changes: Sequence[Change]) -> None:
    """Raise Conflict where an event goes on with its own survey: it was answered, or would have nothing to ask."""
    origins = list({change.key[0] for change in changes})
    for survey in await database.fetch(_STANDING, event.id, origins):
        if survey["answered"]:
            raise Conflict(_("Answers have come already."), code="answered")
        ours = [change for change in changes if change.key[0] == survey["origin"]]
        if survey["begun"] and any(_breaks_promise(change) for change in ours):
            raise Conflict(_("People have been asked already."), code="begun")
        asked = [change for change in ours if change.table == "survey_question"]
        gone = sum(change.new is None for change in asked)
        if gone and gone == len(asked) == survey["questions"] and survey["kind"] != SurveyKind.OWN:
            raise Conflict(_("It would not ask anything any more."), code="last")


def _breaks_promise(change: Change) -> bool:
    if change.table != "survey" or change.old is None:
        return False
    return change.new is None or any(change.new[name] != change.old[name] for name in _PROMISED)


async def _settle(event_id: UUID) -> None:
    """Raise Conflict where a condition would ask about what comes later, or there would be too much."""
    surveys = await database.fetch("SELECT id, kind FROM survey WHERE event = $1 ORDER BY created_at, id", event_id)
    if sum(survey["kind"] == SurveyKind.OWN for survey in surveys) > MOST_OWN:
        raise Conflict(_("An event has at most %(n)s surveys of its own.", n=MOST_OWN), code="too_many")
    for survey in surveys:
        questions = await questions_of(survey["id"], SurveyKind(survey["kind"]))
        rules.require_order(questions)
        if len(questions) > rules.MOST_QUESTIONS:
            raise Conflict(_("A survey asks at most %(n)s questions.", n=rules.MOST_QUESTIONS), code="too_many")


SURVEYS = Part((Survey, SurveyQuestion), check=_require_free, settle=_settle, spares=True)


@dataclass(slots=True)
class _WrittenOut:
    """What was written only so that it can be compared: surveys of a template, and its questions, by their survey."""

    which: str
    questions: bool
    now: datetime
    surveys: set[UUID] = field(default_factory=set)
    asking: set[UUID] = field(default_factory=set)

    async def ready(self, events: Sequence[EventView]) -> None:
        """Give each event the survey of the template, with its questions where those are changed."""
        if self.which not in set(SurveyKind) - {SurveyKind.OWN}:
            return
        kind, ids = SurveyKind(self.which), [event.id for event in events]
        for event_id in ids:
            made = await database.fetchval(
                f"INSERT INTO survey (id, event, kind, created_at, origin) VALUES ($1, $2, $3, $4, {ORIGIN})"
                " ON CONFLICT (event, kind) WHERE kind <> 'own' DO NOTHING RETURNING id",
                *(uuid4(), event_id, kind.value, self.now),
            )
            self.surveys |= {made} if made else set()
        if not self.questions:
            return
        unwritten = await database.fetch(
            "SELECT id FROM survey WHERE event = ANY($1) AND kind = $2"
            " AND NOT EXISTS (SELECT FROM survey_question WHERE survey = survey.id) ORDER BY id FOR UPDATE",
            *(ids, kind.value),
        )
        standing = await questions_of(None, kind) if unwritten else []
        for row in unwritten:
            self.asking.add(row["id"])
            for position, question in enumerate(standing):
                await write_question(row["id"], position, question)

    async def take_back(self, changed: Sequence[UUID]) -> None:
        """Leave events that were not changed as they were: their surveys go on with the template as it will be."""
        untouched = "id = ANY($1) AND event <> ALL($2)"
        await database.execute(
            f"DELETE FROM survey_question WHERE survey IN (SELECT id FROM survey WHERE {untouched})",
            *(list(self.asking), list(changed)),
        )
        await database.execute(f"DELETE FROM survey WHERE {untouched}", list(self.surveys), list(changed))


@asynccontextmanager
async def carried(
    event: EventView,
    which: str,
    scope: Scope,
    *,
    agreed: str | None,
    actor: Actor,
    now: datetime,
    questions: bool = False,
    sending: bool = False,
    again: bool = False,
) -> AsyncIterator[Alike]:
    """Carry what is done to a survey of an event within the block to the others of its series that `scope` means.

    `which` is as in addresses, "" for one that is to be made; `questions` says that what it asks changes, `sending`
    that when it is sent does, `again` that it goes back to its template. Raises Asking unless `agreed` is the digest of
    what comes of it (None: it need not be asked, unless an event is left alone), and as `done_alike`.
    """
    async with transaction():
        if scope == Scope.THIS:
            yield Alike()
            return
        written = _WrittenOut(which, questions, now)
        part = replace(SURVEYS, ready=written.ready, check=_require_unanswered if again else _require_free)
        row = await database.fetchval(
            "SELECT origin FROM survey WHERE event = $1 AND id::text = $2", event.id, which
        ) or await database.fetchval("SELECT md5($1::text)::uuid", which)
        async with done_alike(event.id, part, scope, actor=actor, now=now) as alike:
            yield alike
        changed = [other.id for other in alike.changed]
        await written.take_back([event.id, *changed])
        await database.execute(
            "UPDATE survey SET version = version + 1,"
            " sending_set_at = CASE WHEN $3 THEN $4::timestamptz ELSE sending_set_at END"
            " WHERE event = ANY($1) AND origin = $2",
            *(changed, row, sending, now),
        )
        if again:
            await _write_out_named(changed, which)
        if agreed != digest(alike) and (agreed is not None or alike.by_hand or alike.refused):
            raise Asking(alike)


def digest(alike: Alike) -> str:
    """Tell what a change comes to from any other outcome."""
    parts = (alike.changed, alike.by_hand, [event for event, _words in alike.refused])
    said = "|".join(",".join(sorted(str(event.id) for event in events)) for events in parts)
    return sha256(said.encode()).hexdigest()[:32]


async def _require_unanswered(event: EventView, changes: Sequence[Change]) -> None:
    """As `_require_free`, where going back to what the template asks is meant."""
    origins = list({change.key[0] for change in changes})
    for survey in await database.fetch(_STANDING, event.id, origins):
        if survey["answered"]:
            raise Conflict(_("Answers have come already."), code="answered")
        if survey["questions"] > sum(change.table == "survey_question" for change in changes):
            raise Conflict(_("It was changed by hand."), code="by_hand")


async def _write_out_named(events: Sequence[UUID], kind: str) -> None:
    """Give surveys by name questions of their own: answers are shown with the questions as they stood."""
    rows = await database.fetch(
        "SELECT id FROM survey WHERE event = ANY($1) AND kind = $2 AND named"
        " AND NOT EXISTS (SELECT FROM survey_question WHERE survey = survey.id)",
        *(events, kind),
    )
    for row in rows:
        for position, question in enumerate(await questions_of(None, SurveyKind(kind))):
            await write_question(row["id"], position, question)

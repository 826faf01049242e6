"""Taking an answer, and keeping answers apart from people (design.md §5.12).

Within the database nothing joins an answer to the person. The mark "has answered" is a bit in one value per survey: it
has no row, order or transaction of its own, as which came last would tell the latest answers by their label
(`groups.rules`). The answer waits sealed (`waiting`) until results count it, with four others at least (`lots`); then
it lies in one value per survey that is shuffled and rewritten as a whole, later in a row of a shuffled batch. So who
reads the database, be it after every single answer, reads five new ones or none. As the ledger tells who was reminded,
labels begin anew with a reminder.

What this cannot hide: that all of five people said the same; what somebody sees who holds the secret key as well and
reads the database before and after an answer; and what somebody said among others who are made up or in league.
"""

import json
import secrets as random
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog

from events.core import database, secrets
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.core.marks import has_mark, with_mark
from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening
from events.surveys import rules
from events.surveys.asked import Values
from events.surveys.groups.actions import is_told, label
from events.surveys.lots import released
from events.surveys.queries import questions_of
from events.surveys.reading import checked
from events.surveys.tables import SurveyKind
from events.surveys.waiting import OtherKey, opened, sealed

_log = structlog.get_logger("events.surveys")
_RANDOM = random.SystemRandom()


async def submit(token: str, values: Mapping[str, object], now: datetime) -> None:
    """Take an answer by the link of an invitation or by a survey's open link; `values` by the questions' codes.

    Raises NotFound, Invalid, or Conflict with code "already_answered" or "closed"; OtherKey where it cannot be kept
    with those that wait. The survey is locked first: what it asks cannot change while an answer to it is taken.
    """
    token_hash = secrets.digest(token)
    async with database.transaction():
        survey = await database.fetchrow(_BY_LINK, token_hash) or await database.fetchrow(_BY_OPEN_LINK, token_hash)
        if survey is None:
            raise NotFound
        rules.require_open(survey["closes_at"], now)
        answer = checked(values, await questions_of(survey["id"], SurveyKind(survey["kind"])))
        cell = await _mark(survey["id"], token_hash, named=survey["named"])
        if survey["named"]:
            await _keep_by_name(survey["id"], survey["registration"], answer, now)
        else:
            await _let_wait(survey["id"], {**answer, **await label(survey["id"], cell)})


_BY_LINK = """
SELECT survey.id, survey.kind, survey.named, survey.closes_at, asked.registration
FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey
WHERE asked.token_hash = $1 FOR UPDATE OF survey
"""

_IS_KNOWN = """
SELECT person.erased_at IS NULL FROM registration JOIN person ON person.id = registration.person
WHERE registration.id = $1 FOR SHARE
"""

_BY_OPEN_LINK = """
SELECT survey.id, survey.kind, survey.named, survey.link_closes_at AS closes_at, NULL::uuid AS registration
FROM survey JOIN event ON event.id = survey.event
WHERE survey.link_hash = $1 AND NOT survey.named AND event.state = 'published' FOR UPDATE OF survey
"""


async def _mark(survey: UUID, token_hash: bytes, *, named: bool) -> int | None:
    """Count an answer, and mark that an invitation has answered; returns its cell. Raises Conflict for a second one.

    It is read here, not with the survey: cells may have been made anew while this waited for the lock.
    """
    row: Any = await database.fetchrow(
        "SELECT marks, place, cell FROM survey LEFT JOIN survey_invitation AS asked"
        " ON asked.survey = survey.id AND asked.token_hash = $2 WHERE survey.id = $1",
        *(survey, token_hash),
    )
    marks, place, cell = row
    if place is not None and has_mark(marks, place):
        words = (
            _("An answer has been given by this link already.")
            if named
            else _("An answer has been given by this link already. As answers are anonymous, it cannot be changed.")
        )
        raise Conflict(words, code="already_answered")
    await database.execute(
        "UPDATE survey SET marks = $2, answered = answered + 1, open_answered = open_answered + $3 WHERE id = $1",
        *(survey, marks if place is None else with_mark(marks, place), int(place is None)),
    )
    return None if cell is None else int(cell)


async def _keep_by_name(survey: UUID, registration: UUID, answer: Values, now: datetime) -> None:
    """Keep an answer with a registration, held so that no erasure misses it; raises NotFound for who was erased."""
    if not await database.fetchval(_IS_KNOWN, registration):
        raise NotFound
    await database.execute(
        "INSERT INTO named_answer (id, survey, registration, values, answered_at) VALUES ($1, $2, $3, $4, $5)",
        *(uuid4(), survey, registration, json.dumps(answer), now),
    )


async def _let_wait(survey: UUID, answer: Values) -> None:
    row: Any = await database.fetchrow("SELECT pool, waiting, waits, answered FROM survey WHERE id = $1", survey)
    waiting = [*(opened(survey, row["waiting"]) if row["waits"] else ()), answer]
    begun = row["answered"] > len(waiting)
    _RANDOM.shuffle(waiting)
    shown, waiting = released(waiting, begun=begun, told=not begun and await is_told(survey))
    pool = [*json.loads(row["pool"]), *shown]
    _RANDOM.shuffle(pool)
    await database.execute(
        "UPDATE survey SET pool = $2, waiting = $3, waits = $4 WHERE id = $1",
        *(survey, json.dumps(pool) if shown else row["pool"], sealed(survey, waiting), len(waiting)),
    )


async def seal(now: datetime) -> int:
    """Move answers out of pools that are large or whose survey has closed; returns how many moved.

    A random part moves, as rows in random order that share one transaction with nothing else; as long as the survey is
    open, at least `rules.POOL_KEEPS` stay, and what is not shown yet; once it has closed, all moves but fewer than five
    that would be told by what they add to the results. So neither rows nor transactions tell when an answer was given.
    """
    closed_by = now - rules.LATE_ANSWERS
    surveys = await database.fetch(
        "SELECT id FROM survey WHERE jsonb_array_length(pool) > $2"
        f" OR ({rules.CLOSED} AND (jsonb_array_length(pool) > 0 OR waits >= $3))",
        *(closed_by, rules.POOL_FULL, rules.SMALLEST_SHOWN),
    )
    moved = 0
    for row in surveys:
        try:
            moved += await _seal_one(row["id"], closed_by)
        except OtherKey as error:  # those of one survey must not hold up all others
            _log.error("answers not sealed", survey_id=str(row["id"]), error=error.code)
    return moved


async def tell(now: datetime) -> int:
    """Let other systems know of new answers, of `rules.SMALLEST_SHOWN` or more at a time; returns of how many surveys.

    Apart from any answer: whoever hears of one as it comes could tell by the results before and after what it says.
    """
    async with database.transaction() as connection:
        rows = await connection.fetch(
            "UPDATE survey SET told = answered WHERE answered >= told + $1 RETURNING event, answered",
            rules.SMALLEST_SHOWN,
        )
        for row in rows:
            await webhooks.add(Happening.SURVEY_ANSWERED, row["event"], now=now, answers=row["answered"])
    return len(rows)


async def _seal_one(survey: UUID, closed_by: datetime) -> int:
    async with database.transaction() as connection:
        row = await connection.fetchrow(
            f"SELECT pool, waiting, waits, answered, {rules.CLOSED} AS closed FROM survey WHERE id = $2 FOR UPDATE",
            closed_by,
            survey,
        )
        pool, waiting = json.loads(row["pool"]), opened(survey, row["waiting"]) if row["waits"] else []
        if row["closed"]:
            shown, waiting = released(waiting, begun=row["answered"] > len(waiting), closed=True)
            pool += shown
        elif len(pool) <= rules.POOL_FULL:
            return 0
        _RANDOM.shuffle(pool)
        keep = 0 if row["closed"] else _RANDOM.randint(rules.POOL_KEEPS, rules.POOL_FULL)
        kept, moved = pool[:keep], pool[keep:]
        await connection.executemany(
            "INSERT INTO answer (id, survey, values) VALUES ($1, $2, $3)",
            [(uuid4(), survey, json.dumps(answer)) for answer in moved],
        )
        await connection.execute(
            "UPDATE survey SET pool = $2, waiting = $3, waits = $4 WHERE id = $1",
            *(survey, json.dumps(kept), sealed(survey, waiting), len(waiting)),
        )
    return len(moved)

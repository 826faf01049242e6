"""Taking an answer, and keeping answers apart from people (design.md §5.12).

Within the database nothing joins an answer to the person: the mark "has answered" carries no time and no answer, and
the answer goes into one value per survey that is shuffled and rewritten as a whole, so that its row, order and
transaction stand for all answers in it. All marks of a survey are written anew with each, in random order: which came
last would tell the latest answers, whether by a label (`groups.rules`) or by not being shown yet. As the ledger tells
who was reminded, labels begin anew with a reminder. What this cannot hide: that all of three people gave one of three
answers (such results are not shown), and what someone sees who reads the database's files before and after an answer.
"""

import json
import secrets as random
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from events.core import database, secrets
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening
from events.surveys import rules
from events.surveys.asked import Values
from events.surveys.groups.actions import label
from events.surveys.queries import questions_of
from events.surveys.reading import checked
from events.surveys.tables import SurveyKind

_RANDOM = random.SystemRandom()


async def submit(token: str, values: Mapping[str, object], now: datetime) -> None:
    """Take an answer by the link of an invitation or by a survey's open link; `values` by the questions' codes.

    Raises NotFound, Invalid, or Conflict with code "already_answered" or "closed". The survey is locked first: what it
    asks cannot change while an answer to it is taken.
    """
    token_hash = secrets.digest(token)
    async with database.transaction():
        survey = await database.fetchrow(_BY_LINK, token_hash) or await database.fetchrow(_BY_OPEN_LINK, token_hash)
        if survey is None:
            raise NotFound
        rules.require_open(survey["closes_at"], now)
        answer = checked(values, await questions_of(survey["id"], SurveyKind(survey["kind"])))
        cell = await _mark(survey["id"], token_hash, named=survey["named"]) if survey["registration"] else None
        if survey["named"]:
            await _keep_by_name(survey["id"], survey["registration"], answer, now)
        else:
            await _into_the_pool(survey["id"], {**answer, **await label(survey["id"], cell)})
        await database.execute(
            "UPDATE survey SET answered = answered + 1, open_answered = open_answered + $2 WHERE id = $1",
            *(survey["id"], int(survey["registration"] is None)),
        )


_BY_LINK = """
SELECT survey.id, survey.kind, survey.named, survey.closes_at, asked.registration
FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey
WHERE asked.token_hash = $1 FOR UPDATE OF survey
"""

_BY_OPEN_LINK = """
SELECT survey.id, survey.kind, survey.named, survey.link_closes_at AS closes_at, NULL::uuid AS registration
FROM survey JOIN event ON event.id = survey.event
WHERE survey.link_hash = $1 AND NOT survey.named AND event.state = 'published' FOR UPDATE OF survey
"""


_MARK = "UPDATE survey_invitation SET has_answered = true WHERE id = $1"


async def _mark(survey: UUID, token_hash: bytes, *, named: bool) -> int | None:
    """Mark that an invitation has answered, those before it anew; returns its cell. Raises Conflict for a second one.

    It is read here, not with the survey: cells may have been made anew while this waited for the lock.
    """
    rows = await database.fetch(
        "SELECT id, cell, has_answered, token_hash = $2 AS this FROM survey_invitation"
        " WHERE survey = $1 AND (has_answered OR token_hash = $2)",
        *(survey, token_hash),
    )
    this = next(row for row in rows if row["this"])
    if this["has_answered"]:
        words = (
            _("An answer has been given by this link already.")
            if named
            else _("An answer has been given by this link already. As answers are anonymous, it cannot be changed.")
        )
        raise Conflict(words, code="already_answered")
    marked = [row["id"] for row in rows if row["this"] or not named]
    _RANDOM.shuffle(marked)
    async with database.transaction() as connection:
        await connection.executemany(_MARK, [(each,) for each in marked])
    return None if this["cell"] is None else int(this["cell"])


async def _keep_by_name(survey: UUID, registration: UUID, answer: Values, now: datetime) -> None:
    await database.execute(
        "INSERT INTO named_answer (id, survey, registration, values, answered_at) VALUES ($1, $2, $3, $4, $5)",
        *(uuid4(), survey, registration, json.dumps(answer), now),
    )


async def _into_the_pool(survey: UUID, answer: Values) -> None:
    row: Any = await database.fetchrow("SELECT pool, unshown, answered, reminded FROM survey WHERE id = $1", survey)
    pool, waiting = json.loads(row["pool"]), json.loads(row["unshown"])
    shown = row["answered"] - len(waiting)
    waiting.append(answer)
    _RANDOM.shuffle(waiting)
    move = rules.released(shown, len(waiting), reminded=row["reminded"])
    pool += waiting[:move]
    _RANDOM.shuffle(pool)
    await database.execute(
        "UPDATE survey SET pool = $2, unshown = $3 WHERE id = $1", survey, json.dumps(pool), json.dumps(waiting[move:])
    )


_CLOSED = """(
    (closes_at <= $1 OR (closes_at IS NULL
        AND NOT EXISTS (SELECT FROM survey_invitation AS asked WHERE asked.survey = survey.id)))
    AND (link_hash IS NULL OR link_closes_at <= $1))
"""
"""SQL: whether neither an invitation nor the open link of a survey takes answers any more."""


async def seal(now: datetime) -> int:
    """Move answers out of pools that are large or whose survey has closed; returns how many moved.

    A random part moves, as rows in random order that share one transaction with nothing else; as long as the survey is
    open, at least `rules.POOL_KEEPS` stay, and what is not shown yet; once it has closed, all moves but fewer than five
    that would be told by what they add to the results. So neither rows nor transactions tell when an answer was given.
    """
    closed_by = now - rules.LATE_ANSWERS
    surveys = await database.fetch(
        "SELECT id FROM survey WHERE jsonb_array_length(pool) > $2"
        f" OR ({_CLOSED} AND (jsonb_array_length(pool) > 0 OR jsonb_array_length(unshown) >= $3))",
        *(closed_by, rules.POOL_FULL, rules.SMALLEST_SHOWN),
    )
    return sum([await _seal_one(row["id"], closed_by) for row in surveys])


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
            f"SELECT pool, unshown, answered, {_CLOSED} AS closed FROM survey WHERE id = $2 FOR UPDATE",
            closed_by,
            survey,
        )
        pool, waiting = json.loads(row["pool"]), json.loads(row["unshown"])
        if row["closed"]:
            move = rules.released(row["answered"] - len(waiting), len(waiting), closed=True)
            pool, waiting = [*pool, *waiting[:move]], waiting[move:]
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
            "UPDATE survey SET pool = $2, unshown = $3 WHERE id = $1", survey, json.dumps(kept), json.dumps(waiting)
        )
    return len(moved)

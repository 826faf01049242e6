"""Putting the people whom a survey asks into cells, and labelling an answer by its cell."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.core import database
from events.surveys.asked import CELL
from events.surveys.groups.rules import OUTSIDE, By, cells, fitting, gets_label
from events.surveys.lots import without_label
from events.surveys.rules import HAS_ANSWERED, TELLS_NOBODY, UNTOLD
from events.surveys.waiting import opened, sealed

_ASKED = """
SELECT asked.id, asked.cell, registration.site::text AS site, registration.language,
    coalesce(municipality.region, '') AS region
FROM survey_invitation AS asked
JOIN registration ON registration.id = asked.registration
LEFT JOIN municipality ON municipality.code = registration.municipality
WHERE asked.survey = $1 AND asked.cell IS DISTINCT FROM $2 ORDER BY asked.id
"""

_PUT = """
UPDATE survey_invitation AS asked SET cell = put.cell FROM unnest($1::uuid[], $2::smallint[]) AS put (id, cell)
WHERE asked.id = put.id AND asked.cell IS DISTINCT FROM put.cell
"""


async def lock(events: Sequence[UUID]) -> list[UUID]:
    """Lock the surveys of events before anybody is asked, in one order: two at once would wait for each other."""
    rows = await database.fetch("SELECT id FROM survey WHERE event = ANY($1) ORDER BY id FOR UPDATE", events)
    return [row["id"] for row in rows]


async def put_into_cells(events: Sequence[UUID]) -> None:
    """Put whom the anonymous surveys of events ask into cells; in the transaction in which they are asked.

    Cells are made anew as long as no answer has a label; who is asked after that comes into one that is there.
    """
    surveys = await database.fetch(
        "SELECT id FROM survey WHERE event = ANY($1) AND NOT named AND EXISTS (SELECT FROM survey_invitation AS asked"
        " WHERE asked.survey = survey.id AND asked.cell IS NULL)",
        events,
    )
    for survey in surveys:
        await _put(survey["id"])


async def _put(survey: UUID) -> None:
    row: Any = await database.fetchrow("SELECT cells, labelled FROM survey WHERE id = $1", survey)
    asked = await database.fetch(_ASKED, survey, OUTSIDE)
    people = [{by.value: each[by.value] for by in By} for each in asked]
    if row["labelled"]:
        known = json.loads(row["cells"])
        places = [
            fitting(person, known) if each["cell"] is None else each["cell"]
            for each, person in zip(asked, people, strict=True)
        ]
    else:
        given = cells(people)
        known = [dict(key) for key in sorted({tuple(sorted(cell.items())) for cell in given if cell})]
        places = [known.index(dict(cell)) if cell else None for cell in given]
        await database.execute("UPDATE survey SET cells = $2 WHERE id = $1", survey, json.dumps(known))
    await database.execute(_PUT, [each["id"] for each in asked], places)


async def begin_anew(surveys: Sequence[UUID]) -> None:
    """Count anew whose answers get labels, where the ledger is to tell who has answered by now; surveys are locked.

    Those that wait lose theirs: an answer that comes now hides among all of them. Raises OtherKey.
    """
    rows = await database.fetch(
        f"SELECT id, waiting, waits FROM survey WHERE id = ANY($1) AND NOT named AND NOT {TELLS_NOBODY}", surveys
    )
    await database.execute(
        "UPDATE survey_invitation AS asked SET cell = $2 FROM survey WHERE survey.id = asked.survey"
        f" AND survey.id = ANY($1) AND {HAS_ANSWERED} AND asked.cell IS DISTINCT FROM $2",
        *([row["id"] for row in rows], OUTSIDE),
    )
    for row in rows:
        waiting = without_label(opened(row["id"], row["waiting"])) if row["waits"] else []
        await database.execute("UPDATE survey SET waiting = $2 WHERE id = $1", row["id"], sealed(row["id"], waiting))


async def is_told(survey: UUID) -> bool:
    """Say whether the ledger tells of some that they had answered before others: somebody was reminded since."""
    told: bool = await database.fetchval(
        "SELECT EXISTS (SELECT FROM survey_invitation WHERE survey = $1 AND cell = $2)", survey, OUTSIDE
    )
    return told


async def label(survey: UUID, cell: int | None) -> dict[str, str]:
    """Return what an answer says of its cell, nothing where it must not; the survey is locked, its person marked."""
    if cell is None:
        return {}
    answered = await database.fetchval(
        "SELECT count(*) FROM (SELECT FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey"
        f" WHERE asked.survey = $1 AND asked.cell = $2 AND {HAS_ANSWERED} LIMIT {UNTOLD + 1}) AS those",
        *(survey, cell),
    )
    if not gets_label(answered):
        return {}
    await database.execute("UPDATE survey SET labelled = labelled + 1 WHERE id = $1", survey)
    return {CELL: str(cell)}

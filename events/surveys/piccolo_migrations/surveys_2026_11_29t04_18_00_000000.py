import json

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.constraints import Unique

from events.core import database
from events.core.marks import with_mark
from events.surveys.waiting import sealed

ID = "2026-11-29T04:18:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "who has answered is told by bits of the survey, and answers wait sealed"

_NUMBER = """
UPDATE survey_invitation AS asked SET place = numbered.place
FROM (SELECT id, row_number() OVER (PARTITION BY survey ORDER BY id) - 1 AS place FROM survey_invitation) AS numbered
WHERE numbered.id = asked.id
"""

_MARKED = "SELECT survey, array_agg(place) AS places FROM survey_invitation WHERE has_answered GROUP BY survey"


async def _take_over() -> None:
    await database.execute(_NUMBER)
    for row in await database.fetch(_MARKED):
        marks = b""
        for place in row["places"]:
            marks = with_mark(marks, place)
        await database.execute("UPDATE survey SET marks = $2 WHERE id = $1", row["survey"], marks)
    for row in await database.fetch("SELECT id, unshown FROM survey WHERE jsonb_array_length(unshown) > 0"):
        waiting = json.loads(row["unshown"])
        await database.execute(
            "UPDATE survey SET waiting = $2, waits = $3 WHERE id = $1",
            *(row["id"], sealed(row["id"], waiting), len(waiting)),
        )


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="surveys", description=DESCRIPTION)

    manager.add_raw(_take_over)

    manager.drop_column(
        table_class_name="Survey",
        tablename="survey",
        column_name="unshown",
        db_column_name="unshown",
        schema=None,
    )

    manager.drop_column(
        table_class_name="SurveyInvitation",
        tablename="survey_invitation",
        column_name="has_answered",
        db_column_name="has_answered",
        schema=None,
    )

    manager.add_constraint(
        table_class_name="SurveyInvitation",
        tablename="survey_invitation",
        constraint_name="survey_invitation_place",
        constraint_class=Unique,
        params={"columns": ["survey", "place"], "nulls_distinct": True},
        schema=None,
    )

    return manager

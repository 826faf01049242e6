"""The questions of an event at a copy of it."""

from uuid import UUID

from events.core import database
from events.core.database import transaction

_COPY = """
INSERT INTO question (id, event, position, code, kind, required, health, kitchen, label_fi, label_sv, label_en,
    help_fi, help_sv, help_en, shown_if)
SELECT gen_random_uuid(), $2, position, code, kind, required, health, kitchen, label_fi, label_sv, label_en,
    help_fi, help_sv, help_en, shown_if
FROM question WHERE event = $1
"""

_COPY_SITES = """
INSERT INTO question_site (id, question, site)
SELECT gen_random_uuid(), copy.id, there.id
FROM question_site JOIN question ON question.id = question_site.question AND question.event = $1
JOIN question AS copy ON copy.event = $2 AND copy.code = question.code
JOIN site AS here ON here.id = question_site.site
JOIN site AS there ON there.event = $2 AND there.position = here.position
"""

_COPY_OPTIONS = """
INSERT INTO question_option (id, question, position, code, label_fi, label_sv, label_en, capacity)
SELECT gen_random_uuid(), there.id, question_option.position, question_option.code, question_option.label_fi,
    question_option.label_sv, question_option.label_en, capacity
FROM question_option JOIN question AS here ON here.id = question_option.question AND here.event = $1
JOIN question AS there ON there.event = $2 AND there.code = here.code
"""


async def copy_questions(from_event: UUID, to_event: UUID) -> None:
    """Ask at one event what another asks; sites are matched by their position. Answers stay behind."""
    async with transaction():
        await database.execute(_COPY, from_event, to_event)
        for statement in (_COPY_SITES, _COPY_OPTIONS):
            await database.execute(statement, from_event, to_event)

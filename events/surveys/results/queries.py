"""The results of a survey: who was asked, how many answered, and what."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from events.core import database
from events.core.replica import snapshot
from events.messaging.ledger import first_occurrence
from events.surveys.asked import in_words
from events.surveys.queries import SurveyView, questions_of, survey_of
from events.surveys.results.rules import Result, result
from events.surveys.rules import SMALLEST_SHOWN
from events.surveys.sending.actions import OCCURRENCE
from events.surveys.tables import Audience, QuestionKind, SurveyKind


class Results(Struct, frozen=True):
    """A survey summed up; `results` is empty below `rules.SMALLEST_SHOWN` answers.

    Of the answers so many are `unshown`: they are counted, and not summed up before others have come or the survey has
    closed (`lots.released`).

    `asked` counts the invitations that left: one that waits, bounced or was given up asked nobody. One of which the
    ledger holds nothing any more left long ago. `by_link` are those of the answers that came by the open link. None is
    a number that is kept from the reader.
    """

    attended: int | None
    asked: int | None
    answered: int | None
    by_link: int | None
    closes_at: datetime | None
    results: tuple[Result, ...]
    to_attended: bool = True
    unshown: int = 0

    @property
    def rate(self) -> float | None:
        """Answers per invitation that was sent, from 0 to 1; None when none was."""
        return self._of(self.asked)

    @property
    def rate_of_attended(self) -> float | None:
        """Answers per person who attended, from 0 to 1; None when nobody did, or others were asked."""
        return self._of(self.attended) if self.to_attended else None

    def _of(self, number: int | None) -> float | None:
        if not number or self.answered is None or self.by_link is None:
            return None
        return min(1.0, (self.answered - self.by_link) / number)


def without_persons(summed: Results) -> Results:
    """Return what somebody gets who may not see who took part: the answers that are shown, from five on.

    How many attended an event, or were asked for it, is what reports hide from them where it is a small group.
    """
    shown = (summed.answered or 0) - summed.unshown
    answered = shown if shown >= SMALLEST_SHOWN or summed.answered == 0 else None
    return replace(summed, attended=None, asked=None, answered=answered, by_link=None, unshown=0)


_COUNTS = f"""
SELECT
    (SELECT count(*) FROM attendance JOIN registration ON registration.id = attendance.registration
     WHERE registration.event = $1 AND attendance.state = 'attended') AS attended,
    (SELECT count(*) FROM (
        SELECT bool_or(message.state = 'sent') AS sent FROM survey_invitation AS asked
        LEFT JOIN message ON message.reason = 'survey' AND message.subject_kind = 'registration'
            AND message.subject_id = asked.registration
            AND {first_occurrence("message.occurrence")} = {OCCURRENCE}
        WHERE asked.survey = survey.id GROUP BY asked.id) AS invitation WHERE sent IS NOT false) AS asked,
    survey.pool, survey.waits, survey.open_answered, survey.closes_at,
    coalesce(survey.audience, 'attended') AS audience
FROM (SELECT $2::uuid AS id) AS wanted LEFT JOIN survey ON survey.id = wanted.id
"""

_VALUES = "SELECT values FROM answer WHERE survey = $1 UNION ALL SELECT values FROM named_answer WHERE survey = $1"


async def results(event_id: UUID, survey: SurveyView | None = None) -> Results:
    """Sum up the answers of a survey, by default of the event's feedback; of one never sent all is nought."""
    survey = survey or await survey_of(event_id, SurveyKind.FEEDBACK)
    identity, kind = (survey.id, survey.kind) if survey else (None, SurveyKind.FEEDBACK)
    questions = await questions_of(identity, kind)
    async with snapshot() as connection:
        row: Any = await connection.fetchrow(_COUNTS, event_id, identity)
        given = await connection.fetch(_VALUES, identity)
    answers = [*json.loads(row["pool"] or "[]"), *(json.loads(each["values"]) for each in given)]
    shown = questions if len(answers) >= SMALLEST_SHOWN else []
    return Results(
        attended=row["attended"],
        asked=row["asked"],
        answered=len(answers) + (row["waits"] or 0),
        by_link=row["open_answered"] or 0,
        closes_at=row["closes_at"],
        results=tuple(result(each, answers) for each in shown if each.kind is not QuestionKind.SECTION),
        to_attended=row["audience"] == Audience.ATTENDED,
        unshown=row["waits"] or 0,
    )


_BY_NAME = """
SELECT concat_ws(' ', person.given_name, nullif(person.family_name, '')) AS name, values
FROM named_answer JOIN registration ON registration.id = named_answer.registration
JOIN person ON person.id = registration.person
WHERE named_answer.survey = $1 ORDER BY person.family_name, person.given_name, named_answer.id
"""


async def by_name(survey: SurveyView) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return who answered what to a survey that keeps names: the name, then question and answer in words."""
    if not survey.named:
        return []
    questions = await questions_of(survey.id, survey.kind)
    found = []
    for row in await database.fetch(_BY_NAME, survey.id):
        values = json.loads(row["values"])
        said = [(each.label[0], in_words(each, values[each.code])) for each in questions if each.code in values]
        found.append((row["name"], said))
    return found

"""When a survey goes out, to whom, and when it reminds, as SQL."""

from datetime import time, timedelta

from msgspec import Struct

from events.programme.reminders.rules import moment_sql
from events.surveys.tables import Audience, SurveyKind

INVITE_FOR = timedelta(days=14)
"""So long after its time a survey still goes out: attendance is marked late, the worker was down."""

KNOWN_FOR = timedelta(days=2)
"""Who was asked later than that before the reminder is left in peace."""

MOST_MONTHS, MOST_DAYS, LONGEST_OPEN = 12, 60, 120
"""The furthest that a survey may be sent after its event, and the longest that it may be open, in days."""

_REACH_BACK = "interval '20 months'"
"""Events that began before that send nothing any more: the furthest survey, late marks and a long event included."""


class Sending(Struct, frozen=True, kw_only=True):
    """When a survey goes out after the end of its event, to whom, and for how long.

    `sends` does not count for feedback, which the event itself switches on; `remind_after` 0 is no reminder.
    """

    sends: bool = False
    months: int = 0
    days: int = 0
    local_time: time = time(9)
    audience: Audience = Audience.ATTENDED
    remind_after: int = 0
    open_for: int = 28


USUAL = {
    SurveyKind.FEEDBACK: Sending(sends=True, days=1),
    SurveyKind.IMPACT_3: Sending(months=3, remind_after=7),
    SurveyKind.IMPACT_6: Sending(months=6, remind_after=7),
    SurveyKind.OWN: Sending(days=1),
}
"""How surveys are sent where nobody has chosen; months later nobody is written to unless somebody wants it."""

_NAMES = ("months", "days", "local_time", "audience", "remind_after", "open_for")


def _usual() -> str:
    rows = [
        f"('{kind}', {sending.months}, {sending.days}, time '{sending.local_time}', '{sending.audience}',"
        f" {sending.remind_after}, {sending.open_for})"
        for kind, sending in USUAL.items()
    ]
    return f"(VALUES {', '.join(rows)}) AS usual (kind, {', '.join(_NAMES)})"


def _chosen() -> str:
    choice = "CASE WHEN survey.sending_chosen THEN survey.{0} ELSE usual.{0} END AS {0}"
    return ", ".join(choice.format(name) for name in _NAMES)


def closes_sql(begins: str, days: str, zone: str) -> str:
    """Return SQL of when a survey closes that begins then: so many days later at the same time of the day there."""
    return f"({begins} AT TIME ZONE {zone} + make_interval(days => {days})) AT TIME ZONE {zone}"


_LATER = "(event.ends_at AT TIME ZONE event.zone + make_interval(months => rule.months)) AT TIME ZONE event.zone"
"""SQL: the event's end, months later; in a month that has no such day on its last one."""

_RULE = f"""
CROSS JOIN LATERAL (SELECT {_chosen()}, 0 AS minutes,
    CASE WHEN usual.kind = 'feedback' THEN event.survey_enabled ELSE coalesce(survey.sends, false) END AS active,
    greatest(to_timestamp(0), event.published_at, survey.sending_set_at) AS since OFFSET 0) AS rule
CROSS JOIN LATERAL (SELECT {_LATER} AS later OFFSET 0) AS anchored
CROSS JOIN LATERAL (SELECT {moment_sql("later", "rule", "event.zone")} AS due_at OFFSET 0) AS dated
CROSS JOIN LATERAL (SELECT coalesce(survey.asked_at, CASE WHEN since <= due_at THEN due_at
    WHEN survey.released_at >= since THEN survey.released_at END) AS begins_at OFFSET 0) AS begun
CROSS JOIN LATERAL (SELECT rule.remind_after AS days, 0 AS minutes, rule.local_time) AS again
CROSS JOIN LATERAL (SELECT
    coalesce(survey.closes_at, {closes_sql("begins_at", "rule.open_for", "event.zone")}) AS closes_at,
    CASE WHEN rule.remind_after > 0 THEN {moment_sql("begins_at", "again", "event.zone")} END AS remind_at
    OFFSET 0) AS lasting
"""


_ASKS_SOMETHING = """EXISTS (SELECT FROM survey_question AS question
    WHERE question.survey = survey.id AND question.kind <> 'section')"""


def sent_sql(events: str, *, empty: bool = False) -> str:
    """Return SQL of the surveys of the events that the condition `events` means, with what sends them.

    Rows: event, survey (null where nobody has changed or sent it), kind, months … open_for as in `Sending`, `active`;
    due_at, when it should go out; begins_at, when it does – null when that had passed before somebody wanted it so:
    then it asks; until, closes_at; remind_at, null without a reminder; since, asked, reminded. Surveys of an event's
    own that ask nothing yet are among them only with `empty`.
    """
    own = "survey.id IS NOT NULL" if empty else _ASKS_SOMETHING
    return f"""
SELECT event.id AS event, survey.id AS survey, usual.kind, {", ".join(f"rule.{name}" for name in _NAMES)}, rule.active,
    due_at, begins_at, least(begins_at + interval '{INVITE_FOR.days} days', lasting.closes_at) AS until,
    lasting.closes_at, remind_at, since, survey.asked_at IS NOT NULL AS asked,
    coalesce(survey.reminded, false) AS reminded
FROM event CROSS JOIN {_usual()} LEFT JOIN survey ON survey.event = event.id AND survey.kind = usual.kind {_RULE}
WHERE (usual.kind <> 'own' OR {own}) AND {events}
"""


MEANT = """
(CASE rule.audience
    WHEN 'all' THEN registration.state = 'confirmed'
    ELSE EXISTS (SELECT FROM attendance
        WHERE attendance.registration = registration.id AND attendance.state = rule.audience) END)
AND person.email IS NOT NULL AND person.erased_at IS NULL
"""
"""SQL: whether a survey `rule` is for a row `registration` of a row `person`."""

_SENDS = f"event.state = 'published' AND event.starts_at > $1::timestamptz - {_REACH_BACK} AND event.ends_at <= $1"

DUE = f"""
SELECT rule.*, registration.id AS registration FROM ({sent_sql(_SENDS)}) AS rule
JOIN registration ON registration.event = rule.event
JOIN person ON person.id = registration.person
WHERE rule.active AND rule.begins_at <= $1 AND rule.until > $1 AND {MEANT}
    AND NOT EXISTS (SELECT FROM survey_invitation AS asked
        WHERE asked.survey = rule.survey AND asked.registration = registration.id)
"""
"""SQL of who is to be asked at $1 and was not."""

REMINDS = f"""
SELECT rule.* FROM ({sent_sql(_SENDS)}) AS rule
WHERE rule.active AND rule.asked AND NOT rule.reminded AND rule.remind_at <= $1 AND rule.since <= rule.remind_at
    AND $1 < least(rule.closes_at, rule.remind_at + interval '{INVITE_FOR.days} days')
"""
"""SQL of the surveys that are to remind at $1 those who have not answered."""

IS_DUE = f"SELECT EXISTS ({DUE}) OR EXISTS ({REMINDS})"

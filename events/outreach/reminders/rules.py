"""Whom a rule means, and which rules are due, as SQL."""

from events.programme.reminders.rules import LONGEST_DAYS, timed_sql
from events.surveys.rules import HAS_ANSWERED, TELLS_NOBODY

REACH_BACK = 90
"""Days that are looked back beside those of the longest rule: an event may last, and be reconciled late."""

_FURTHEST = REACH_BACK + LONGEST_DAYS

MIGHT_GET = """
registration.state = ANY(CASE WHEN rule.states = '{}' THEN '{confirmed}' ELSE rule.states END)
AND (rule.site IS NULL OR registration.site = rule.site)
AND (rule.tag = '' OR EXISTS (SELECT FROM registration_tag AS tagged
    WHERE tagged.registration = registration.id AND tagged.folded = rule.tag))
AND (rule.attended = 'any' OR EXISTS (SELECT FROM attendance WHERE attendance.registration = registration.id
    AND attendance.state = CASE rule.attended WHEN 'yes' THEN 'attended' ELSE 'no_show' END))
AND person.email IS NOT NULL AND person.erased_at IS NULL
"""
"""SQL: whether a row `rule` means a row `registration` of a row `person`, whatever of a survey it asks.

That is all that staff see before it has gone out: a number that changes as somebody answers would tell who it was.
"""

AUDIENCE = f"""{MIGHT_GET}
AND (rule.answered = 'any' OR EXISTS (SELECT FROM survey_invitation AS asked
    JOIN survey ON survey.id = asked.survey
    WHERE asked.registration = registration.id
        AND ({HAS_ANSWERED} AND NOT {TELLS_NOBODY}) = (rule.answered = 'yes')))
"""
"""SQL: the same, and whether the person has answered a survey or not, where the rule asks it and it may be told."""

# What no rule can reach is left aside by the index; what those there are do not reach, before anything is worked out.
_NEAR = f"""event.state = 'published' AND event.starts_at > $1::timestamptz - interval '{_FURTHEST} days'
    AND event.starts_at > $1::timestamptz - make_interval(days =>
        {REACH_BACK} + (SELECT coalesce(max(greatest(days, 0)), 0)::int FROM reminder_rule WHERE active))"""

_OPEN = """due_at <= $1 AND until > $1 AND NOT waits AND NOT EXISTS (
    SELECT FROM reminder_run AS run WHERE run.event = timed.event AND run.occurrence = timed.occurrence)"""

DUE = f"""
SELECT timed.* FROM ({timed_sql(_NEAR)}) AS timed WHERE {_OPEN} AND since <= due_at
"""
"""SQL of the rules whose time has come at $1 and who had no turn yet; not of those that ask first."""

ASKING = f"""
SELECT timed.* FROM ({timed_sql(_NEAR)}) AS timed WHERE {_OPEN} AND since > due_at
"""
"""SQL of the rules whose time had passed at $1 when they, or what they are dated by, were last changed."""

IS_DUE = f"SELECT EXISTS ({DUE})"

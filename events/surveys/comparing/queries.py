"""One question compared over events, series, themes and time.

A survey that fewer than five answered this question of is left out of everything, sums included: so whatever is
filtered, a sum is one of surveys each of which may be shown, and no difference tells of fewer. For each row of a matrix
the same holds.

Nothing is summed up over kinds of surveys: what came of an event is asked after three months and after six of the same
people, who would be counted twice.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from events.accounts.rules import Action, reach
from events.core.actor import Actor
from events.core.i18n import LANGUAGES, format_date, pick
from events.core.i18n import gettext as _
from events.core.replica import snapshot
from events.surveys.asked import Choice, Question, Values
from events.surveys.queries import question_of, questions_of
from events.surveys.results.rules import Result, result
from events.surveys.rules import SMALLEST_SHOWN
from events.surveys.tables import QuestionKind, SurveyKind
from events.surveys.templates import NAMES

COMPARABLE = frozenset(QuestionKind) - {QuestionKind.TEXT, QuestionKind.SECTION}


class Narrowed(Struct, frozen=True, kw_only=True):
    """Which events and kind of survey are compared; None lets all in, both days belong to the period."""

    start: date | None = None
    end: date | None = None
    project: str | None = None
    theme: str | None = None
    kind: str | None = None
    host: str | None = None
    series: UUID | None = None
    survey: str | None = None


class Group(Struct, frozen=True, kw_only=True):
    """What was answered in surveys of one kind; `short` names it in a heat map, `href` leads to an event's results."""

    name: str
    short: str
    language: str
    href: str
    kind: SurveyKind
    surveys: int
    result: Result


class Comparison(Struct, frozen=True, kw_only=True):
    """A question over all events, for each kind of survey, then by group; `left_out` had too few answers to it."""

    question: Question
    totals: Sequence[Group]
    left_out: int
    groups: Sequence[Group]


class _Asked(Struct, frozen=True, kw_only=True):
    """A survey that asked the question, with what was answered: the question's value alone."""

    row: Mapping[str, Any]
    question: Question
    answers: Sequence[Values]


_SURVEYS = """
SELECT survey.id, survey.kind, survey.pool, event.slug, event.title_fi, event.title_sv, event.title_en, event.starts_at,
    event.zone, event.series, survey.name_fi, survey.name_sv, survey.name_en,
    ARRAY(SELECT theme FROM event_theme WHERE event_theme.event = event.id ORDER BY theme) AS themes,
    EXISTS (SELECT FROM survey_question WHERE survey_question.survey = survey.id) AS edited
FROM survey JOIN event ON event.id = survey.event
WHERE survey.answered >= $1 AND ($2 OR event.host_region = ANY($3) OR event.id = ANY($4))
    AND ($5::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date >= $5)
    AND ($6::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date <= $6)
    AND ($7::text IS NULL OR EXISTS (SELECT FROM event_project AS funded JOIN project ON project.id = funded.project
        WHERE funded.event = event.id AND project.code = $7))
    AND ($8::text IS NULL OR EXISTS (SELECT FROM event_theme WHERE event_theme.event = event.id AND theme = $8))
    AND ($9::text IS NULL OR event.kind = $9) AND ($10::text IS NULL OR event.host_region = $10)
    AND ($11::uuid IS NULL OR event.series = $11) AND ($12::text IS NULL OR survey.kind = $12)
ORDER BY event.starts_at, event.slug, survey.asked_at, survey.id
"""

_QUESTIONS = "SELECT * FROM survey_question WHERE bank = $1 AND survey = ANY($2)"

_VALUES = """
SELECT survey, values FROM answer WHERE survey = ANY($1)
UNION ALL SELECT survey, values FROM named_answer WHERE survey = ANY($1)
"""


async def compared(key: str, by: str, narrowed: Narrowed, *, actor: Actor, now: datetime) -> Comparison | None:
    """Sum up the answers to a question of the bank or of the templates; None where nobody may be shown any."""
    everywhere, regions, events = reach(actor, Action.SEE_SURVEY_RESULTS, now=now)
    asked = await _asked(key, (everywhere, list(regions), list(events)), narrowed)
    shown = [_of_rows(each) for each in asked if len(each.answers) >= SMALLEST_SHOWN]
    if not shown:
        return None
    question = msgspec.structs.replace(_with_all_choices([each.question for each in shown]), code=key, shown_if=())
    return Comparison(
        question=question,
        totals=[_group(question, each) for each in _sorted_out(shown, "survey")],
        left_out=len(asked) - len(shown),
        groups=[_group(question, each) for each in _sorted_out(shown, by)],
    )


def _with_all_choices(questions: Sequence[Question]) -> Question:
    """Return the last wording of a question with what earlier ones let choose as well: it was answered, and counts."""
    every: dict[str, list[Choice]] = {}
    for name in ("options", "rows"):
        known = {each.code: each for question in questions for each in getattr(question, name)}
        codes = dict.fromkeys(each.code for question in reversed(questions) for each in getattr(question, name))
        every[name] = [known[code] for code in codes]
    return msgspec.structs.replace(questions[-1], **every)


_SERIES = """
SELECT series, min(event.starts_at AT TIME ZONE event.zone)::date AS first,
    max(event.starts_at AT TIME ZONE event.zone)::date AS last,
    (array_agg(ARRAY[title_fi, title_sv, title_en] ORDER BY event.starts_at, event.id))[1:1][1:3] AS titles
FROM event WHERE series IS NOT NULL AND ($2 OR host_region = ANY($3) OR event.id = ANY($4))
    AND EXISTS (SELECT FROM survey WHERE survey.event = event.id AND answered >= $1)
GROUP BY series ORDER BY last DESC, series
"""


async def series_names(actor: Actor, now: datetime) -> dict[UUID, str]:
    """Return the series with surveys that somebody may see, each as its first event is called, with its days."""
    everywhere, regions, events = reach(actor, Action.SEE_SURVEY_RESULTS, now=now)
    async with snapshot() as connection:
        rows = await connection.fetch(_SERIES, SMALLEST_SHOWN, everywhere, list(regions), list(events))
    found = {}
    for row in rows:
        (titles,) = row["titles"]
        title, _language = pick(dict(zip(LANGUAGES, titles, strict=True)))
        days = [format_date(row[name], style="short") for name in ("first", "last")]
        found[row["series"]] = f"{title}, {'–'.join(dict.fromkeys(days))}"
    return found


async def _asked(key: str, places: tuple[bool, list[str], list[UUID]], narrowed: Narrowed) -> list[_Asked]:
    async with snapshot() as connection:
        rows = await connection.fetch(_SURVEYS, SMALLEST_SHOWN, *places, *msgspec.structs.astuple(narrowed))
        ids = [row["id"] for row in rows]
        sealed = await connection.fetch(_VALUES, ids)
        own = {row["survey"]: question_of(row) for row in await connection.fetch(_QUESTIONS, key, ids)}
    standing = {kind: await _standing(kind, key) for kind in SurveyKind}
    given: dict[UUID, list[Values]] = {row["id"]: json.loads(row["pool"]) for row in rows}
    for row in sealed:
        given[row["survey"]].append(json.loads(row["values"]))
    asked = []
    for row in rows:
        question = own.get(row["id"]) if row["edited"] else standing[SurveyKind(row["kind"])]
        if question is not None and question.kind in COMPARABLE:
            answers = [{key: answer[question.code]} for answer in given[row["id"]] if question.code in answer]
            asked.append(_Asked(row=row, question=question, answers=answers))
    return asked


async def _standing(kind: SurveyKind, key: str) -> Question | None:
    return next((each for each in await questions_of(None, kind) if each.bank == key), None)


def _of_rows(asked: _Asked) -> _Asked:
    """Leave out of a survey's matrix the rows that too few answered; other questions stay as they are."""
    if asked.question.kind is not QuestionKind.MATRIX:
        return asked
    code = asked.question.code
    given = [answer[code] for answer in asked.answers]
    counted = Counter(row for value in given if isinstance(value, dict) for row in value)
    answers: list[Values] = [
        {code: {row: value[row] for row in value if counted[row] >= SMALLEST_SHOWN}}
        for value in given
        if isinstance(value, dict)
    ]
    return msgspec.structs.replace(asked, answers=answers)


def _group(question: Question, found: tuple[tuple[str, str, str, str], Sequence[_Asked]]) -> Group:
    (_key, name, language, href), asked = found
    day = asked[0].row["starts_at"].astimezone(ZoneInfo(asked[0].row["zone"])).date()
    short = format_date(day, style="short") if href else name
    summed = result(question, [answer for each in asked for answer in each.answers])
    return Group(
        name=name,
        short=short,
        language=language,
        href=href,
        kind=SurveyKind(asked[0].row["kind"]),
        surveys=len(asked),
        result=summed,
    )


def _sorted_out(asked: Sequence[_Asked], by: str) -> list[tuple[tuple[str, str, str, str], Sequence[_Asked]]]:
    """Return the surveys of each group: each is in one, but an event of several themes in each of them.

    Where there are surveys of several kinds, a group of each kind stands beside the others of its name.
    """
    groups: dict[str, dict[str, tuple[tuple[str, str, str, str], list[_Asked]]]] = {}
    for each in asked:
        for group in _names(each.row, by):
            groups.setdefault(group[0], {}).setdefault(each.row["kind"], (group, []))[1].append(each)
    return [kinds[kind] for kinds in groups.values() for kind in SurveyKind if kind in kinds]


def _names(row: Mapping[str, Any], by: str) -> list[tuple[str, str, str, str]]:
    """Return by what a survey's groups are told apart and what they are called, with the language and a link.

    A series is called as the first of its events that is compared.
    """
    day = row["starts_at"].astimezone(ZoneInfo(row["zone"])).date()
    title, language = pick({code: row[f"title_{code}"] for code in LANGUAGES})
    if by == "month":
        name = f"{day.month}/{day.year}"
        return [(name, name, "", "")]
    if by == "theme":
        return [(code, code, "", "") for code in row["themes"]] or [("", _("No theme"), "", "")]
    if by == "series":
        return [(str(row["series"]), title, language, "") if row["series"] else ("", _("In no series"), "", "")]
    kind = SurveyKind(row["kind"])
    if by == "survey":
        return [(kind, str(NAMES[kind]), "", "")]
    own, _own_language = pick({code: row[f"name_{code}"] for code in LANGUAGES})
    which = str(row["id"]) if kind is SurveyKind.OWN else kind.value
    parts = [title, format_date(day, style="short")]
    named = ", ".join(parts if kind is SurveyKind.FEEDBACK else [*parts, own or str(NAMES[kind])])
    return [(str(row["id"]), named, language, f"/staff/events/{row['slug']}/survey?of={which}")]

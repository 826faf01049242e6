"""Reads of surveys: what an event asks, the page behind a link, what the letter says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, pick
from events.core.secrets import derive, digest
from events.surveys.asked import Choice, Question, Texts
from events.surveys.rules import HAS_ANSWERED
from events.surveys.tables import Audience, QuestionKind, SurveyKind
from events.surveys.templates import NAMES, template, words

FEEDBACK = "0"
"""By this the ledger knows the invitation to an event's feedback survey."""


class SurveyView(Struct, frozen=True, kw_only=True):
    """A survey of an event; `id` is None of one that nobody has changed or sent yet: it asks what its template asks.

    `edited` says that it has questions of its own; `sent` that the first invitation went out.
    """

    id: UUID | None
    kind: SurveyKind
    names: Texts
    named: bool = False
    version: int = 0
    closes_at: datetime | None = None
    answered: int = 0
    open_answered: int = 0
    link_generation: int = 0
    link_open: bool = False
    link_closes_at: datetime | None = None
    sent: bool = False
    edited: bool = False

    @property
    def which(self) -> str:
        """How addresses name it beside its event: its kind, the id of an event's own."""
        return str(self.id) if self.kind is SurveyKind.OWN else self.kind.value

    @property
    def name(self) -> tuple[str, str]:
        """What it is called, and the language of that."""
        return pick(self.names)


_SURVEYS = """
SELECT survey.id, kind, named, version, closes_at, answered, open_answered, link_generation, link_closes_at,
    name_fi, name_sv, name_en, link_hash IS NOT NULL AS link_open,
    EXISTS (SELECT FROM survey_invitation WHERE survey_invitation.survey = survey.id) AS sent,
    EXISTS (SELECT FROM survey_question WHERE survey_question.survey = survey.id) AS edited
FROM survey WHERE event = $1 ORDER BY created_at, survey.id
"""


async def surveys_of(event: UUID) -> list[SurveyView]:
    """Return the surveys of an event: one of each template, then its own."""
    found = [_view(row) for row in await database.fetch(_SURVEYS, event)]
    by_kind = {survey.kind: survey for survey in found if survey.kind is not SurveyKind.OWN}
    ready = [kind for kind in SurveyKind if kind is not SurveyKind.OWN]
    standing = [by_kind.get(kind) or SurveyView(id=None, kind=kind, names=words(NAMES[kind])) for kind in ready]
    return [*standing, *(survey for survey in found if survey.kind is SurveyKind.OWN)]


async def survey_of(event: UUID, which: str) -> SurveyView | None:
    """Return a survey of an event by what addresses call it (`SurveyView.which`)."""
    return next((survey for survey in await surveys_of(event) if survey.which == which), None)


def _view(row: Mapping[str, Any]) -> SurveyView:
    own = {code: row[f"name_{code}"] for code in LANGUAGES}
    columns = {name: row[name] for name in SurveyView.__struct_fields__ if name not in {"kind", "names"}}
    kind = SurveyKind(row["kind"])
    return SurveyView(kind=kind, names=own if any(own.values()) else words(NAMES[kind]), **columns)


async def questions_of(survey: UUID | None, kind: SurveyKind) -> list[Question]:
    """Return what a survey asks, in its order: its own questions, else those of the template of its kind."""
    rows = await database.fetch("SELECT * FROM survey_question WHERE survey = $1 ORDER BY position, id", survey)
    if rows:
        return [question_of(row) for row in rows]
    return template(kind, await _regions() if kind in {SurveyKind.IMPACT_3, SurveyKind.IMPACT_6} else ())


async def _regions() -> list[Choice]:
    rows = await database.fetch("SELECT code, name_fi, name_sv, name_en FROM region ORDER BY code")
    return [Choice(row["code"], {code: row[f"name_{code}"] for code in LANGUAGES}) for row in rows]


def question_of(row: Mapping[str, Any]) -> Question:
    """Return a question as it is stored, in a survey or in the bank."""
    columns = dict(row)
    if "key" in columns:
        more = {"code": row["key"], "bank": row["key"], "bank_version": row["version"]}
    else:
        more = {name: columns[name] for name in ("code", "required", "shown_if", "bank", "bank_version")}
    return Question(
        kind=QuestionKind(row["kind"]),
        labels={code: row[f"label_{code}"] for code in LANGUAGES},
        helps={code: row[f"help_{code}"] for code in LANGUAGES},
        low=row["low"],
        high=row["high"],
        least=row["least"],
        most=row["most"],
        ends=msgspec.json.decode(row["ends"], type=list[dict[str, str]]),
        options=msgspec.json.decode(row["options"], type=list[Choice]),
        rows=msgspec.json.decode(row["rows"], type=list[Choice]),
        **more,
    )


class Invited(Struct, frozen=True, kw_only=True):
    """A survey as someone meets it who was asked, or (`invitation` None) who follows its open link.

    `given_name` is whom its letters greet.
    """

    invitation: UUID | None
    survey: UUID
    event: UUID
    kind: SurveyKind
    named: bool
    has_answered: bool
    audience: Audience
    language: str
    closes_at: datetime | None
    slug: str
    title_fi: str
    title_sv: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    materials: str
    contact_name: str
    contact_email: str
    projects: list[str]
    name_fi: str = ""
    name_sv: str = ""
    name_en: str = ""
    given_name: str = ""

    @property
    def title(self) -> tuple[str, str]:
        """The event's title and its language."""
        return pick({"fi": self.title_fi, "sv": self.title_sv, "en": self.title_en})

    @property
    def name(self) -> tuple[str, str]:
        """What its organisers call it, and the language of that; "" for a survey of a template."""
        return pick({"fi": self.name_fi, "sv": self.name_sv, "en": self.name_en})

    def closed(self, now: datetime) -> bool:
        """Whether no answers are taken any more."""
        return self.closes_at is not None and self.closes_at <= now


_EVENT = """
survey.id AS survey, event.id AS event, survey.kind, survey.named, survey.audience, event.slug,
    survey.name_fi, survey.name_sv, survey.name_en,
    event.title_fi, event.title_sv, event.title_en, event.starts_at, event.ends_at, event.zone, event.materials,
    event.contact_name, event.contact_email,
    ARRAY(SELECT project.code FROM event_project AS funded JOIN project ON project.id = funded.project
          WHERE funded.event = event.id) AS projects
"""

_INVITED = f"""
SELECT asked.id AS invitation, {HAS_ANSWERED} AS has_answered, registration.language, survey.closes_at, {_EVENT},
    person.given_name
FROM survey_invitation AS asked
JOIN survey ON survey.id = asked.survey
JOIN event ON event.id = survey.event
JOIN registration ON registration.id = asked.registration
JOIN person ON person.id = registration.person
"""

_ERASED = "EXISTS (SELECT FROM person WHERE person.id = registration.person AND erased_at IS NOT NULL)"

_LINK = f"""
SELECT NULL AS invitation, false AS has_answered, '' AS language, survey.link_closes_at AS closes_at, {_EVENT}
FROM survey JOIN event ON event.id = survey.event
"""


async def by_token(token: str) -> Invited | None:
    """Return the survey that a link opens: the one of an invitation, or the open link of a survey.

    Of a survey that keeps names the link of somebody who was erased opens nothing.
    """
    asked = f"{_INVITED} WHERE asked.token_hash = $1 AND NOT (named AND {_ERASED})"
    row = await database.fetchrow(asked, digest(token))
    open_to_all = "survey.link_hash = $1 AND event.state = 'published'"
    row = row or await database.fetchrow(f"{_LINK} WHERE {open_to_all}", digest(token))
    return msgspec.convert(dict(row), Invited) if row else None


def link_token(survey: UUID, generation: int) -> str:
    """Return the secret in the open link of a survey."""
    return derive("survey-link", survey, generation)


async def once_open(token: str) -> Invited | None:
    """Return the survey whose open link this was before it was withdrawn, or before its event was cancelled.

    A link that was withdrawn is found by deriving it again: nothing is stored of it.
    """
    wanted = digest(token)
    withdrawn = await database.fetch("SELECT id, link_generation FROM survey WHERE link_generation > 0")
    survey = next(
        (
            row["id"]
            for row in withdrawn
            for generation in range(row["link_generation"])
            if digest(link_token(row["id"], generation)) == wanted
        ),
        None,
    )
    row = await database.fetchrow(f"{_LINK} WHERE survey.id = $1 OR survey.link_hash = $2", survey, wanted)
    return msgspec.convert(dict(row), Invited) if row else None


async def by_message(registration: UUID, occurrence: str) -> Invited | None:
    """Return the survey that a message asks the person of a registration to answer.

    The ledger means feedback by "0", others by their id; what follows that tells messages of one survey apart.
    """
    which = "feedback" if occurrence == FEEDBACK else occurrence.partition(":")[0]
    row = await database.fetchrow(
        f"{_INVITED} WHERE asked.registration = $1 AND $2 IN (survey.id::text, survey.kind)", registration, which
    )
    return msgspec.convert(dict(row), Invited) if row else None

"""Surveys: what is asked, who was asked, and – apart from that – what was answered."""

from datetime import time
from enum import StrEnum

from piccolo.columns import UUID, Array, Boolean, ForeignKey, Integer, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB, Bytea, Time
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

import events.programme.tables  # noqa: F401 - first: a copy takes tables in the order in which they say that they go along
from events.core.copying import goes_along, stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class SurveyKind(StrEnum):
    """What a survey is for; an event has one of each but of its own ones."""

    FEEDBACK = "feedback"
    IMPACT_3 = "impact_3"
    IMPACT_6 = "impact_6"
    OWN = "own"


class Audience(StrEnum):
    """Whom a survey is sent to."""

    ATTENDED = "attended"
    NO_SHOW = "no_show"
    ALL = "all"


class QuestionKind(StrEnum):
    """How a question is answered; a section is a text that nobody answers."""

    SCALE = "scale"
    NPS = "nps"
    ONE = "one"
    MANY = "many"
    MATRIX = "matrix"
    NUMBER = "number"
    TEXT = "text"
    SECTION = "section"


class Survey(Table, tablename="survey", db=DB):
    """A survey of an event. Without questions of its own it asks what the template of its kind asks.

    `marks` says who has answered: a bit at the `place` of each invitation, so that no row, time or transaction stands
    for one. `waiting` are the `waits` anonymous answers that results do not count yet (`lots`), sealed; `pool` those
    counted lately, which move to `answer` in shuffled batches. `cells` are the coarse labels that answers can have
    (`groups.rules`), `labelled` how many got one. Of `told` many answers other systems know. `answered` counts all,
    `open_answered` those that came by the open link. `version` counts the changes of what is asked. `sends` …
    `open_for` say how it is sent (`sending.rules.Sending`) once somebody has chosen that (`sending_chosen`, last at
    `sending_set_at`); `released_at` is when somebody let it go out late, `asked_at` when the first were asked, and
    `reminded` that its reminder went out. `origin` is the same at its counterparts in the events of a series.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.cascade, index=True
    )
    kind = Varchar(length=10, choices=SurveyKind, default=SurveyKind.FEEDBACK)
    name_fi = Text(default="")
    name_sv = Text(default="")
    name_en = Text(default="")
    named = Boolean(default=False)
    version = Integer(default=0)
    closes_at = Timestamptz(default=None, null=True)
    marks = Bytea(default=b"")
    waiting = Bytea(default=b"")
    waits = Integer(default=0)
    pool = JSONB(default="[]")
    cells = JSONB(default="[]")
    labelled = Integer(default=0)
    answered = Integer(default=0)
    open_answered = Integer(default=0)
    told = Integer(default=0)
    link_hash = Bytea(default=None, null=True, unique=True)
    link_generation = Integer(default=0)
    link_closes_at = Timestamptz(default=None, null=True)
    sends = Boolean(default=False)
    months = SmallInt(default=0)
    days = SmallInt(default=1)
    local_time = Time(default=time(9))
    audience = Varchar(length=10, choices=Audience, default=Audience.ATTENDED)
    remind_after = SmallInt(default=0)
    open_for = SmallInt(default=28)
    sending_chosen = Boolean(default=False)
    sending_set_at = Timestamptz(default=None, null=True)
    released_at = Timestamptz(default=None, null=True)
    asked_at = Timestamptz(default=None, null=True)
    reminded = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
    origin = UUID()

    survey_event_origin = Unique([event, origin])


class SurveyQuestion(Table, tablename="survey_question", db=DB):
    """A question of a survey; `code` names it in answers and for other questions, and stays.

    `options` and `rows` (of a matrix) are lists of {code, labels: {fi, sv, en}}; `ends` are the words at the two ends
    of a scale from `low` to `high`; a number lies from `least` to `most`, None is no limit. `shown_if` as of
    registration questions. A question that came from the bank has its key there (`bank`) and the version that it was
    taken in; its words are the bank's.
    """

    id = UUID(primary_key=True)
    survey = ForeignKey(references=Survey, null=False, on_delete=OnDelete.cascade)
    position = SmallInt(default=0)
    code = Varchar(length=40)
    kind = Varchar(length=10, choices=QuestionKind)
    required = Boolean(default=False)
    label_fi = Text(default="")
    label_sv = Text(default="")
    label_en = Text(default="")
    help_fi = Text(default="")
    help_sv = Text(default="")
    help_en = Text(default="")
    low = SmallInt(default=0)
    high = SmallInt(default=0)
    least = Integer(default=None, null=True)
    most = Integer(default=None, null=True)
    ends = JSONB(default="[]")
    options = JSONB(default="[]")
    rows = JSONB(default="[]")
    shown_if = Array(base_column=Varchar(length=90), default=list)
    bank = Varchar(length=40, default="", index=True)
    bank_version = SmallInt(default=0)

    survey_question_code = Unique([survey, code])


class SurveyBankQuestion(Table, tablename="survey_bank_question", db=DB):
    """One wording of a question of the network's bank: a change is a new version, and surveys keep what they took."""

    id = UUID(primary_key=True)
    key = Varchar(length=40)
    version = SmallInt(default=1)
    kind = Varchar(length=10, choices=QuestionKind)
    label_fi = Text(default="")
    label_sv = Text(default="")
    label_en = Text(default="")
    help_fi = Text(default="")
    help_sv = Text(default="")
    help_en = Text(default="")
    low = SmallInt(default=0)
    high = SmallInt(default=0)
    least = Integer(default=None, null=True)
    most = Integer(default=None, null=True)
    ends = JSONB(default="[]")
    options = JSONB(default="[]")
    rows = JSONB(default="[]")
    retired = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())

    survey_bank_key_version = Unique([key, version])


class SurveyInvitation(Table, tablename="survey_invitation", db=DB):
    """Who was asked; that an answer came is told by the bit at its `place` in `Survey.marks`, not when, and not which.

    `cell` is the place in `Survey.cells` of the label that this person's answer may get, or `groups.rules.OUTSIDE`.
    """

    id = UUID(primary_key=True)
    survey = ForeignKey(references=Survey, null=False, on_delete=OnDelete.cascade)
    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.restrict,
        index=True,
    )
    token_hash = Bytea(unique=True)
    place = Integer()
    cell = SmallInt(default=None, null=True)

    survey_invitation_once = Unique([survey, registration])
    survey_invitation_place = Unique([survey, place])


class Answer(Table, tablename="answer", db=DB):
    """One anonymous answer: question → value, and under `asked.CELL` a coarse label that was declared to the person."""

    id = UUID(primary_key=True)
    survey = ForeignKey(references=Survey, null=False, on_delete=OnDelete.cascade)
    values = JSONB(default="{}")


class NamedAnswer(Table, tablename="named_answer", db=DB):
    """One answer to a survey that said before its first question that it keeps answers by name."""

    id = UUID(primary_key=True)
    survey = ForeignKey(references=Survey, null=False, on_delete=OnDelete.cascade)
    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    values = JSONB(default="{}")
    answered_at = Timestamptz(default=TimestamptzNow())

    named_answer_once = Unique([survey, registration])


_TEXTS = ("label_fi", "label_sv", "label_en", "help_fi", "help_sv", "help_en", "ends", "options", "rows")

declare(
    Survey,
    *("kind", "name_fi", "name_sv", "name_en", "link_hash", "audience"),
    cells=Personal(Kept.SURVEY, "the sites, languages and regions by which anonymous answers are told apart"),
    pool=Personal(Kept.SURVEY, "anonymous answers; free text may name someone"),
    marks=Personal(Kept.SURVEY, "who of those who were asked has answered"),
    waiting=Personal(Kept.SURVEY, "anonymous answers that results do not count yet, sealed"),
)
declare(SurveyQuestion, "code", "kind", "shown_if", "bank", *_TEXTS)
declare(SurveyBankQuestion, "key", "kind", *_TEXTS)
declare(SurveyInvitation, "token_hash")
declare(Answer, values=Personal(Kept.SURVEY, "anonymous answers; free text may name someone"))
declare(NamedAnswer, values=Personal(Kept.EVIDENCE, "what someone answered to a survey that keeps answers by name"))

goes_along(
    Survey,
    "event",
    *("closes_at", "marks", "waiting", "waits", "pool", "cells", "labelled"),
    *("answered", "open_answered", "told", "version", "link_hash", "link_generation", "link_closes_at"),
    *("sending_set_at", "released_at", "asked_at", "reminded"),
    bound=(("sending_chosen", "sends", "months", "days", "local_time", "audience", "remind_after", "open_for"),),
)
goes_along(
    SurveyQuestion,
    "survey",
    alike=("code",),
    bound=(("kind", "low", "high", "least", "most", "bank", "bank_version", *_TEXTS),),
)
stays_behind(SurveyInvitation)
stays_behind(Answer)
stays_behind(NamedAnswer)

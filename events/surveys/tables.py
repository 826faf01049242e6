"""Surveys: who was asked, and – apart from that – what was answered."""

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, Timestamptz
from piccolo.columns.column_types import JSONB, Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class Survey(Table, tablename="survey", db=DB):
    """The survey of one event.

    `pool` holds the answers given lately, re-shuffled as one value at each answer, so that no row, time or transaction
    stands for one person; they move to `answer` in shuffled batches. Of `told` many answers other systems know.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        unique=True,
    )
    closes_at = Timestamptz(default=None, null=True)
    pool = JSONB(default="[]")
    answered = Integer(default=0)
    told = Integer(default=0)
    created_at = Timestamptz(default=TimestamptzNow())


class SurveyInvitation(Table, tablename="survey_invitation", db=DB):
    """Who was asked, and whether an answer came; not when, and not which."""

    id = UUID(primary_key=True)
    survey = ForeignKey(references=Survey, null=False, on_delete=OnDelete.cascade)
    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.restrict,
        unique=True,
    )
    token_hash = Bytea(unique=True)
    has_answered = Boolean(default=False)


class Answer(Table, tablename="answer", db=DB):
    """One anonymous answer: question → value, and coarse attributes that were declared to the person."""

    id = UUID(primary_key=True)
    survey = ForeignKey(references=Survey, null=False, on_delete=OnDelete.cascade)
    values = JSONB(default="{}")


declare(Survey, pool=Personal(Kept.SURVEY, "anonymous answers; free text may name someone"))
declare(SurveyInvitation, "token_hash")
declare(Answer, values=Personal(Kept.SURVEY, "anonymous answers; free text may name someone"))

stays_behind(Survey)

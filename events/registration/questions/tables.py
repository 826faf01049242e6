"""What an event asks beyond name and organisation, what was answered, the bank of questions, and what was ordered."""

from enum import StrEnum

from piccolo.columns import UUID, Array, Boolean, ForeignKey, Integer, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

import events.programme.tables  # noqa: F401 - first: a copy takes tables in the order in which they say that they go along
from events.core.copying import goes_along, stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare
from events.registration.tables import Registration


class QuestionKind(StrEnum):
    """What sort of answer a question takes."""

    SHORT = "short"
    LONG = "long"
    ONE = "one"
    MANY = "many"
    YES_NO = "yes_no"
    NUMBER = "number"
    DATE = "date"
    CONSENT = "consent"


class Question(Table, tablename="question", db=DB):
    """A question of an event; `code` names it for programs and for other questions, and stays.

    `shown_if` holds "code=value" of earlier questions, one of which must have been answered so; empty asks everybody.
    `kitchen`: the answers are counted for the catering. A number lies from `least` to `most`, None is no limit.
    `origin` is the same at its counterparts in the other events of a series.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    position = SmallInt(default=0)
    code = Varchar(length=40)
    kind = Varchar(length=10, choices=QuestionKind)
    required = Boolean(default=False)
    health = Boolean(default=False)
    kitchen = Boolean(default=False)
    least = Integer(default=None, null=True)
    most = Integer(default=None, null=True)
    label_fi = Text(default="")
    label_sv = Text(default="")
    label_en = Text(default="")
    help_fi = Text(default="")
    help_sv = Text(default="")
    help_en = Text(default="")
    shown_if = Array(base_column=Varchar(length=90), default=list)
    origin = UUID()

    question_event_origin = Unique([event, origin])
    question_event_code = Unique([event, code])
    question_of_health_is_optional = Check("NOT (health AND (required OR kind = 'consent'))")


class QuestionSite(Table, tablename="question_site", db=DB):
    """A question is asked of those who attend at this site; a question without any is asked at every site."""

    id = UUID(primary_key=True)
    question = ForeignKey(references=Question, null=False, on_delete=OnDelete.cascade)
    site = ForeignKey(
        references=LazyTableReference("Site", app_name="programme"), null=False, on_delete=OnDelete.cascade
    )

    question_site_once = Unique([question, site])


class QuestionOption(Table, tablename="question_option", db=DB):
    """One of the answers to choose from.

    Where there is a capacity, `taken` is the number of stored answers that name the option; without one it is 0.
    """

    id = UUID(primary_key=True)
    question = ForeignKey(references=Question, null=False, on_delete=OnDelete.cascade)
    position = SmallInt(default=0)
    code = Varchar(length=40)
    label_fi = Text(default="")
    label_sv = Text(default="")
    label_en = Text(default="")
    capacity = Integer(default=None, null=True)
    taken = Integer(default=0)

    option_question_code = Unique([question, code])
    option_never_oversold = Check("taken >= 0 AND (capacity IS NULL OR taken <= capacity)")


class RegistrationAnswer(Table, tablename="registration_answer", db=DB):
    """What someone answered; `value` is a text, a number, a list of options' codes, or a consent as it was worded."""

    id = UUID(primary_key=True)
    registration = ForeignKey(references=Registration, null=False, on_delete=OnDelete.cascade)
    question = ForeignKey(references=Question, null=False, on_delete=OnDelete.cascade, index=True)
    value = JSONB()
    answered_at = Timestamptz(default=TimestamptzNow())

    registration_answer_once = Unique([registration, question])


class HealthAnswer(Table, tablename="health_answer", db=DB):
    """What someone said of their health, with the consent it was given under; deleted seven days after the event."""

    id = UUID(primary_key=True)
    registration = ForeignKey(references=Registration, null=False, on_delete=OnDelete.cascade)
    question = ForeignKey(references=Question, null=False, on_delete=OnDelete.cascade, index=True)
    value = JSONB()
    consent_text = Text()
    consent_language = Varchar(length=2)
    answered_at = Timestamptz(default=TimestamptzNow())

    health_answer_once = Unique([registration, question])


class QuestionTemplate(Table, tablename="question_template", db=DB):
    """A question of the bank: the network's where `region` is None, else that region's.

    `options` is a list of {code, labels: {fi, sv, en}, capacity}.
    """

    id = UUID(primary_key=True)
    region = ForeignKey(
        references=LazyTableReference("Region", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    kind = Varchar(length=10, choices=QuestionKind)
    required = Boolean(default=False)
    health = Boolean(default=False)
    kitchen = Boolean(default=False)
    least = Integer(default=None, null=True)
    most = Integer(default=None, null=True)
    label_fi = Text(default="")
    label_sv = Text(default="")
    label_en = Text(default="")
    help_fi = Text(default="")
    help_sv = Text(default="")
    help_en = Text(default="")
    options = JSONB(default="[]")
    created_at = Timestamptz(default=TimestamptzNow())


class KitchenOrder(Table, tablename="kitchen_order", db=DB):
    """The numbers of the catering as they were ordered: {"site": heads, "site/code=value": answers}.

    An answer in free words stands there by a keyed digest of it, "site/code~digest".
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    ordered_at = Timestamptz()
    counts = JSONB()


_TEXTS = ("label_fi", "label_sv", "label_en", "help_fi", "help_sv", "help_en")

declare(Question, "code", "kind", "shown_if", *_TEXTS)
declare(QuestionSite)
declare(QuestionOption, "code", *_TEXTS[:3])
declare(RegistrationAnswer, value=Personal(Kept.EVIDENCE, "arranging the event as its participants asked"))
declare(
    HealthAnswer,
    "consent_language",
    value=Personal(Kept.HEALTH, "food and access that suit the person, under explicit consent"),
    consent_text=Personal(Kept.HEALTH, "the words under which the answer was given"),
)
declare(QuestionTemplate, "kind", "options", *_TEXTS)
declare(KitchenOrder, counts=Personal(Kept.HEALTH, "how many of each diet were ordered; nobody is named"))

goes_along(Question, "event", bound=(("kind", "required", "health", "least", "most"),))
goes_along(QuestionSite, "question", alike=("site",))
goes_along(QuestionOption, "question", "taken", alike=("code",))
stays_behind(RegistrationAnswer)
stays_behind(HealthAnswer)
stays_behind(KitchenOrder)

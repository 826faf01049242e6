"""What a project's funder is told: its indicators, its reports with their texts, and what was handed in."""

from enum import StrEnum

from piccolo.columns import (
    UUID,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.column_types import JSONB, Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import declare


class Rule(StrEnum):
    """How an indicator is counted; what each means stands in `words.RULES`."""

    PARTICIPATIONS = "participations"
    PERSONS = "persons"
    ORGANISATIONS = "organisations"
    ENTERPRISES = "enterprises"
    EVENTS = "events"
    PERSON_HOURS = "person_hours"
    PERSON_DAYS = "person_days"
    REGIONS = "regions"
    JOINT_PARTICIPATIONS = "joint_participations"
    PUBLIC_EVENTS = "public_events"
    JOINT_PROJECTS = "joint_projects"
    FUNDING_APPLICATIONS = "funding_applications"
    BY_HAND = "by_hand"


class Indicator(Table, tablename="indicator", db=DB):
    """A figure that a project's funder asks for, at its place in the funder's own form.

    `code` is its number there. `part` narrows the rule: a size class of enterprises, a kind of event; "" is all.
    `note` is the project's own definition beside that of the rule.
    """

    id = UUID(primary_key=True)
    project = ForeignKey(
        references=LazyTableReference("Project", app_name="network"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    position = SmallInt(default=0)
    code = Varchar(length=30, default="")
    name_fi = Varchar(length=200)
    name_sv = Varchar(length=200, default="")
    name_en = Varchar(length=200, default="")
    note_fi = Text(default="")
    note_sv = Text(default="")
    note_en = Text(default="")
    rule = Varchar(length=30, choices=Rule)
    part = Varchar(length=30, default="")
    unit_fi = Varchar(length=40, default="")
    unit_sv = Varchar(length=40, default="")
    unit_en = Varchar(length=40, default="")
    target = Numeric(digits=(14, 2), default=None, null=True)


class FunderReport(Table, tablename="funder_report", db=DB):
    """The report on a project in a period; both days belong to it."""

    id = UUID(primary_key=True)
    project = ForeignKey(
        references=LazyTableReference("Project", app_name="network"), null=False, on_delete=OnDelete.restrict
    )
    starts_on = Date(default=None)
    ends_on = Date(default=None)
    created_at = Timestamptz(default=TimestamptzNow())

    funder_report_once = Unique([project, starts_on, ends_on])
    funder_report_ends_after_start = Check("ends_on >= starts_on")


class ReportText(Table, tablename="funder_report_text", db=DB):
    """A section of a report in words: Markdown per language."""

    id = UUID(primary_key=True)
    report = ForeignKey(references=FunderReport, null=False, on_delete=OnDelete.cascade, index=True)
    position = SmallInt(default=0)
    heading_fi = Varchar(length=200, default="")
    heading_sv = Varchar(length=200, default="")
    heading_en = Varchar(length=200, default="")
    body_fi = Text(default="")
    body_sv = Text(default="")
    body_en = Text(default="")


class HandValue(Table, tablename="funder_report_value", db=DB):
    """The value of an indicator in a report as somebody entered it, and where it comes from."""

    id = UUID(primary_key=True)
    report = ForeignKey(references=FunderReport, null=False, on_delete=OnDelete.cascade)
    indicator = ForeignKey(references=Indicator, null=False, on_delete=OnDelete.cascade)
    value = Numeric(digits=(14, 2))
    source = Varchar(length=300)

    funder_report_value_once = Unique([report, indicator])


class FrozenReport(Table, tablename="frozen_report", db=DB):
    """A report as it was handed in; never changed, never deleted: a trigger refuses both.

    `whole` and `shown` are JSON, per language: everything, and what those may see who see no small groups.
    `input_hash` is the SHA-256 of the rows that were counted and the definitions they were counted by. `changes`
    say which figures differ from the revision before, `why` is what somebody wrote about it.
    """

    id = UUID(primary_key=True)
    report = ForeignKey(references=FunderReport, null=False, on_delete=OnDelete.restrict)
    revision = Integer()
    whole = Bytea()
    shown = Bytea()
    input_hash = Bytea()
    code_version = Varchar(length=60)
    frozen_at = Timestamptz(default=TimestamptzNow())
    frozen_by = UUID(default=None, null=True)
    why = Text(default="")
    changes = JSONB(default="[]")

    frozen_report_revision_once = Unique([report, revision])


declare(
    Indicator,
    *("code", "rule", "part"),
    *("name_fi", "name_sv", "name_en", "note_fi", "note_sv", "note_en", "unit_fi", "unit_sv", "unit_en"),
)
declare(FunderReport)
# Texts are about the project; whoever writes them is told beside the field to name nobody.
declare(ReportText, "heading_fi", "heading_sv", "heading_en", "body_fi", "body_sv", "body_en")
declare(HandValue, "source")
declare(FrozenReport, "whole", "shown", "input_hash", "code_version", "why", "changes")

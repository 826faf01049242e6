"""Use cases of funder's reports: making one, its indicators, its texts and the values entered by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, require
from events.core.i18n import by_column
from events.core.i18n import gettext as _
from events.reports.funder import queries
from events.reports.funder.queries import HandView, TextView
from events.reports.funder.tables import Rule
from events.reports.funder.words import PARTS

MOST_INDICATORS = 100
MOST_TEXTS = 30


class IndicatorValues(Struct, frozen=True, kw_only=True):
    """What staff enter of an indicator; texts by language."""

    code: str
    names: dict[str, str]
    notes: dict[str, str]
    units: dict[str, str]
    rule: Rule
    part: str = ""
    target: Decimal | None = None


class TextValues(Struct, frozen=True, kw_only=True):
    """A section in words: headings and Markdown by language."""

    headings: dict[str, str]
    bodies: dict[str, str]


def may_edit(actor: Actor, now: datetime) -> bool:
    """Say whether the actor may edit funder's reports: they are about whole projects, so everywhere or not at all."""
    return may(actor, Action.EDIT_REPORTS, now=now)


async def create_report(project: UUID, starts_on: date, ends_on: date, *, actor: Actor, now: datetime) -> UUID:
    """Make the report on a project in a period, or return the one there is; raises NotAllowed, NotFound, Invalid."""
    require(allowed=may_edit(actor, now))
    if ends_on < starts_on:
        raise Invalid({"ends_on": [_("The period ends before it begins.")]})
    async with transaction():
        if not await database.fetchval("SELECT true FROM project WHERE id = $1", project):
            raise NotFound
        made: UUID | None = await database.fetchval(
            "INSERT INTO funder_report (id, project, starts_on, ends_on, created_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT DO NOTHING RETURNING id",
            *(uuid4(), project, starts_on, ends_on, now),
        )
        if made is not None:
            await audit.record(actor, "report.created", "funder_report", made, now)
            return made
        known: UUID = await database.fetchval(
            "SELECT id FROM funder_report WHERE project = $1 AND starts_on = $2 AND ends_on = $3",
            *(project, starts_on, ends_on),
        )
        return known


async def save_indicator(
    project: UUID, indicator: UUID | None, values: IndicatorValues, *, actor: Actor, now: datetime
) -> UUID:
    """Add an indicator at the end of a project's form, or change one.

    Raises NotAllowed, NotFound, Invalid, Conflict when there are too many.
    """
    require(allowed=may_edit(actor, now))
    if values.part and values.part not in PARTS.get(values.rule, {}):
        raise Invalid({"part": [_("This rule cannot be narrowed like that.")]})
    columns: dict[str, Any] = {"code": values.code, "rule": values.rule.value, "part": values.part}
    columns["target"] = values.target
    for name, texts in (("name", values.names), ("note", values.notes), ("unit", values.units)):
        columns |= by_column(name, texts)
    async with transaction():
        await lock_project(project)
        if indicator is None:
            identity = await _append("indicator", "project", project, columns, MOST_INDICATORS)
        else:
            identity = indicator
            await _change("indicator", "project", project, indicator, columns)
        action = "indicator.added" if indicator is None else "indicator.changed"
        await audit.record(actor, action, "project", project, now, indicator=identity)
    return identity


async def remove_indicator(project: UUID, indicator: UUID, *, actor: Actor, now: datetime) -> None:
    """Take an indicator out of a project's form; frozen reports keep it. Raises NotAllowed, NotFound."""
    require(allowed=may_edit(actor, now))
    async with transaction():
        if not await database.execute("DELETE FROM indicator WHERE project = $1 AND id = $2", project, indicator):
            raise NotFound
        await audit.record(actor, "indicator.removed", "project", project, now, indicator=indicator)


async def move_indicator(project: UUID, indicator: UUID, *, up: bool, actor: Actor, now: datetime) -> None:
    """Move an indicator one place up or down; at the end of the form nothing changes. Raises NotAllowed, NotFound."""
    require(allowed=may_edit(actor, now))
    async with transaction():
        await lock_project(project)
        rows = await database.fetch("SELECT id FROM indicator WHERE project = $1 ORDER BY position, id", project)
        order = [row["id"] for row in rows]
        if indicator not in order:
            raise NotFound
        place = order.index(indicator)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(order):
            return
        order[place], order[other] = order[other], order[place]
        await database.execute(
            "UPDATE indicator SET position = place FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)"
            " WHERE indicator.id = wanted.id",
            order,
        )
        await audit.record(actor, "indicator.moved", "project", project, now, indicator=indicator)


class Stale(Conflict):
    """Somebody else has changed it since its editor saw it."""

    code = "stale"

    def default_message(self) -> str:
        return _("Someone else has changed this since you opened the page. Nothing of yours is saved yet.")


async def save_text(
    report: UUID, section: UUID | None, values: TextValues, *, actor: Actor, now: datetime, version: str | None = None
) -> UUID:
    """Add a section in words at the end of a report, or change one, of which its editor saw `version`.

    Raises NotAllowed, NotFound, Stale, Conflict when there are too many.
    """
    require(allowed=may_edit(actor, now))
    columns: dict[str, Any] = {}
    for name, texts in (("heading", values.headings), ("body", values.bodies)):
        columns |= by_column(name, texts)
    async with transaction():
        await lock_report(report)
        if section is None:
            identity = await _append("funder_report_text", "report", report, columns, MOST_TEXTS)
        else:
            identity = section
            _require_seen(next((each for each in await queries.texts(report) if each.id == section), None), version)
            await _change("funder_report_text", "report", report, section, columns)
        await audit.record(actor, "report.text_changed", "funder_report", report, now, section=identity)
    return identity


async def remove_text(report: UUID, section: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a section out of a report; frozen revisions keep it. Raises NotAllowed, NotFound."""
    require(allowed=may_edit(actor, now))
    async with transaction():
        if not await database.execute("DELETE FROM funder_report_text WHERE report = $1 AND id = $2", report, section):
            raise NotFound
        await audit.record(actor, "report.text_removed", "funder_report", report, now, section=section)


async def enter_value(
    report: UUID,
    indicator: UUID,
    value: Decimal | None,
    source: str,
    *,
    actor: Actor,
    now: datetime,
    version: str | None = None,
) -> None:
    """Enter the value of an indicator by hand, with its source; None takes it out. `version` is what its editor saw.

    Raises NotAllowed, NotFound for an indicator that is not entered by hand, Invalid without a source, Stale.
    """
    require(allowed=may_edit(actor, now))
    if value is not None and not source:
        raise Invalid({"source": [_("Say where the value comes from.")]})
    async with transaction():
        await lock_report(report)
        known = await database.fetchval(
            "SELECT true FROM indicator JOIN funder_report ON funder_report.project = indicator.project"
            " WHERE funder_report.id = $1 AND indicator.id = $2 AND rule = 'by_hand'",
            *(report, indicator),
        )
        if not known:
            raise NotFound
        _require_seen((await queries.hand_values(report)).get(indicator), version)
        if value is None:
            await database.execute(
                "DELETE FROM funder_report_value WHERE report = $1 AND indicator = $2", report, indicator
            )
        else:
            await database.execute(
                "INSERT INTO funder_report_value (id, report, indicator, value, source) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT (report, indicator) DO UPDATE SET value = excluded.value, source = excluded.source",
                *(uuid4(), report, indicator, value, source),
            )
        await audit.record(actor, "report.value_entered", "funder_report", report, now, indicator=indicator)


def _require_seen(known: TextView | HandView | None, version: str | None) -> None:
    if version is not None and version != (known.version if known else ""):
        raise Stale


async def lock_report(report: UUID) -> None:
    """Keep others from changing or freezing a report until the transaction ends; raises NotFound."""
    if not await database.fetchval("SELECT true FROM funder_report WHERE id = $1 FOR UPDATE", report):
        raise NotFound


async def lock_project(project: UUID) -> None:
    """Keep others from changing a project's indicators or reports until the transaction ends; raises NotFound."""
    if not await database.fetchval("SELECT true FROM project WHERE id = $1 FOR NO KEY UPDATE", project):
        raise NotFound


async def _append(table: str, owner: str, owner_id: UUID, columns: dict[str, Any], most: int) -> UUID:
    row = await database.fetchrow(
        f"SELECT count(*) AS number, coalesce(max(position), 0) + 1 AS next FROM {table} WHERE {owner} = $1", owner_id
    )
    if row is None or row["number"] >= most:
        raise Conflict(_("There cannot be more than %(most)s.", most=most))
    values = {"id": uuid4(), owner: owner_id, "position": row["next"], **columns}
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    identity: UUID = await database.fetchval(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places}) RETURNING id", *values.values()
    )
    return identity


async def _change(table: str, owner: str, owner_id: UUID, identity: UUID, columns: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, 3))
    if not await database.execute(
        f"UPDATE {table} SET {assignments} WHERE {owner} = $1 AND id = $2", owner_id, identity, *columns.values()
    ):
        raise NotFound

"""Reads of funder's reports: what there is, its indicators, texts and values entered by hand, its revisions."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, format_date, pick
from events.reports.funder.shapes import Change
from events.reports.funder.tables import Rule


class IndicatorView(Struct, frozen=True, kw_only=True):
    """An indicator of a project; texts by language."""

    id: UUID
    project: UUID
    position: int
    code: str
    names: dict[str, str]
    notes: dict[str, str]
    units: dict[str, str]
    rule: Rule
    part: str
    target: float | None

    @property
    def name(self) -> tuple[str, str]:
        """The name and its language."""
        return pick(self.names)


class ReportHead(Struct, frozen=True, kw_only=True):
    """A report as lists show it; `revision` is the last frozen one, 0 for none."""

    id: UUID
    project: UUID
    project_code: str
    starts_on: date
    ends_on: date
    revision: int
    frozen_at: datetime | None

    @property
    def period(self) -> str:
        """Its period as people write it."""
        return "–".join(format_date(day, style="short") for day in (self.starts_on, self.ends_on))

    @property
    def name(self) -> str:
        """What it is called: its project and period."""
        return f"{self.project_code}, {self.period}"


class ProjectHead(Struct, frozen=True):
    """A project, for the pages about its indicators."""

    id: UUID
    code: str


class TextView(Struct, frozen=True, kw_only=True):
    """A section in words by language."""

    id: UUID
    headings: dict[str, str]
    bodies: dict[str, str]

    @property
    def version(self) -> str:
        """Another one when anything of it was changed."""
        return sha256(msgspec.json.encode((self.headings, self.bodies))).hexdigest()


class HandView(Struct, frozen=True):
    """A value entered by hand and its source."""

    value: float
    source: str

    @property
    def version(self) -> str:
        """Another one when anything of it was changed."""
        return f"{self.value} {self.source}"


class RevisionHead(Struct, frozen=True, kw_only=True):
    """A revision as lists show it."""

    revision: int
    frozen_at: datetime
    by: str
    why: str
    code_version: str
    input_hash: str
    changes: list[Change]


_HEADS = """
SELECT funder_report.id, project, project.code AS project_code, funder_report.starts_on, funder_report.ends_on,
    coalesce(last.revision, 0) AS revision, last.frozen_at
FROM funder_report JOIN project ON project.id = funder_report.project
LEFT JOIN LATERAL (SELECT revision, frozen_at FROM frozen_report WHERE report = funder_report.id
                   ORDER BY revision DESC LIMIT 1) AS last ON true
"""


async def reports() -> list[ReportHead]:
    """Return all reports, the latest period first."""
    rows = await database.fetch(f"{_HEADS} ORDER BY funder_report.ends_on DESC, project.code, funder_report.starts_on")
    return [msgspec.convert(dict(row), ReportHead) for row in rows]


async def report(report_id: UUID) -> ReportHead | None:
    """Return a report."""
    row = await database.fetchrow(f"{_HEADS} WHERE funder_report.id = $1", report_id)
    return msgspec.convert(dict(row), ReportHead) if row else None


async def project(project_id: UUID) -> ProjectHead | None:
    """Return a project."""
    row = await database.fetchrow("SELECT id, code FROM project WHERE id = $1", project_id)
    return ProjectHead(**row) if row else None


async def indicators(project: UUID) -> list[IndicatorView]:
    """Return the indicators of a project in the order of its form."""
    rows = await database.fetch("SELECT * FROM indicator WHERE project = $1 ORDER BY position, id", project)
    return [indicator_view(row) for row in rows]


async def indicator(project: UUID, indicator_id: UUID) -> IndicatorView | None:
    """Return an indicator of a project."""
    row = await database.fetchrow("SELECT * FROM indicator WHERE project = $1 AND id = $2", project, indicator_id)
    return indicator_view(row) if row else None


def indicator_view(row: Mapping[str, Any]) -> IndicatorView:
    """Turn a row of the table into a view."""
    values = dict(row)
    for many, one in (("names", "name"), ("notes", "note"), ("units", "unit")):
        values[many] = by_language(row, one)
    values["target"] = None if values["target"] is None else float(values["target"])
    return msgspec.convert(values, IndicatorView)


def by_language(row: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return the texts that a column holds per language, those that are there."""
    return {code: row[f"{name}_{code}"] for code in LANGUAGES if row[f"{name}_{code}"]}


async def texts(report_id: UUID) -> list[TextView]:
    """Return the sections of a report in their order."""
    rows = await database.fetch("SELECT * FROM funder_report_text WHERE report = $1 ORDER BY position, id", report_id)
    return [
        TextView(id=row["id"], headings=by_language(row, "heading"), bodies=by_language(row, "body")) for row in rows
    ]


async def hand_values(report_id: UUID) -> dict[UUID, HandView]:
    """Return the values entered by hand, by indicator."""
    rows = await database.fetch("SELECT indicator, value, source FROM funder_report_value WHERE report = $1", report_id)
    return {row["indicator"]: HandView(float(row["value"]), row["source"]) for row in rows}


async def revisions(report_id: UUID) -> list[RevisionHead]:
    """Return the frozen revisions of a report, the latest first."""
    rows = await database.fetch(
        "SELECT revision, frozen_at, coalesce(nullif(staff.name, ''), staff.email, '') AS by, why, code_version,"
        " encode(input_hash, 'hex') AS input_hash, changes"
        " FROM frozen_report LEFT JOIN staff ON staff.id = frozen_by WHERE report = $1 ORDER BY revision DESC",
        report_id,
    )
    return [msgspec.convert({**row, "changes": msgspec.json.decode(row["changes"])}, RevisionHead) for row in rows]


async def last_revision(report_id: UUID) -> int:
    """Return the number of a report's last frozen revision, 0 for none."""
    last: int = await database.fetchval(
        "SELECT coalesce(max(revision), 0) FROM frozen_report WHERE report = $1", report_id
    )
    return last


_OVERLAPS = """
WITH frozen AS (
    SELECT funder_report.id, starts_on, ends_on, min(frozen_report.frozen_at) AS since
    FROM funder_report JOIN frozen_report ON frozen_report.report = funder_report.id
    WHERE funder_report.project = $1 GROUP BY funder_report.id
)
SELECT EXISTS (SELECT FROM frozen AS other WHERE other.id <> $2 AND other.ends_on >= date_trunc('month', $3::date)
                   AND date_trunc('month', other.starts_on) <= $4::date
                   AND other.since <= coalesce((SELECT since FROM frozen WHERE frozen.id = $2), 'infinity'))
"""


async def overlaps_earlier(head: ReportHead) -> bool:
    """Say whether another report on the project whose period has a month of this one's was frozen before it."""
    found: bool = await database.fetchval(_OVERLAPS, head.project, head.id, head.starts_on, head.ends_on)
    return found


async def revision_with(identity: UUID) -> int | None:
    """Return the number of the revision that has an id, None when there is none."""
    number: int | None = await database.fetchval("SELECT revision FROM frozen_report WHERE id = $1", identity)
    return number


async def frozen(report_id: UUID, revision: int, *, whole: bool) -> bytes | None:
    """Return the JSON of a revision per language: the whole, or what those may see who see no small groups."""
    column = "whole" if whole else "shown"
    content: bytes | None = await database.fetchval(
        f"SELECT {column} FROM frozen_report WHERE report = $1 AND revision = $2", report_id, revision
    )
    return content

"""The enterprises that took part in a project, and the aid that company-specific events were to them, as a workbook."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from events.core.i18n import format_date, language, pick
from events.core.i18n import gettext as _
from events.core.replica import snapshot
from events.core.text import sort_key
from events.reports import words
from events.reports.funder.counting import COUNTED, SETTINGS
from events.reports.funder.queries import ReportHead
from events.reports.funder.sheets import Line, workbook


class Enterprise(Struct, frozen=True, kw_only=True):
    """A company that took part in the project until the end of the period, with its first event in the project.

    `size_class` is the one it had then; `is_new` says that the first event lies in the period.
    """

    organisation: UUID
    business_id: str
    name: str
    size_class: str
    municipality: str
    region: str
    first_event: str
    first_on: date
    is_new: bool
    participations: int


class Aid(Struct, frozen=True, kw_only=True):
    """A company-specific event in which a company took part; `value` is in euros, None where nobody entered it."""

    business_id: str
    name: str
    event: str
    held_on: date
    value: int | None


_ENTERPRISES = f"""
{COUNTED}
SELECT first.organisation, coalesce(organisation.business_id, '') AS business_id, organisation.name,
    CASE first.size_class WHEN 'none' THEN 'unknown' ELSE first.size_class END AS size_class,
    coalesce(municipality.name_fi, '') AS name_fi, coalesce(municipality.name_sv, '') AS name_sv,
    municipality.region, event.title_fi, event.title_sv, event.title_en, first.held_on AS first_on,
    first.held_on >= $2 AS is_new,
    (SELECT count(*) FROM counted WHERE counted.organisation = first.organisation) AS participations
FROM first JOIN organisation ON organisation.id = first.organisation JOIN event ON event.id = first.event
LEFT JOIN municipality ON municipality.code = organisation.municipality
"""

_AID = """
SELECT DISTINCT organisation.id AS organisation, event.id AS event, organisation.name,
    coalesce(organisation.business_id, '') AS business_id, event.title_fi, event.title_sv, event.title_en,
    participation.held_on, event.aid_value AS value
FROM event JOIN participation ON participation.event = event.id AND participation.organisation_type = 'company'
JOIN organisation AS named ON named.id = participation.organisation
JOIN organisation ON organisation.id = coalesce(named.merged_into, named.id)
WHERE event.company_specific AND event.reconciled_at IS NOT NULL AND organisation.id = ANY($1)
    AND participation.held_on > ($2::date - interval '3 years')::date AND participation.held_on <= $2
"""


async def enterprises(head: ReportHead) -> tuple[list[Enterprise], list[Aid]]:
    """Return the enterprises of a report, those without a business ID first, and the aid to them of three years."""
    async with snapshot() as connection:
        await connection.execute(SETTINGS)
        rows = await connection.fetch(_ENTERPRISES, head.project, head.starts_on, head.ends_on)
        found = sorted((_enterprise(row) for row in rows), key=_order)
        aid = await _aid(connection, [each.organisation for each in found], head.ends_on)
    return found, aid


def _enterprise(row: Any) -> Enterprise:
    names = {"fi": row["name_fi"], "sv": row["name_sv"]}
    return Enterprise(
        **{name: row[name] for name in ("organisation", "business_id", "name", "size_class", "first_on", "is_new")},
        participations=row["participations"],
        municipality=pick({code: text for code, text in names.items() if text}, language())[0],
        region=row["region"] or "",
        first_event=_title(row),
    )


async def _aid(connection: Connection, organisations: Sequence[UUID], until: date) -> list[Aid]:
    rows = await connection.fetch(_AID, list(organisations), until)
    aid = [
        Aid(**{name: row[name] for name in ("business_id", "name", "held_on", "value")}, event=_title(row))
        for row in rows
    ]
    return sorted(aid, key=lambda each: (bool(each.business_id), sort_key(each.name), each.held_on, each.event))


def _title(row: Any) -> str:
    return pick({code: row[f"title_{code}"] for code in ("fi", "sv", "en") if row[f"title_{code}"]})[0]


def _order(each: Enterprise) -> tuple[Any, ...]:
    return bool(each.business_id), sort_key(each.name), each.organisation


async def xlsx_file(head: ReportHead, now: datetime) -> bytes:
    """Write the list of enterprises, and the company-specific events of three years beside it: no sum of aid.

    What others gave is not known here, so any sum would pretend to be complete (Regulation (EU) 2023/2831).
    """
    found, aid = await enterprises(head)
    regions = await words.cell_names("region")
    listed: list[Line] = [
        (
            *(each.business_id, each.name, str(words.SIZE_CLASSES[each.size_class]), each.municipality),
            *(regions.get(each.region, ""), each.first_event, each.first_on),
            *(_("yes") if each.is_new else _("no"), each.participations),
        )
        for each in found
    ]
    given: list[Line] = [(each.business_id, each.name, each.event, each.held_on, each.value) for each in aid]
    since = _("Three years until %(day)s.", day=format_date(head.ends_on, style="short"))
    note = _(
        "Only events of this service, without a sum: aid from others is not known here. What a company may still get"
        " follows from its own declaration (at most 300,000 € in three years, Regulation (EU) 2023/2831)."
    )
    headings = [
        *(_("Business ID"), _("Name"), str(words.BREAK_DOWNS["size_class"]), _("Municipality"), _("Region")),
        *(_("First event"), _("Date"), _("New in the period"), _("Participations in the period")),
    ]
    aid_headings = [_("Business ID"), _("Name"), _("Event"), _("Date"), _("Worth, in euros")]
    return workbook(
        [
            (_("Enterprises"), headings, listed),
            (_("De minimis"), aid_headings, [*given, ("", f"{since} {note}")]),
        ],
        now,
    )

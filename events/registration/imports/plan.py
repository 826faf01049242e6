"""What becomes of each row of a table of participants, before anything is written."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from events.core import database
from events.core.i18n import gettext as _
from events.core.tabular import ImportReport, Refused, Row, Table, Unreadable
from events.core.text import fold
from events.network.matching import organisation_key, person_key
from events.programme.queries import EventView
from events.registration.imports.columns import Columns, Dropped, Field, read_columns
from events.registration.imports.rows import Known, Wanted, read_row, wants_to_come
from events.registration.new_registration import NewRegistration
from events.registration.rules import GONE

Key = tuple[str, str]
"""By what a person is recognised: address and folded name."""


BREATH = 50
"""Rows that are read before the process's other work has its turn."""


class Planned(Struct, frozen=True):
    """What becomes of one row: `known` is the registration that its person has already, or None.

    `attended` is what the row says of it, None when it says nothing; `attendance_is_news` that nobody else has said it.
    `own` is a registration that an earlier try of this very import made; `state` is that of who is known.
    """

    line: int
    new: NewRegistration
    known: UUID | None
    attended: bool | None
    attendance_is_news: bool
    own: bool = False
    state: str = ""


class Registered(Struct, frozen=True):
    """A registration of the event as it was before the import, or an earlier try of it."""

    id: UUID
    state: str
    attendance: str
    imported_at: datetime | None


async def plan(
    table: Table, event: EventView, *, now: datetime, report: ImportReport, again: bool = False
) -> list[Planned]:
    """Read every row; what cannot be taken, and what was not taken of the rest, is added to the report.

    `again`: what was imported at this very `now` was so by an earlier try of this import. Raises Unreadable when the
    columns without which nobody can be registered are missing.
    """
    columns = read_columns(table.headers)
    require_columns(columns)
    _report_columns(table, columns, report, attended_counts=now >= event.starts_at)
    rows = await _taken_rows(table.rows, columns, await known(event), report)
    if now < event.starts_at:
        rows = [(row, structs.replace(wanted, attended=None)) for row, wanted in rows]
    rows = _with_known_business_ids(rows)
    registered = await _registered(event.id)
    languages = await _languages([wanted.new.email or "" for _row, wanted in rows])
    planned = []
    for row, wanted in rows:
        key = _key(wanted.new)
        there = registered.get(key)
        if there is not None and there.state in GONE:
            report.warnings.append(Refused(row.line, _("This person has cancelled; that stays so.")))
            wanted = structs.replace(wanted, attended=None)  # noqa: PLW2901
        new = wanted.new
        if not wanted.said_language:  # a guess by the headings must not outdo what the person chose
            new = structs.replace(new, language=languages.get(key, new.language))
        news = wanted.attended is not None and (there is None or there.attendance == "unknown")
        own = again and there is not None and there.imported_at == now
        known_as = (there.id, there.state) if there else (None, "")
        planned.append(Planned(row.line, new, known_as[0], wanted.attended, news, own, known_as[1]))
    return planned


def require_columns(columns: Columns) -> None:
    """Raise Unreadable when columns are missing without which nobody can be registered."""
    there = columns.by_field
    missing = [] if Field.EMAIL in there else [_("e-mail address")]
    if not {Field.NAME, Field.GIVEN_NAME, Field.FAMILY_NAME} & set(there):
        missing.insert(0, _("name"))
    if missing:
        raise Unreadable(_("The table lacks these columns: %(columns)s", columns=", ".join(missing)))


def _report_columns(table: Table, columns: Columns, report: ImportReport, *, attended_counts: bool) -> None:
    words = {
        Dropped.HEALTH: _("%(column)s is left out: health data is taken only with the consent it was given under."),
        Dropped.FREE_TEXT: _("%(column)s is left out: free text is not imported."),
        Dropped.TWICE: _("%(column)s is left out: an earlier column says the same."),
        Dropped.UNKNOWN: _("%(column)s is left out: the heading is not known."),
    }
    for heading, why in columns.dropped.items():
        if any(row.get(heading) for row in table.rows):
            report.warnings.append(Refused(table.line, words[why] % {"column": heading}))
    attended = columns.by_field.get(Field.ATTENDED)
    if not attended_counts and any(row.get(attended) for row in table.rows):
        message = _("%(column)s is left out: the event has not begun.", column=attended)
        report.warnings.append(Refused(table.line, message))


async def _taken_rows(
    rows: Sequence[Row], columns: Columns, known: Known, report: ImportReport
) -> list[tuple[Row, Wanted]]:
    taken: dict[Key, tuple[Row, Wanted]] = {}
    for number, row in enumerate(rows):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        if not wants_to_come(row, columns):
            word = row.get(columns.by_field.get(Field.ATTENDS))
            report.left_out.append(Refused(row.line, _("Does not attend (%(word)s).", word=word)))
            continue
        read = read_row(row, columns, known)
        report.warnings += [Refused(row.line, remark) for remark in read.remarks]
        if read.wanted is None:
            report.refused.append(Refused(row.line, " ".join(read.reasons)))
            continue
        first = taken.setdefault(_key(read.wanted.new), (row, read.wanted))
        if first[0] is not row:
            report.refused.append(Refused(row.line, _twice(first[0].line, first[1], read.wanted)))
    return list(taken.values())


def _twice(line: int, first: Wanted, second: Wanted) -> str:
    if first.new.site != second.new.site:
        return _("Line %(line)s holds the same person with another way of attending; that line counts.", line=line)
    if (first.attended, first.new.role) != (second.attended, second.new.role):
        return _("Line %(line)s holds the same person with other details; that line counts.", line=line)
    return _("The same person stands on line %(line)s already.", line=line)


def _with_known_business_ids(rows: Sequence[tuple[Row, Wanted]]) -> list[tuple[Row, Wanted]]:
    """Let every row of an organisation have the business ID that stands on only some of them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for _row, wanted in rows:
        if wanted.new.business_id:
            found[organisation_key(wanted.new.organisation)].add(wanted.new.business_id)
    completed = []
    for row, wanted in rows:
        ids = found.get(organisation_key(wanted.new.organisation), set())
        if len(ids) == 1 and not wanted.new.business_id:
            new = structs.replace(wanted.new, business_id=next(iter(ids)))
            completed.append((row, structs.replace(wanted, new=new)))
        else:
            completed.append((row, wanted))
    return completed


def _key(new: NewRegistration) -> Key:
    return new.email or "", person_key(new.given_name, new.family_name)


async def known(event: EventView) -> Known:
    """Read what rows are read against."""
    rows = await database.fetch("SELECT code, name_fi, name_sv FROM municipality")
    names = {fold(name): row["code"] for row in rows for name in (row["name_fi"], row["name_sv"])}
    codes = {row["code"]: row["code"] for row in rows}
    return Known(
        {**names, **codes}, event.open_sites, {fold(site.name): site for site in event.open_sites if site.name}
    )


async def _registered(event_id: UUID) -> Mapping[Key, Registered]:
    rows = await database.fetch(
        "SELECT person.email, person.folded, registration.id, registration.state,"
        " CASE WHEN registration.source = 'import' THEN registered_at END AS imported_at,"
        " coalesce(attendance.state, 'unknown') AS attendance"
        " FROM registration JOIN person ON coalesce(person.merged_into, person.id) = registration.person"
        " LEFT JOIN attendance ON attendance.registration = registration.id"
        " WHERE registration.event = $1 AND person.email IS NOT NULL",
        event_id,
    )
    names = Registered.__struct_fields__
    return {(row["email"], row["folded"]): Registered(*(row[name] for name in names)) for row in rows}


async def _languages(emails: Sequence[str]) -> Mapping[Key, str]:
    rows = await database.fetch("SELECT email, folded, language FROM person WHERE email = ANY($1)", list(emails))
    return {(row["email"], row["folded"]): row["language"] for row in rows}

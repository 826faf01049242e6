"""The papers of one event in the evidence: invitation, programme, attendance list, feedback."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from events.checkin.tables import AttendanceSource
from events.core.drawing import pdf
from events.core.i18n import format_date, format_datetime, format_number, format_span, format_time, language
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.network import queries as network
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.places import place_names
from events.registration.words import role_words
from events.reports.funder import surveys, words
from events.reports.funder.evidence import queries
from events.reports.funder.evidence.queries import Attendee
from events.reports.funder.feedback import survey_blocks
from events.reports.funder.markdown import blocks
from events.reports.funder.papers import TEMPLATE, marks_of
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import EventRow
from events.reports.words import Words, duration
from events.surveys.results.queries import results

Block = dict[str, Any]

SOURCES: Mapping[str, Words] = {
    AttendanceSource.SCAN: _l("ticket read at the door"),
    AttendanceSource.DESK: _l("marked by staff"),
    AttendanceSource.MEETING_REPORT: _l("report of the online meeting"),
    AttendanceSource.IMPORT: _l("imported"),
}
"""How it is known that somebody attended."""


async def invitation(event: EventView, now: datetime) -> bytes:
    """Set what people were invited with: the event's own words, when, where and how. Raises DrawingFailed."""
    text, written_in = event.description
    invited = await queries.invited(event.id)
    said = [{"kind": "markdown", "language": written_in or language(), "blocks": blocks(text)}]
    lines = [
        (_("Registration opened"), _moment(event.registration_opens_at or event.published_at, event.zone)),
        (_("Published"), _moment(event.published_at, event.zone)),
        (_("Invited by name"), format_number(invited)),
    ]
    return await _paper(event, _("Invitation"), lines, said, now)


async def agenda(event: EventView, now: datetime) -> bytes | None:
    """Set the programme by the hour; None for an event without one. Raises DrawingFailed."""
    items = await programme.agenda(event.id)
    if not items:
        return None
    rows = [
        [
            f"{format_date(item.starts_at, event.zone, 'short')} {format_time(item.starts_at, event.zone)}",
            item.title[0],
            "; ".join(item.named),
        ]
        for item in items
    ]
    headings = [_("Time"), _("Item"), _("Speakers")]
    return await _paper(event, _("Programme"), [], [_table(headings, rows, [0, 2, 1])], now)


async def attendance(event: EventView, head: ReportHead, now: datetime) -> bytes:
    """Set who attended, and who of them a report counts: with whom the list adds up to it. Raises DrawingFailed."""
    people = await queries.attendees(event.id, head.project, head.starts_on, head.ends_on)
    places = await place_names(event)
    regions = {region.code: region.name for region in await network.regions()}
    rows = [
        [
            each.listed_name or _("(erased)"),
            each.organisation,
            role_words(each.role),
            _("yes") if each.counts else _("no"),
            regions.get(each.region, "–"),
            places.get(each.site, ""),
            str(SOURCES.get(each.source, each.source)),
            duration(each.minutes),
        ]
        for each in people
    ]
    headings = [
        *(_("Name"), _("Organisation"), _("Role"), _("Counted")),
        *(_("Region"), _("Place"), _("Known from"), _("Present")),
    ]
    table = _table(headings, rows, [4, 4, 3, 0, 3, 4, 4, 0])
    lines = [(_("Attended"), _in_all(people, head.project_code))]
    return await _paper(event, _("Attendance list"), lines, [table], now, wide=True)


def _in_all(people: Sequence[Attendee], project: str) -> str:
    """Write how many attended, and how many of them are counted: the number that stands in the report."""
    return _(
        "%(all)s, of which %(counted)s in roles that count for the project %(project)s",
        all=format_number(len(people)),
        counted=format_number(sum(each.counts for each in people)),
        project=project,
    )


async def feedback(event: EventView, row: EventRow, now: datetime) -> bytes | None:
    """Set the summary of the event's survey; None when nobody was asked. Raises DrawingFailed."""
    summed = await results(event.id)
    if not summed.asked and not summed.answered:
        return None
    summary = surveys.summary(row, summed)
    return await _paper(event, _("Feedback"), [], list(survey_blocks(summary, words.labels())), now)


async def _paper(
    event: EventView,
    title: str,
    lines: list[tuple[str, str]],
    content: list[Block],
    now: datetime,
    *,
    wide: bool = False,
) -> bytes:
    about = [
        (_("When"), format_span(event.starts_at, event.ends_at, event.zone)),
        (_("Where"), ", ".join(dict.fromkeys((await place_names(event)).values()))),
    ]
    data = {
        "language": language(),
        "wide": wide,
        "title": f"{title}: {event.title}",
        "footer": f"{event.title}, {format_date(event.starts_at, event.zone, 'short')}",
        "lines": [(name, value) for name, value in [*about, *lines] if value],
        "marks": await marks_of(event.projects),
        "blocks": content,
    }
    return await pdf(TEMPLATE, data, now=now, kept=False)


def _moment(moment: datetime | None, zone: str) -> str:
    return format_datetime(moment, zone) if moment else ""


def _table(headings: list[str], rows: list[list[str]], widths: list[int]) -> Block:
    return {"kind": "table-of", "headings": headings, "rows": rows, "numeric": [], "widths": widths}

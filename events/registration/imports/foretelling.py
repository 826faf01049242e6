"""What importing a table would do, with the places as they are now: before anything is written."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from events.core.i18n import gettext as _
from events.core.tabular import Refused
from events.programme.queries import EventView
from events.registration.imports.plan import Planned
from events.registration.imports.writing import ParticipantsReport
from events.registration.questions.asked import Value
from events.registration.questions.importing import AnswerColumns, fit, limited_of


def foretell(
    planned: Sequence[Planned],
    event: EventView,
    report: ParticipantsReport,
    *,
    columns: AnswerColumns,
    answers: Mapping[int, Mapping[str, Value]],
) -> None:
    """Count what writing would do, with the places as they are now."""
    left = {site.id: site.left for site in event.open_sites}
    options = {option.id: option.left for question in columns.asked for option in question.options}
    for one in planned:
        if one.known is not None:
            report.changed += one.attendance_is_news
            report.unchanged += not one.attendance_is_news
            report.attended += one.attendance_is_news
            continue
        site = one.new.site or event.open_sites[0].id
        places = left[site]
        if not event.needs_approval and places == 0 and event.waiting_list == "none":
            report.refused.append(Refused(one.line, _("The event is full.")))
            continue
        placed = not event.needs_approval and places != 0
        report.added += 1
        report.attended += one.attended is not None
        report.waiting += not placed
        if places and placed:
            left[site] = places - 1
        report.warnings += [Refused(one.line, said) for said in _options(one, columns, answers, options, placed=placed)]


def _options(
    one: Planned,
    columns: AnswerColumns,
    answers: Mapping[int, Mapping[str, Value]],
    left: dict[UUID, int | None],
    *,
    placed: bool,
) -> list[str]:
    """Take what a line chooses out of the options that are left; returns what is to be said of those that are not."""
    given = answers.get(one.line, {})
    full = frozenset(option for option, places in left.items() if places == 0)
    for option in limited_of(given, columns) - full if placed else ():
        left[option] = (left[option] or 1) - 1
    return fit(given, columns, placed=placed, full=full)[1]

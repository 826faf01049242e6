"""What differs from the revision before, as people read it: of what each line is, and time in hours."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from events.core.i18n import format_number
from events.core.rounding import rounded
from events.reports.funder.shapes import Change, FunderReportView
from events.reports.funder.words import labels as all_labels
from events.reports.words import duration

_KINDS = {
    "indicator": "indicator",
    "definition": "definition",
    "total": "total",
    "event": "event",
    "event_minutes": "event",
    "texts": "texts",
}
"""What the key of a change begins with → the label that says of what it is."""


class ChangeLine(Struct, frozen=True, kw_only=True):
    """A line of the difference: `of` says whether it is of an indicator, a total …, `figure` what was counted.

    `written` are both values as people read them, a missing one as a dash. `minutes` says that they are whole minutes.
    """

    of: str
    name: str
    figure: str
    before: float | None
    after: float | None
    written: tuple[str, str]
    minutes: bool = False

    @property
    def called(self) -> str:
        """What it is of, in one: the event with what was counted of it."""
        return ": ".join(part for part in (self.name, self.figure) if part)

    @property
    def numbers(self) -> tuple[float | None, float | None]:
        """Both values as a sheet has them, time in hours."""
        return (_hours(self.before), _hours(self.after)) if self.minutes else (self.before, self.after)


def change_lines(view: FunderReportView) -> list[ChangeLine]:
    """Return the lines in the words that the report was frozen with; those that it had not yet are of today."""
    labels = {**all_labels(), **view.labels}
    return [_line(change, labels) for change in view.changes]


def _line(change: Change, labels: dict[str, str]) -> ChangeLine:
    kind = change.key.partition(":")[0]
    minutes = kind == "event_minutes" or change.key == "total:minutes"
    figure = {"event": "participations", "event_minutes": "hours", "definition": "target"}.get(kind, "")
    # What was said otherwise may be as much as before: the same number twice would look like a mistake.
    told = (None, None) if change.words and change.before == change.after else (change.before, change.after)
    return ChangeLine(
        of=labels[_KINDS[kind]],
        name=labels["hours"] if change.key == "total:minutes" else "" if kind == "texts" else change.name,
        figure=labels[figure] if figure else "",
        before=told[0],
        after=told[1],
        written=(_written(told[0], labels, minutes=minutes), _written(told[1], labels, minutes=minutes)),
        minutes=minutes,
    )


def _written(value: float | None, labels: Mapping[str, str], *, minutes: bool) -> str:
    if value is None:
        return "–"
    return duration(int(value), labels) if minutes else format_number(value)


def _hours(minutes: float | None) -> float | None:
    return None if minutes is None else rounded(Decimal(minutes) / 60)

"""A comparison put in rows: the same on the page, in files and in heat maps.

A matrix has a table for each of its rows, as each is a question of its own to the events that are compared.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from events.core.i18n import gettext as _
from events.surveys.comparing.queries import Comparison, Group
from events.surveys.results.figures import Cell, Figures
from events.surveys.results.rules import Result, Row, share
from events.surveys.tables import QuestionKind

NOT_SHOWN = "–"
"""Stands where fewer than five answered, or nobody did."""


class Line(Struct, frozen=True):
    """One group, or all together: its name with language and link, and its figures."""

    name: str
    language: str
    href: str
    cells: tuple[Cell, ...]


class Table(Struct, frozen=True):
    """A question, or one row of a matrix, by group, with all together at the end, for each kind of survey.

    The last `shares` columns are per cents; `heat` is what its heat map shows.
    """

    title: str
    language: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    shares: int
    heat: Figures | None = None


def tables(made: Comparison, by_name: str) -> list[Table]:
    """Put a comparison in rows; `by_name` says what the groups are."""
    groups = [*made.groups, *_together(made)]
    if made.question.kind is QuestionKind.MATRIX:
        return list(_of_matrix(made, groups, by_name))
    title, language = made.question.label
    lines = tuple(_line(group, _cells(group.result)) for group in groups)
    summed = groups[0].result
    headings = (by_name, _("Surveys"), _("Answers"), *_headings(summed))
    return [Table(title, language, headings, lines, shares=len(_parts(summed)))]


def apart() -> str:
    """Say why surveys of several kinds have each their sum."""
    return _("Surveys of different kinds are summed up apart: the same persons may have answered more than one.")


def _together(made: Comparison) -> list[Group]:
    """Return the sums that stand at the end, of each kind of survey; none where the groups are the kinds already."""
    if len(made.totals) == 1:
        names = [_("All together")]
    elif made.totals == made.groups:
        names = []
    else:
        names = [f"{_('All together')}: {each.name}" for each in made.totals]
    return [structs.replace(each, name=name, short=name) for name, each in zip(names, made.totals, strict=False)]


def _headings(summed: Result) -> list[str]:
    """Return the names of the figures that the question has."""
    mean = [_("Mean")] if summed.mean is not None else []
    more = [_("NPS")] if summed.nps else []
    return [*mean, *more, *(_per_cent(label) for label, _count in _parts(summed))]


def _cells(summed: Result) -> list[Cell]:
    mean: list[Cell] = [summed.mean] if summed.mean is not None else []
    more: list[Cell] = [summed.nps.score] if summed.nps else []
    return [summed.n, *mean, *more, *(share(count, summed.n) for _label, count in _parts(summed))]


def _parts(summed: Result) -> Sequence[tuple[str, int]]:
    """Return what the answers are divided into: the options, of a recommendation the three parts of its score."""
    if not summed.nps:
        return summed.counts
    parts = summed.nps
    return [(_("Promoters"), parts.promoters), (_("Passives"), parts.passives), (_("Detractors"), parts.detractors)]


def _of_matrix(made: Comparison, groups: Sequence[Group], by_name: str) -> Iterator[Table]:
    options = [choice.label[0] for choice in made.question.choices]
    headings = (by_name, _("Surveys"), _("Answers"), *map(_per_cent, options))
    for number, choice in enumerate(made.question.rows):
        rows = [(group, group.result.rows[number]) for group in groups]
        lines = tuple(_line(group, _row_cells(row, len(options))) for group, row in rows)
        title, language = choice.label
        shown = tuple(Row(name, row.n, row.counts) for name, row in _named(rows) if row.counts)
        heat = Figures(choice.code, QuestionKind.MATRIX, title, language, (), ("", *options, ""), matrix=shown)
        yield Table(title, language, headings, lines, shares=len(options), heat=heat)


def _row_cells(row: Row, options: int) -> list[Cell]:
    if not row.counts:
        return [NOT_SHOWN] * (options + 1)
    return [row.n, *(share(count, row.n) for count in row.counts)]


def _named(rows: Sequence[tuple[Group, Row]]) -> Iterator[tuple[str, Row]]:
    """Name each group with how many answered, no two alike: the heat map puts what is called the same in one place."""
    seen: Counter[str] = Counter()
    for group, row in rows:
        seen[group.short] += 1
        place = f" {seen[group.short]}." if seen[group.short] > 1 else ""
        yield f"{group.short}{place} (n = {row.n})", row


def _line(group: Group, cells: Sequence[Cell]) -> Line:
    return Line(group.name, group.language, group.href, (group.surveys, *cells))


def _per_cent(label: str) -> str:
    return _("%(label)s, %%", label=label)

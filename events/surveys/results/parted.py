"""Results by site, language or region, in rows; pure.

A group is shown from five answers on, and beside others so that none of fewer can be computed from the sums: what is
hidden goes into one row with the answers that carry no label. A question that fewer than five of a group answered is
hidden in that row, and another row with it where the sum would tell it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from events.core.i18n import format_number
from events.core.i18n import gettext as _
from events.core.small_groups import SMALLEST, to_hide
from events.surveys.asked import Question, Values
from events.surveys.groups.queries import Apart, Group
from events.surveys.groups.rules import By
from events.surveys.results.figures import Cell, PerCent
from events.surveys.results.rules import Nps, Result, result, share
from events.surveys.tables import QuestionKind

HIDDEN = "–"

NOT_PARTED = frozenset({QuestionKind.SECTION, QuestionKind.TEXT})


class Counted(Struct, frozen=True, kw_only=True):
    """How many answered, and how many chose what, by the options' codes; `n` None where nobody did, or it is hidden."""

    n: int | None = None
    counts: Mapping[str, int] = {}
    mean: Decimal | None = None
    nps: Nps | None = None


class Line(Struct, frozen=True):
    """What a group answered to a question, of a matrix to each of its rows.

    `code` as of `Group`, `REST` of those who are not told apart, `ALL` of all together.
    """

    code: str
    name: str
    counted: tuple[Counted, ...]


REST, ALL = "rest", "all"


class Table(Struct, frozen=True):
    """A question by group: the last line is of all together; `words` columns of text stand before those of figures."""

    title: str
    language: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[Line, ...]
    words: int = 1

    @property
    def together(self) -> range:
        """Which rows are of all together: the last one, of a matrix the last of each of its rows."""
        return range(len(self.lines) - 1, len(self.rows), len(self.lines))


class Parted(Struct, frozen=True):
    """All questions by group; of so many answers `untold` are told apart by nothing. Empty where no group is shown."""

    by: By
    name: str
    answers: int
    untold: int
    named: bool = False
    tables: dict[str, Table] = {}


def names_of() -> dict[By, str]:
    """Return what results can be told apart by, in the present language."""
    return {By.SITE: _("Site"), By.LANGUAGE: _("Language"), By.REGION: _("Region")}


def parted(apart: Apart, questions: Sequence[Question]) -> Parted:
    """Sum up each question by group, with what must be hidden left out."""
    name = names_of()[apart.by]
    number = len(apart.rest) + sum(len(group.answers) for group in apart.groups)
    groups, rest = _shown(apart)
    if not groups:
        return Parted(apart.by, name, number, number, named=apart.named)
    if rest:
        groups.append(Group(REST, _("Not told apart"), tuple(rest)))
    tables = {each.code: table for each in questions if (table := _table(each, groups, name))}
    return Parted(apart.by, name, number, len(rest), apart.named, tables)


def untold_words(part: Parted) -> str:
    """Say how many answers are told apart by nothing, and why; "" where all are."""
    if not part.tables:
        return _(
            "%(what)s: nothing can be told apart so that nobody can be recognised: there are too few answers of any"
            " group, or all are of one.",
            what=part.name,
        )
    if not part.untold:
        return ""
    numbers = {"untold": format_number(part.untold), "answers": format_number(part.answers)}
    if part.named:
        return _(
            "%(what)s: %(untold)s of %(answers)s answers are in the row “Not told apart”: groups of fewer than five,"
            " and any that would give them away.",
            what=part.name,
            **numbers,
        )
    return _(
        "%(what)s: %(untold)s of %(answers)s answers are in the row “Not told apart”, so that nobody can be recognised:"
        " the first four of each group, after a reminder anew, those of groups that are too small, those that were"
        " counted together with other groups, and those by an open link.",
        what=part.name,
        **numbers,
    )


def _shown(apart: Apart) -> tuple[list[Group], list[Values]]:
    hidden = to_hide([*(len(group.answers) for group in apart.groups), len(apart.rest)])
    shown = [group for place, group in enumerate(apart.groups) if place not in hidden]
    small = [answer for place, group in enumerate(apart.groups) if place in hidden for answer in group.answers]
    return shown, [*apart.rest, *small]


def _table(question: Question, groups: Sequence[Group], name: str) -> Table | None:
    together = Group(ALL, _("All together"), tuple(answer for group in groups for answer in group.answers))
    everything = result(question, together.answers)
    if question.kind in NOT_PARTED or everything.hidden:
        return None
    lines = _lines(question, groups, together)
    title, language = question.label
    if question.kind is QuestionKind.MATRIX:
        options = [choice.label[0] for choice in question.choices]
        rows = [
            (line.name, row.label[0], *_chosen(question, line.counted[number]))
            for number, row in enumerate(question.rows)
            for line in lines
        ]
        return Table(title, language, (name, _("Row"), *options, _("Answers")), tuple(rows), tuple(lines), words=2)
    headings = _headings(everything)
    figures = [(line.name, *_figures(line.counted[0], len(headings))) for line in lines]
    return Table(title, language, (name, *headings), tuple(figures), tuple(lines))


def _lines(question: Question, groups: Sequence[Group], together: Group) -> list[Line]:
    """Count each group, with what must be hidden left out, row by row of a matrix; then all together."""
    counted = [_counted(question, group.answers) for group in groups]
    for number in range(len(question.rows) or 1):
        hidden = to_hide([each[number].n or 0 for each in counted])
        for place, each in enumerate(counted):
            if place in hidden or not each[number].n:
                each[number] = Counted()
    lines = [Line(group.code, group.name, tuple(each)) for group, each in zip(groups, counted, strict=True)]
    return [*lines, Line(ALL, together.name, tuple(_counted(question, together.answers)))]


def _counted(question: Question, answers: Sequence[Values]) -> list[Counted]:
    if question.kind is not QuestionKind.MATRIX:
        return [counted_of(result(question, answers))]
    given = [value for answer in answers if isinstance(value := answer.get(question.code), dict)]
    return [_chosen_on(question, [each[row.code] for each in given if row.code in each]) for row in question.rows]


def counted_of(summed: Result) -> Counted:
    """Return the figures of a question that is no matrix."""
    counts = zip(summed.question.codes, (number for _label, number in summed.counts), strict=False)
    return Counted(n=summed.n, counts=dict(counts), mean=summed.mean, nps=summed.nps)


def _chosen_on(question: Question, chosen: Sequence[str]) -> Counted:
    shown = len(chosen) >= SMALLEST
    return Counted(n=len(chosen), counts={code: chosen.count(code) for code in question.codes} if shown else {})


def _chosen(question: Question, counted: Counted) -> tuple[Cell, ...]:
    counts = [counted.counts.get(code, HIDDEN) for code in question.codes]
    return (*counts, HIDDEN if counted.n is None else counted.n)


def _headings(summed: Result) -> tuple[str, ...]:
    mean = (_("Mean"),) if summed.mean is not None else ()
    if summed.nps:
        return (_("Answers"), *mean, "NPS", _("Promoters"), _("Passives"), _("Detractors"))
    return (_("Answers"), *mean, *(label for label, _count in summed.counts))


def _figures(counted: Counted, width: int) -> tuple[Cell, ...]:
    if counted.n is None:
        return (HIDDEN,) * width
    mean = (counted.mean,) if counted.mean is not None else ()
    if counted.nps:
        parts = counted.nps
        return (counted.n, *mean, parts.score, parts.promoters, parts.passives, parts.detractors)
    return (counted.n, *mean, *(PerCent(share(count, counted.n)) for count in counted.counts.values()))

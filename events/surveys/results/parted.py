"""Results by site, language or region, in rows; pure.

A group is shown from five answers on, and beside others so that none of fewer can be computed from the sums: what is
hidden goes into one row with the answers that carry no label. A question that fewer than five of a group answered is
hidden in that row, and another row with it where the sum would tell it.
"""

from collections.abc import Sequence

from msgspec import Struct

from events.core.i18n import format_number
from events.core.i18n import gettext as _
from events.core.small_groups import to_hide
from events.surveys.asked import Question, Values
from events.surveys.groups.queries import Apart
from events.surveys.groups.rules import By
from events.surveys.results.figures import Cell, share
from events.surveys.results.rules import Result, result
from events.surveys.tables import QuestionKind

Group = tuple[str, Sequence[Values]]

HIDDEN = "–"

NOT_PARTED = frozenset({QuestionKind.SECTION, QuestionKind.TEXT})


class Table(Struct, frozen=True):
    """A question by group: the last row is of all together; `words` columns of text stand before those of figures."""

    title: str
    language: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1


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
    number = len(apart.rest) + sum(len(answers) for _name, answers in apart.groups)
    groups, rest = _shown(apart)
    if not groups:
        return Parted(apart.by, name, number, number, named=apart.named)
    lines = [*groups, (_("Not told apart"), rest)] if rest else groups
    tables = {each.code: table for each in questions if (table := _table(each, lines, name))}
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
    hidden = to_hide([*(len(answers) for _name, answers in apart.groups), len(apart.rest)])
    groups: list[Group] = []
    rest = list(apart.rest)
    for place, (name, answers) in enumerate(apart.groups):
        if place in hidden:
            rest += answers
        else:
            groups.append((name, answers))
    return groups, rest


def _table(question: Question, lines: Sequence[Group], name: str) -> Table | None:
    everything = result(question, [answer for _name, answers in lines for answer in answers])
    if question.kind in NOT_PARTED or everything.hidden:
        return None
    title, language = question.label
    if question.kind is QuestionKind.MATRIX:
        options = [choice.label[0] for choice in question.choices]
        return Table(title, language, (name, _("Row"), *options, _("Answers")), _matrix(question, lines), words=2)
    headings, width = _headings(everything), len(_figures(everything))
    summed = [(said, result(question, answers)) for said, answers in lines]
    hidden = to_hide([each.n for _name, each in summed])
    rows = [
        (said, *((HIDDEN,) * width if place in hidden or not each.n else _figures(each)))
        for place, (said, each) in enumerate(summed)
    ]
    return Table(title, language, (name, *headings), (*rows, (_("All together"), *_figures(everything))))


def _matrix(question: Question, lines: Sequence[Group]) -> tuple[tuple[Cell, ...], ...]:
    everything = result(question, [answer for _name, answers in lines for answer in answers])
    summed = [(said, _rows(question, answers)) for said, answers in lines]
    made: list[tuple[Cell, ...]] = []
    for number, total in enumerate(everything.rows):
        hidden = to_hide([len(each[number]) for _name, each in summed])
        for place, (said, each) in enumerate(summed):
            given = each[number]
            shown = given and place not in hidden
            counts = [given.count(code) if shown else HIDDEN for code in question.codes]
            made.append((said, total.label, *counts, len(given) if shown else HIDDEN))
        counts = list(total.counts) or [HIDDEN for _code in question.codes]
        made.append((_("All together"), total.label, *counts, total.n))
    return tuple(made)


def _rows(question: Question, answers: Sequence[Values]) -> list[list[str]]:
    """Return what was chosen on each row of a matrix."""
    given = [value for answer in answers if isinstance(value := answer.get(question.code), dict)]
    return [[each[row.code] for each in given if row.code in each] for row in question.rows]


def _headings(summed: Result) -> tuple[str, ...]:
    mean = (_("Mean"),) if summed.mean is not None else ()
    if summed.nps:
        return (_("Answers"), *mean, "NPS", _("Promoters"), _("Passives"), _("Detractors"))
    return (_("Answers"), *mean, *(label for label, _count in summed.counts))


def _figures(summed: Result) -> tuple[Cell, ...]:
    mean = (summed.mean,) if summed.mean is not None else ()
    if summed.nps:
        parts = summed.nps
        return (summed.n, *mean, parts.score, parts.promoters, parts.passives, parts.detractors)
    return (summed.n, *mean, *(f"{share(count, summed.n)} %" for _label, count in summed.counts))

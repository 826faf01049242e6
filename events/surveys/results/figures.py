"""What was answered to each question as text and numbers in rows: the same on the page, in files, in pictures."""

from decimal import Decimal

from msgspec import Struct

from events.core.i18n import format_number, ngettext
from events.core.i18n import gettext as _
from events.surveys.results.rules import Result, Row, share
from events.surveys.tables import QuestionKind


class PerCent(Struct, frozen=True):
    """A share in whole per cent: in words on the page and on paper, in a workbook a number to count with."""

    number: int

    def __str__(self) -> str:
        """Write it as the page does."""
        return f"{self.number} %"


Cell = str | int | Decimal | PerCent


class Figures(Struct, frozen=True):
    """A question with what was answered: notes, and a table (no headings: none); `texts` of free texts.

    `matrix` are the shares of a matrix's cells by row, for its heat map; a hidden row is empty.
    """

    code: str
    kind: QuestionKind
    title: str
    language: str
    notes: tuple[str, ...]
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    texts: tuple[str, ...] = ()
    matrix: tuple[Row, ...] = ()


def figures(result: Result, *, texts_shown: bool) -> Figures:
    """Put the answers to a question in rows; texts for who may see who took part."""
    question = result.question
    title, language = question.label
    if question.kind is QuestionKind.TEXT:
        notes, texts = _texts(result, texts_shown=texts_shown)
        return Figures(question.code, question.kind, title, language, notes, texts=texts)
    if result.hidden:
        return Figures(question.code, question.kind, title, language, (_("Fewer than five answered this question."),))
    headings, rows = _table(result)
    return Figures(question.code, question.kind, title, language, _notes(result), headings, rows, matrix=result.rows)


def _texts(result: Result, *, texts_shown: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if result.hidden:
        return (_("Fewer than five answered this question."),), ()
    if texts_shown:
        return (() if result.texts else (_("Nobody wrote anything."),)), result.texts
    words = ngettext(
        "%(n)s person wrote something. Texts are shown to organisers only, as they may name someone.",
        "%(n)s persons wrote something. Texts are shown to organisers only, as they may name someone.",
        result.n,
    )
    return (words,), ()


def _notes(result: Result) -> tuple[str, ...]:
    said = ngettext("%(n)s answer", "%(n)s answers", result.n)
    if result.asked > result.n:
        said = _("%(answers)s of %(asked)s who were asked this", answers=said, asked=format_number(result.asked))
    notes = [said]
    if result.mean is not None:
        notes.append(_("mean %(mean)s", mean=format_number(result.mean)))
    if result.nps:
        parts = {"promoters": result.nps.promoters, "passives": result.nps.passives, "against": result.nps.detractors}
        notes.append(_("NPS %(score)s", score=format_number(result.nps.score)))
        notes.append(_("%(promoters)s promoters, %(passives)s passives, %(against)s detractors", **parts))
    if any(not row.counts for row in result.rows):
        notes.append(_("A row that fewer than five answered shows how many alone."))
    return tuple(notes)


def _table(result: Result) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    if result.rows:
        labels = [choice.label[0] for choice in result.question.choices]
        lines = [(row.label, *(row.counts or ("–",) * len(labels)), row.n) for row in result.rows]
        return (_("Row"), *labels, _("Answers")), tuple(lines)
    if not result.counts:
        return (), ()
    shares = tuple((label, count, share(count, result.n)) for label, count in result.counts)
    return (_("Answer"), _("Times chosen"), _("Share, %")), shares

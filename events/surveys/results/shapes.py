"""The results of a survey as data, from the same figures as its page and its files. Names stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, structs

from events.surveys.asked import Question
from events.surveys.results.files import Made, key_figures
from events.surveys.results.parted import Counted, Line, Parted, Table, counted_of, untold_words
from events.surveys.results.rules import Result, share
from events.surveys.tables import QuestionKind
from events.surveys.tagging.rules import Text


class ChoiceCount(Struct, frozen=True):
    """How many chose an option, and how many per cent of those who answered that is."""

    code: str
    label: str
    count: int
    share: int


class NpsFigures(Struct, frozen=True):
    """The net promoter score and its parts."""

    score: int
    promoters: int
    passives: int
    detractors: int


class AnswerFigures(Struct, frozen=True, kw_only=True):
    """What was answered: `answers` null where fewer than five or what would give them away is hidden."""

    answers: int | None
    mean: float | None = None
    nps: NpsFigures | None = None
    choices: list[ChoiceCount] = []


class RowFigures(AnswerFigures, frozen=True, kw_only=True):
    """What was answered to a row of a matrix; `choices` is empty where fewer than five did."""

    code: str
    label: str


class QuestionResult(AnswerFigures, frozen=True, kw_only=True):
    """A question; so many `met` it of those who answered. `texts` null: none, or not for the reader."""

    code: str
    kind: QuestionKind
    title: str
    title_language: str
    met: int | None
    rows: list[RowFigures] = []
    texts: list[str] | None = None


class GroupFigures(AnswerFigures, frozen=True, kw_only=True):
    """What a group answered; `code` is a site's id, a language or a region, "rest" those not told apart, or "all"."""

    code: str
    name: str
    rows: list[RowFigures] = []


class QuestionByGroup(Struct, frozen=True):
    """A question by group: those that are shown, those who are not told apart where there are any, all together."""

    code: str
    groups: list[GroupFigures]


class ByGroup(Struct, frozen=True, kw_only=True):
    """The results by site, language or region; of so many answers `not_told_apart` are not, and `note` says why."""

    by: str
    name: str
    answers: int
    not_told_apart: int
    note: str
    questions: list[QuestionByGroup]


class SurveyResults(Struct, frozen=True, kw_only=True):
    """The results of a survey at one moment, in the request's language; `questions` is empty below five answers.

    Rates are from 0 to 1. Of the answers so many are `not_counted_yet`: while answers may come, figures move by five
    at a time. `definitions` say what is counted. Who may not see who took part is told of answers alone; the other
    numbers are null.
    """

    event: str
    of: str
    name: str
    name_language: str
    by_name: bool
    closes_at: datetime | None
    made_at: datetime
    attended: int | None
    asked: int | None
    answers: int | None
    answers_by_link: int | None
    not_counted_yet: int
    rate_of_attended: float | None
    rate_of_asked: float | None
    definitions: dict[str, str]
    questions: list[QuestionResult]
    by: ByGroup | None


def survey_results(made: Made, part: Parted | None, texts: Mapping[str, list[Text]]) -> SurveyResults:
    """Return what the page shows; `texts` by question, for who may read them."""
    summed = made.summed
    everything = ("attended", "asked", "answers", "rate_of_attended", "rate_of_asked")
    names = ("answers",) if summed.by_link is None else everything
    questions = [each.question for each in summed.results]
    return SurveyResults(
        event=made.event.slug,
        of=made.survey.which,
        name=made.survey.name[0],
        name_language=made.survey.name[1],
        by_name=made.survey.named,
        closes_at=summed.closes_at,
        made_at=made.made_at,
        attended=summed.attended,
        asked=summed.asked,
        answers=summed.answered,
        answers_by_link=summed.by_link,
        not_counted_yet=summed.unshown,
        rate_of_attended=summed.rate_of_attended,
        rate_of_asked=summed.rate,
        definitions={name: says for name, (_name, _value, says) in zip(names, key_figures(summed), strict=True)},
        questions=[_question(each, texts.get(each.question.code)) for each in summed.results],
        by=_by_group(part, questions) if part else None,
    )


def _question(summed: Result, texts: list[Text] | None) -> QuestionResult:
    question, title = summed.question, summed.question.label
    rows = [Counted(n=row.n, counts=dict(zip(question.codes, row.counts, strict=False))) for row in summed.rows]
    return QuestionResult(
        **structs.asdict(figures_of(question, Counted() if summed.hidden else counted_of(summed))),
        code=question.code,
        kind=question.kind,
        title=title[0],
        title_language=title[1],
        met=None if summed.hidden else summed.asked,
        rows=rows_of(question, rows),
        texts=None if texts is None else [each.text for each in texts for _time in range(each.times)],
    )


def figures_of(question: Question, counted: Counted) -> AnswerFigures:
    """Return the figures of a question or of a row of it."""
    nps = counted.nps
    labels = {choice.code: choice.label[0] for choice in question.choices}
    return AnswerFigures(
        answers=counted.n,
        mean=None if counted.mean is None else float(counted.mean),
        nps=NpsFigures(nps.score, nps.promoters, nps.passives, nps.detractors) if nps else None,
        choices=[
            ChoiceCount(code, labels.get(code, code), number, share(number, counted.n))
            for code, number in counted.counts.items()
            if counted.n
        ],
    )


def rows_of(question: Question, counted: Sequence[Counted]) -> list[RowFigures]:
    """Return the rows of a matrix; another question has none."""
    return [
        RowFigures(code=row.code, label=row.label[0], **structs.asdict(figures_of(question, each)))
        for row, each in zip(question.rows, counted, strict=False)
    ]


def _by_group(part: Parted, questions: list[Question]) -> ByGroup:
    return ByGroup(
        by=part.by.value,
        name=part.name,
        answers=part.answers,
        not_told_apart=part.untold,
        note=untold_words(part),
        questions=[_parted(each, part.tables[each.code]) for each in questions if each.code in part.tables],
    )


def _parted(question: Question, table: Table) -> QuestionByGroup:
    return QuestionByGroup(question.code, [_group(question, line) for line in table.lines])


def _group(question: Question, line: Line) -> GroupFigures:
    rows = rows_of(question, line.counted)
    whole = figures_of(question, Counted() if rows else line.counted[0])
    return GroupFigures(**structs.asdict(whole), code=line.code, name=line.name, rows=rows)

"""One question compared over events, as JSON: what its page shows, with the same parameters."""

from typing import Annotated, Any

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct, structs

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core.errors import Invalid
from events.core.web import AnyRequest, require_known
from events.surveys.asked import Question
from events.surveys.comparing.forms import NAMES
from events.surveys.comparing.making import comparison, form_of
from events.surveys.comparing.queries import Comparison, Group
from events.surveys.results.parted import Counted, counted_of
from events.surveys.results.rules import Result
from events.surveys.results.shapes import AnswerFigures, RowFigures, figures_of, rows_of
from events.surveys.tables import QuestionKind, SurveyKind


class ComparedFigures(AnswerFigures, frozen=True, kw_only=True):
    """What was answered in so many surveys together."""

    surveys: int
    rows: list[RowFigures] = []


class ComparedGroup(ComparedFigures, frozen=True, kw_only=True):
    """An event, a kind of survey, a series, a theme or a month, with what surveys of the kind `survey` say of it.

    `results` leads to those of an event's survey.
    """

    name: str
    survey: SurveyKind
    results: str | None


class SurveyComparison(Struct, frozen=True, kw_only=True):
    """A question over events; surveys in which fewer than five answered it are in no figure (`left_out`).

    `totals` has a sum for each kind of survey: nothing is summed up over kinds, as the same persons may have answered
    several. `total` is null where there are several kinds, or nothing to show.
    """

    question: str
    by: str
    title: str
    title_language: str
    left_out: int
    total: ComparedFigures | None
    totals: list[ComparedGroup]
    groups: list[ComparedGroup]


async def asked(
    request: AnyRequest,
    *,
    question: Annotated[str, QueryParameter(description="Code of a question of the bank.")] = "usefulness",
    by: Annotated[str, QueryParameter(description="`event`, `survey`, `series`, `theme` or `month`.")] = "event",
    start: Annotated[str | None, QueryParameter(name="from", description="First day, as 2026-01-31.")] = None,
    end: Annotated[str | None, QueryParameter(name="to", description="Last day.")] = None,
    project: Annotated[str | None, QueryParameter(description="Code of a project.")] = None,
    theme: Annotated[str | None, QueryParameter(description="Code of a theme.")] = None,
    kind: Annotated[str | None, QueryParameter(description="Kind of event.")] = None,
    host: Annotated[str | None, QueryParameter(description="Code of the region that hosted the event.")] = None,
    series: Annotated[str | None, QueryParameter(description="Id of a series.")] = None,
    survey: Annotated[str | None, QueryParameter(description="`feedback`, `impact_3`, `impact_6` or `own`.")] = None,
) -> dict[str, str]:
    """What is compared, as the address of the page says it."""
    require_known(request, NAMES)
    given = {
        "question": question,
        "by": by,
        "from": start,
        "to": end,
        "project": project,
        "theme": theme,
        "kind": kind,
        "host": host,
        "series": series,
        "survey": survey,
    }
    return {name: value for name, value in given.items() if value is not None}


@get(
    "/api/v1/surveys/compare",
    guards=[Requires(Action.SEE_SURVEY_RESULTS)],
    opt={"machine": True},
    dependencies={"given": Provide(asked)},
)
async def compare(request: AnyRequest, *, given: NamedDependency[dict[str, str]]) -> SurveyComparison:
    """One question over the events whose results one may see, by event, survey, series, theme or month."""
    actor = actor_of(request)
    form = await form_of(given, actor)
    if not form.validate():
        raise Invalid({name: [str(each) for each in errors] for name, errors in form.errors.items() if name})
    code, by = form.question.data, form.by.data
    made = await comparison(form, actor)
    if made is None:
        title = next(str(choice.label) for choice in form.question.choices if choice.value == code)
        empty: dict[str, Any] = {"total": None, "totals": [], "groups": []}
        return SurveyComparison(question=code, by=by, title=title, title_language="", left_out=0, **empty)
    return _compared(made, code, by)


def _compared(made: Comparison, code: str, by: str) -> SurveyComparison:
    title, language = made.question.label
    return SurveyComparison(
        question=code,
        by=by,
        title=title,
        title_language=language,
        left_out=made.left_out,
        total=_figures(made.question, only[0].result, only[0].surveys) if len(only := made.totals) == 1 else None,
        totals=[_group(made.question, each) for each in made.totals],
        groups=[_group(made.question, each) for each in made.groups],
    )


def _group(question: Question, group: Group) -> ComparedGroup:
    figures = _figures(question, group.result, group.surveys)
    address = group.href.replace("/staff/", "/api/v1/", 1) or None
    return ComparedGroup(**structs.asdict(figures), name=group.name, survey=group.kind, results=address)


def _figures(question: Question, summed: Result, surveys: int) -> ComparedFigures:
    if question.kind is not QuestionKind.MATRIX:
        return ComparedFigures(**structs.asdict(figures_of(question, counted_of(summed))), surveys=surveys)
    counted = [
        Counted(n=row.n, counts=dict(zip(question.codes, row.counts, strict=False))) if row.counts else Counted()
        for row in summed.rows
    ]
    return ComparedFigures(answers=None, surveys=surveys, rows=rows_of(question, counted))


ROUTES: list[ControllerRouterHandler] = [compare]

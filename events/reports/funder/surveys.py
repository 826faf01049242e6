"""What the surveys of a report's events say: a summary of each, and the impacts that indicators count."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from events.core import database
from events.core.small_groups import SMALLEST
from events.reports.funder.shapes import EventRow, NpsParts, SurveyAnswer, SurveySummary
from events.surveys.queries import survey_of
from events.surveys.results.queries import Results, results
from events.surveys.results.rules import Nps, Result
from events.surveys.tables import SurveyKind

IMPACTS: Mapping[str, str] = {"joint_projects": "impact_project", "funding_applications": "impact_funding"}
"""Which question of an impact survey tells it; the answer counted is `YES`."""

YES = "yes"

LATEST_FIRST = (SurveyKind.IMPACT_6, SurveyKind.IMPACT_3)
"""The same project is told after three and after six months: of each event only the last survey counts."""


async def summaries(events: Sequence[EventRow]) -> tuple[list[SurveySummary], dict[str, int | None]]:
    """Return the summaries of the events that asked, and the impacts; None where no impact survey has five answers."""
    rows = await database.fetch("SELECT slug, id FROM event WHERE slug = ANY($1)", [event.slug for event in events])
    ids: dict[str, UUID] = dict(row for row in rows)
    found = [(event, await results(ids[event.slug])) for event in events if event.slug in ids]
    later = [await _last_impact(ids[event.slug]) for event, _summed in found]
    impacts = {name: _impact(later, question) for name, question in IMPACTS.items()}
    return [summary(event, summed) for event, summed in found if summed.asked or summed.answered], impacts


async def _last_impact(event: UUID) -> Sequence[Result]:
    """Return the results of the last impact survey that has enough answers to be shown."""
    for kind in LATEST_FIRST:
        survey = await survey_of(event, kind)
        summed = await results(event, survey) if survey else None
        if summed and summed.results:
            return summed.results
    return ()


def summary(event: EventRow, summed: Results) -> SurveySummary:
    """Sum up the survey of an event; free text is left out: it may name people."""
    return SurveySummary(
        slug=event.slug,
        title=event.title,
        title_language=event.title_language,
        attended=summed.attended,
        asked=summed.asked,
        answered=summed.answered,
        answers=[answer for each in summed.results if not each.hidden for answer in _answers(each)],
    )


def _answers(each: Result) -> Iterator[SurveyAnswer]:
    """Yield what a report tells of a question: of a matrix each row that enough answered, of a number the mean."""
    label = each.question.label[0]
    if each.counts or each.mean is not None:
        yield SurveyAnswer(
            label=label,
            n=each.n,
            mean=None if each.mean is None else float(each.mean),
            counts=list(each.counts),
            nps=_parts(each.nps) if each.nps else None,
        )
    options = {choice.code: choice.label[0] for choice in each.question.choices}
    for row in each.rows:
        if row.counts:
            counts = zip((options[code] for code in each.question.codes), row.counts, strict=True)
            yield SurveyAnswer(label=f"{label}: {row.label}", n=row.n, counts=list(counts))


def _parts(nps: Nps) -> NpsParts:
    return NpsParts(score=nps.score, promoters=nps.promoters, passives=nps.passives, detractors=nps.detractors)


def without_small(summed: SurveySummary) -> SurveySummary:
    """Return a summary as who sees no small groups gets it: answers from five on, not how many attended an event."""
    few = 0 < (summed.answered or 0) < SMALLEST
    return replace(summed, attended=None, asked=None, answered=None if few else summed.answered)


def _impact(every: Sequence[Sequence[Result]], question: str) -> int | None:
    numbers = [
        dict(zip(each.question.codes, (number for _label, number in each.counts), strict=True))[YES]
        for answered in every
        for each in answered
        if each.question.code == question and not each.hidden and YES in each.question.codes
    ]
    return sum(numbers) if numbers else None

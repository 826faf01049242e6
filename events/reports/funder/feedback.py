"""What surveys say as blocks of a paper: each question with its options, a recommendation with its score."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from events.core.i18n import format_number
from events.reports.funder.shapes import SurveyAnswer, SurveySummary
from events.reports.funder.words import labels as all_labels

Block = dict[str, Any]

NPS_PARTS = ("promoters", "passives", "detractors")
"""Fields of `NpsParts` that have a label of their own."""


def shown(value: float | Decimal | None) -> str:
    """Write a number as the present language does, a missing one as a dash."""
    return "–" if value is None else format_number(value)


def survey_blocks(survey: SurveySummary, labels: dict[str, str]) -> Iterator[Block]:
    """Return a survey's summary as blocks of a paper; `labels` of a revision may be older than some of them."""
    labels = {**all_labels(), **labels}
    numbers = ((labels[name], getattr(survey, name)) for name in ("attended", "asked", "answered"))
    yield {"kind": "note", "text": " · ".join(f"{name}: {shown(value)}" for name, value in numbers)}
    if survey.answers:
        headings = [labels[name] for name in ("question", "choice", "chosen")]
        questions = [_answers(each, labels) for each in survey.answers]
        yield {"kind": "answers", "headings": headings, "questions": questions}


def _answers(answer: SurveyAnswer, labels: Mapping[str, str]) -> Block:
    """Return a question with what was chosen how often; of a recommendation the three parts, of a number the mean."""
    notes, options = [(labels["answered"], shown(answer.n))], [[name, shown(number)] for name, number in answer.counts]
    if answer.mean is not None:
        # with the decimals that the survey gave it: 4,0
        mean = labels["mean"], shown(Decimal(str(answer.mean)))
        if options:
            notes.append(mean)
        else:
            options = [[*mean]]
    if answer.nps is not None:
        notes.append((labels["nps"], shown(answer.nps.score)))
        options = [[labels[name], shown(getattr(answer.nps, name))] for name in NPS_PARTS]
    return {
        "text": answer.label,
        "notes": " · ".join(f"{name}: {value}" for name, value in notes),
        "options": options,
    }

"""What the names in reports to funders mean, and those of the marks of a funder."""

from collections.abc import Mapping

from events.core.i18n import lazy_gettext as _
from events.reports import shapes as reports
from events.reports.funder import shapes
from events.reports.words import Words

_STATEMENT: Words = _("The sentence that the funder asks for.")
_EMBLEM_ALT: Words = _("The emblem in words, for those who do not see it.")
_LANGUAGE: Words = _("The language in which the text is written, as a code.")
_TITLE: Words = _("The title of the event.")
_KIND: Words = _("Kind of event.")
_NAMED: Mapping[str, Words] = {"title": _TITLE, "title_language": _("The language of the title.")}

FUNDER: Mapping[type, Mapping[str, Words]] = {
    reports.Mark: {
        "statement": _STATEMENT,
        "statement_language": _LANGUAGE,
        "emblem_url": _("Where the picture of the emblem is fetched; empty where there is none."),
        "emblem_alt": _EMBLEM_ALT,
    },
    shapes.FunderReportView: {
        "project": _("Code of a project."),
        "project_name": _("The name of the project."),
        "funder": _("Who funds the project."),
        "instrument": _("The funding instrument; empty where none is given."),
        "language": _("The language of all that is in words, as a code."),
        "rule": _("Which roles and kinds of event count."),
        "texts": _("The sections in words, in their order."),
        "surveys": _("The surveys of the events, summed up."),
        "labels": _("What is printed beside the figures: name and words."),
        "why": _("Why it was corrected; empty in the first revision."),
    },
    shapes.Figure: {
        "id": _("The indicator’s id, the same in every revision."),
        "rule": _("How it is counted, as a code."),
        "part": _("What of it alone is counted, as a code; empty for all."),
        "unit": _("The unit in words; empty where there is none."),
        "target": _("What is aimed at; missing where nothing is."),
        "definition": _("What the rule counts, in words."),
        "note": _("The project’s own definition, in words."),
        "source": _("Where a value that was entered by hand comes from."),
    },
    shapes.TextSection: {
        "heading": _("The heading of the section; may be empty."),
        "body": _("The text, as Markdown."),
        "language": _LANGUAGE,
    },
    shapes.Part: {"note": _("What to know when reading the table; may be empty.")},
    shapes.EventRow: {**_NAMED, "kind": _KIND},
    shapes.NamedEvent: _NAMED,
    shapes.SurveySummary: {
        **_NAMED,
        "attended": _("How many came, in any role; missing where it is hidden."),
        "asked": _("How many were asked; missing where it is hidden."),
        "answered": _("How many answered; missing where it is hidden."),
        "answers": _("The questions with their answers; empty below five answers."),
    },
    shapes.SurveyAnswer: {
        "label": _("The question."),
        "n": _("How many answered it."),
        "mean": _("The mean of the answers; missing where they are no numbers."),
        "counts": _("How often each option was chosen: option and number."),
        "nps": _("The net promoter score with its parts; missing where the question is no recommendation."),
    },
    shapes.NpsParts: {
        "score": _("Per cent of promoters minus per cent of detractors, from −100 to 100."),
        "promoters": _("How many answered 9 or 10."),
        "passives": _("How many answered 7 or 8."),
        "detractors": _("How many answered 0 to 6."),
    },
    shapes.ReportMark: {
        "statement": _STATEMENT,
        "statement_language": _LANGUAGE,
        "emblem": _("The picture of the emblem; empty where there is none."),
        "emblem_alt": _EMBLEM_ALT,
    },
    shapes.Change: {
        "key": _("What it is of – “indicator”, “total”, “event” … – and its id, after a colon."),
        "before": _("The figure in the revision before; missing where it was not there."),
        "after": _("The figure in this revision; missing where it is not there any more."),
        "words": _("“definition” or “texts” where words changed and not a figure; else empty."),
    },
    reports.Beside: {"why": _("Why they do not count: “role” or “kind” of event.")},
}
"""Struct → what its names mean there."""

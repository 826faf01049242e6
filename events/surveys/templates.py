"""The surveys that are ready to be sent: feedback after an event, its impact three and six months later."""

from collections.abc import Mapping, Sequence

from babel.support import LazyProxy

from events.core.i18n import LANGUAGES, in_language
from events.core.i18n import lazy_gettext as _
from events.surveys.asked import Choice, Question, Texts
from events.surveys.tables import QuestionKind, SurveyKind

Words = str | LazyProxy


def words(text: Words) -> Texts:
    """Return a text of ours in all languages."""
    said = {}
    for code in LANGUAGES:
        with in_language(code):
            said[code] = str(text)
    return said


def _choices(**options: Words) -> list[Choice]:
    return [Choice(code, words(text)) for code, text in options.items()]


def _asked(code: str, kind: QuestionKind, label: Words, *options: Choice, **more: object) -> Question:
    """Return a question of a template: it stands in the bank by its code, so that it compares over events."""
    return Question(code=code, kind=kind, labels=words(label), options=options, bank=code, **more)  # type: ignore[arg-type]


def _feedback() -> list[Question]:
    return [
        _asked(
            "usefulness",
            QuestionKind.SCALE,
            _("How useful was the event for your work?"),
            low=1,
            high=5,
            ends=[words(_("not useful")), words(_("very useful"))],
        ),
        _asked(
            "recommend",
            QuestionKind.NPS,
            _("How likely would you recommend such an event to a colleague?"),
            low=0,
            high=10,
            ends=[words(_("not at all likely")), words(_("very likely"))],
        ),
        _asked(
            "contacts",
            QuestionKind.ONE,
            _("How many new contacts from other regions did you make?"),
            *(Choice("0", words(_("None"))), Choice("1-2", words(_("1–2"))), Choice("3+", words(_("3 or more")))),
        ),
        _asked(
            "next",
            QuestionKind.ONE,
            _("What happens next with them?"),
            *_choices(
                nothing=_("Nothing for now"),
                stay_in_touch=_("We stay in touch"),
                joint_project=_("We plan a joint project"),
                funding_application=_("We plan to apply for funding together"),
                other=_("Something else"),
            ),
        ),
        _asked("comments", QuestionKind.TEXT, _("What should we keep, and what should we do otherwise?")),
    ]


def _impact(regions: Sequence[Choice]) -> list[Question]:
    """The same questions after three and six months, so that what grew in between is seen."""
    so_far = _choices(yes=_("Yes"), planned=_("It is being planned"), no=_("No"))
    return [
        _asked(
            "impact_contact",
            QuestionKind.ONE,
            _("Have you been in touch with someone whom you met at the event?"),
            *_choices(often=_("Several times"), once=_("Once"), no=_("No")),
        ),
        _asked("impact_project", QuestionKind.ONE, _("Has a joint project come of it?"), *so_far),
        _asked("impact_funding", QuestionKind.ONE, _("Has a funding application come of it?"), *so_far),
        _asked(
            "impact_regions",
            QuestionKind.MANY,
            _("With people from which regions?"),
            *regions,
            shown_if=[
                *("impact_contact=often", "impact_contact=once", "impact_project=yes", "impact_project=planned"),
                *("impact_funding=yes", "impact_funding=planned"),
            ],
        ),
        _asked("impact_words", QuestionKind.TEXT, _("What else has come of the event?")),
    ]


def template(kind: SurveyKind, regions: Sequence[Choice] = ()) -> list[Question]:
    """Return what a survey of a kind asks where nobody has changed it; `regions` are those one may have met.

    One of an event's own begins with nothing.
    """
    if kind is SurveyKind.OWN:
        return []
    return _feedback() if kind is SurveyKind.FEEDBACK else _impact(regions)


NAMES: Mapping[SurveyKind, Words] = {
    SurveyKind.FEEDBACK: _("Feedback"),
    SurveyKind.IMPACT_3: _("Impact after 3 months"),
    SurveyKind.IMPACT_6: _("Impact after 6 months"),
    SurveyKind.OWN: _("Own survey"),
}
"""What the kinds are called."""

RESERVED = frozenset({*("usefulness", "recommend", "contacts", "next", "comments")}) | {
    *("impact_contact", "impact_project", "impact_funding", "impact_regions", "impact_words")
}
"""Codes that mean the questions of the templates, in every survey."""

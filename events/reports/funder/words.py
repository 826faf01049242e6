"""What each rule of an indicator counts: its name, its definition and its unit, printed with every figure."""

from collections.abc import Mapping

from events.core.i18n import lazy_gettext as _
from events.network.tables import SizeClass
from events.programme.tables import Kind
from events.reports import words
from events.reports.funder.tables import Rule
from events.reports.words import Words

RULES: Mapping[Rule, Words] = {
    Rule.PARTICIPATIONS: _("Participations"),
    Rule.PERSONS: _("Unique persons"),
    Rule.ORGANISATIONS: _("Unique organisations"),
    Rule.ENTERPRISES: _("Enterprises, once per project (RCO01)"),
    Rule.EVENTS: _("Events held"),
    Rule.PERSON_HOURS: _("Person-hours"),
    Rule.PERSON_DAYS: _("Person-days of 8 hours"),
    Rule.REGIONS: _("Regions reached"),
    Rule.JOINT_PARTICIPATIONS: _("Participations in joint actions (RCO81)"),
    Rule.PUBLIC_EVENTS: _("Public events (RCO115)"),
    Rule.JOINT_PROJECTS: _("Joint projects, by impact surveys"),
    Rule.FUNDING_APPLICATIONS: _("Funding applications, by impact surveys"),
    Rule.BY_HAND: _("Entered by hand"),
}

DEFINITIONS: Mapping[Rule, Words] = {
    Rule.PARTICIPATIONS: words.DEFINITIONS["participations"],
    Rule.PERSONS: words.DEFINITIONS["persons"],
    Rule.ORGANISATIONS: words.DEFINITIONS["organisations"],
    Rule.ENTERPRISES: _(
        "Companies among the organisations that took part. Each is counted once in the whole project: in the period in"
        " which it took part first, in the size class that it had then. So the figures of periods add up to the"
        " project’s. Size by headcount, as declared (2003/361/EC)."
    ),
    Rule.EVENTS: _("Reconciled events at which at least one participation counts."),
    Rule.PERSON_HOURS: words.DEFINITIONS["minutes"],
    Rule.PERSON_DAYS: words.DEFINITIONS["minutes"],
    Rule.REGIONS: _(
        "Different regions from which participants came, as known at the time of the event. Of a project with target"
        " regions, those of them alone."
    ),
    Rule.JOINT_PARTICIPATIONS: _(
        "Participations at events that were not open to everybody, in any role that counts but the project’s own staff"
        " and partners. Public events are counted as events (RCO115) instead, and meetings of the project’s own"
        " partners in neither."
    ),
    Rule.PUBLIC_EVENTS: _(
        "Reconciled events that were open to everybody and at which somebody beside the project’s own staff and"
        " partners took part. Their participations do not count as joint actions (RCO81)."
    ),
    Rule.JOINT_PROJECTS: _(
        "Answers to the last impact survey of each event that say that a joint project has come of it. Surveys with"
        " fewer than five answers are left out; several answers may mean the same project."
    ),
    Rule.FUNDING_APPLICATIONS: _(
        "Answers to the last impact survey of each event that say that a funding application has come of it. Surveys"
        " with fewer than five answers are left out; several answers may mean the same application."
    ),
    Rule.BY_HAND: _("Entered by hand, from the source that is named."),
}

UNITS: Mapping[Rule, Words] = {
    Rule.PARTICIPATIONS: _("participations"),
    Rule.PERSONS: _("persons"),
    Rule.ORGANISATIONS: _("organisations"),
    Rule.ENTERPRISES: _("enterprises"),
    Rule.EVENTS: _("events"),
    Rule.PERSON_HOURS: _("hours"),
    Rule.PERSON_DAYS: _("days"),
    Rule.REGIONS: _("regions"),
    Rule.JOINT_PARTICIPATIONS: _("participations"),
    Rule.PUBLIC_EVENTS: _("events"),
    Rule.JOINT_PROJECTS: _("answers"),
    Rule.FUNDING_APPLICATIONS: _("answers"),
    Rule.BY_HAND: "",
}

ENTERPRISE_SIZES = (SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE, SizeClass.UNKNOWN)

PARTS: Mapping[Rule, Mapping[str, Words]] = {
    Rule.ENTERPRISES: {size.value: words.SIZE_CLASSES[size] for size in ENTERPRISE_SIZES},
    Rule.EVENTS: {kind.value: words.KINDS[kind] for kind in Kind},
}
"""By what a rule can be narrowed."""


LABELS: Mapping[str, Words] = {
    "title": _("Report to the funder"),
    "project": _("Project"),
    "funder": _("Funder"),
    "period": _("Period"),
    "counted": _("Counted here, in whole months"),
    "revision": _("Revision"),
    "draft": _("Draft"),
    "made": _("Made"),
    "code_version": _("Version of the service"),
    "input_hash": _("Digest of what was counted"),
    "indicators": _("Indicators"),
    "indicator": _("Indicator"),
    "of": _("Of what"),
    "code": _("Code"),
    "name": _("Name"),
    "value": _("Value"),
    "unit": _("Unit"),
    "target": _("Target"),
    "target_regions": _("Target regions"),
    "definition": _("Definition"),
    "source": _("Source"),
    "uncertain": _("Participations whose person is not certain (no e-mail address, likely duplicates)"),
    "participation": _("Participation"),
    "events": _("Events"),
    "event": _("Event"),
    "date": _("Date"),
    "kind": _("Kind of event"),
    "minutes": _("Minutes"),
    "not_reconciled": _("Held, not reconciled, left out"),
    "shared": _("Counted for other projects too"),
    "shared_note": _("These events count for several projects: their figures must not be added up over projects."),
    "survey": _("Feedback"),
    "attended": _("Attended"),
    "asked": _("Asked"),
    "attended_note": _("Attended are all who came, in whatever role; the events above count the roles that count."),
    "answered": _("Persons who answered"),
    "rate": _("Answers per hundred who attended"),
    "question": _("Question"),
    "mean": _("Mean"),
    "answers": _("Answers"),
    "choice": _("Answer option"),
    "chosen": _("Times chosen"),
    "nps": _("NPS"),
    "promoters": _("Promoters (9–10)"),
    "passives": _("Passives (7–8)"),
    "detractors": _("Detractors (0–6)"),
    "hidden": _(
        "Groups of fewer than five persons are not shown (–) or left out, and so is what would give them away."
        " Regions, types and sizes are told of whole half-years (January to June, July to December) alone."
    ),
    "changes_sheet": _("Changes"),
    "not_reconciled_sheet": _("Not reconciled"),
    "changes": _("Changed since the revision before"),
    "before": _("Before"),
    "after": _("Now"),
    "why": _("Why"),
    "texts": _("Texts"),
    "total": _("Total"),
    "funding": _("Funding"),
    **{name: text for name, text in words.FIGURES.items() if name != "minutes"},
    "hours": words.FIGURES["minutes"],
    **words.DURATIONS,
}
"""What stands in a report beside its figures."""


def labels() -> dict[str, str]:
    """Return `LABELS` in the present language; they freeze with the report."""
    return {name: str(text) for name, text in LABELS.items()}

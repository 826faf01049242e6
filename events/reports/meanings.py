"""What the names in the reports mean; a name that means something else in one struct has a meaning there."""

from collections.abc import Mapping

from events.core.i18n import lazy_gettext as _
from events.reports import words
from events.reports.dashboard import shapes as dashboard
from events.reports.effect import shapes as effect
from events.reports.effect.words import DEFINITIONS as EFFECT
from events.reports.filters import Filters
from events.reports.funder import words as funder_words
from events.reports.funder.meanings import FUNDER
from events.reports.funder.tables import Rule
from events.reports.region_map import MapTile
from events.reports.shapes import EventLine, ParticipationReport
from events.reports.words import DEFINITIONS, Words

MEANINGS: Mapping[str, Words] = {
    **DEFINITIONS,
    "events": _("The events that are counted, by day."),
    "break_downs": _("The same figures by one property each."),
    "parts": _("The same figures by one property each."),
    "chart": _("What the chart beside the table shows, in words; empty where there is none."),
    "tiles": _("The regions of the map, those of which nobody came too."),
    "cells": _("One row for each value of the property; “rest” is who is not told apart by it, for some readers."),
    "section": _("The table in which the row stands."),
    "by": _("The property by which the figures are broken down."),
    "code": _("A code that stays the same in every language."),
    "name": _("The name of the code, in the language of the answer."),
    "slug": _("The last part of the address of an event."),
    "held_on": _("The day of the event, where it was held."),
    "hours": _("Minutes divided by 60, to two decimals."),
    "person_days": funder_words.RULES[Rule.PERSON_DAYS],
    "without_address": _("Persons without an e-mail address, who cannot be recognised again."),
    "without_organisation": _("Participations without an organisation."),
    "not_counted": _("Participations in roles or at kinds of event that do not count."),
    "marks": _("What the funder asks for beside its figures."),
    "figures": _("The indicators of the project, in the order of the funder’s form."),
    "value": _("The value of the indicator; missing where it is not known or hidden."),
    "uncertain": DEFINITIONS["uncertain"],
    "hidden": _("Kept back, so that nobody in a small group can be recognised."),
    "has_hidden": _("Kept back, so that nobody in a small group can be recognised."),
    "projects": _("Other projects for which the event counts too."),
    "revision": _("The number of the frozen revision; 0 is a draft."),
    "input_hash": _("SHA-256 of the rows that were counted and of the definitions."),
    "code_version": _("The version of the service that counted."),
    "filters": _("What narrows the figures; without a filter everything is let in."),
    "filter_names": _("What the values of the filters are called, in the language of the answer."),
    "definitions": _("What each figure means."),
    "totals": _("The figures of everything that is counted."),
    "theme_names": _("The name of each code, in the language of the answer."),
    "region_names": _("The name of each code, in the language of the answer."),
    "theme": _("Code of a theme."),
    "region": _("Code of a region."),
    "quarter": _("A quarter, such as 2026-Q1."),
    "changes": _("What differs from the revision before."),
    "made_at": _("When it was counted."),
    "counted_from": _("First day of the whole months that were counted instead of the period; missing if none were."),
    "counted_to": _("Last day of the whole months that were counted instead of the period; missing if none were."),
    "starts_on": _("First day of the period."),
    "ends_on": _("Last day of the period."),
    "from": _("First day of the period."),
    "to": _("Last day of the period."),
}

_COUNTED: Words = _("Which roles and kinds of event count.")
_KIND: Words = _("Kind of event.")
_TYPE: Words = _("Type of organisation.")
_HIDDEN_PARTS: Words = _("The names of the parts that this reader does not get.")
_HOST: Words = _("Code of the region in which events were held.")
_SIZE: Words = _("Size class of the organisation.")
_MODE: Words = _("How they attended: “venue” or “online”.")
_TITLE: Words = _("The title of the event.")
_ORGANISATION: Words = _("The name of the organisation.")
_MORE: Words = _("How many more there are than in the period before.")

PARTS: Mapping[str, Words] = {
    "number": _("The value of the figure or the step."),
    "before": _("The figure in the period before."),
    "difference": _MORE,
    "new": DEFINITIONS["new"],
    "returning": DEFINITIONS["new"],
    "target": DEFINITIONS["targets"],
    "theme_name": MEANINGS["theme_names"],
    "region_name": MEANINGS["region_names"],
}
"""What columns of the dashboard's CSV files mean that stand nowhere else, or mean something else there."""

OF: Mapping[type, Mapping[str, Words]] = {
    Filters: {
        "project": _("Code of a project."),
        "region": _("Code of the region from which participants came."),
        "host": _HOST,
        "kind": _KIND,
        "series": _("Id of a series."),
        "type": _TYPE,
        "size": _SIZE,
        "mode": _MODE,
    },
    EventLine: {
        "title": _TITLE,
        "title_language": _("The language of the title."),
        "kind": _KIND,
    },
    ParticipationReport: {"rule": _COUNTED},
    dashboard.Dashboard: {
        "rule": _COUNTED,
        "persons": _("Of the persons of the period: how many are new and how many return."),
        "organisations": _("Of the organisations of the period: how many are new and how many return."),
        "funnel": _(
            "From invitation to answer; a step is missing where the filters say nothing of it or it is hidden."
        ),
        **dict.fromkeys(
            ("months", "regions", "organisation_types", "size_classes", "event_kinds", "site_modes"), MEANINGS["parts"]
        ),
        "themes": DEFINITIONS["overlapping"],
        "projects": DEFINITIONS["overlapping"],
        "heat": _("Participations by theme and region; an event of two themes stands in two cells."),
        "targets": _("What the chosen project is to reach: a number for each figure."),
        "hidden": _HIDDEN_PARTS,
    },
    dashboard.PeriodChange: {
        "start": MEANINGS["starts_on"],
        "end": MEANINGS["ends_on"],
        "before": _("The figures of the period before."),
        **dict.fromkeys(words.FIGURES, _MORE),
    },
    dashboard.NewAndReturning: {"returning": DEFINITIONS["new"]},
    dashboard.Funnel: {"no_shows": _("Registered, but did not come.")},
    dashboard.RegionTile: {"cell": _("The figures of the region."), "target": DEFINITIONS["targets"]},
    **FUNDER,
    MapTile: {
        "short": _("The name of the region as the map writes it."),
        "target": DEFINITIONS["targets"],
    },
    effect.NetworkEffect: {
        "rule": _COUNTED,
        "totals": EFFECT["links"],
        "pairs": EFFECT["pairs"],
        "quarters": EFFECT["links"],
        "matrix": EFFECT["matrix"],
        "by_quarter": _("Links between regions, each quarter by itself."),
        "bridging": EFFECT["bridges"],
        "bridges": EFFECT["bridges"],
        "came_back": EFFECT["came_back"],
        "regions": EFFECT["regions"],
        "targets": _("How many regions the chosen project is to reach."),
        "targets_reached": _("From how many of them somebody came."),
        "clock": EFFECT["clock"],
        "hidden": _HIDDEN_PARTS,
    },
    effect.Links: {name: EFFECT[name] for name in ("new", "repeated", "links")},
    effect.RegionLinks: {
        "region": EFFECT["place"],
        "other": EFFECT["place"],
        "quarter": _("A quarter, such as 2026-Q1; empty for the whole period."),
    },
    effect.Bridge: {
        "name": _("The name of the organisation; empty for who may not see persons."),
        "type": _TYPE,
        "region": EFFECT["place"],
        "reached": _("Codes of the other regions that it met."),
        "partners": _("How many different organisations it met."),
    },
    effect.Share: {
        "number": _("A number; the largest one means “or more”."),
        "count": _("How many persons, or organisations, have this number."),
    },
    effect.CameBack: dict.fromkeys(("again", "times", "hosts", "themes", "regions"), EFFECT["came_back"]),
    effect.ReachedRegion: {
        "target": EFFECT["targets"],
        "reached": EFFECT["regions"],
        "linked": EFFECT["regions"],
    },
    effect.ClockQuarter: {
        **dict.fromkeys(("planned", "published", "held"), EFFECT["clock"]),
        "coverage": _("Held of planned, from 0 to 1."),
    },
}
"""Struct → what its names mean there."""

_NAMES: Mapping[str, Words] = {
    "part": _("The table in which the row stands."),
    **dict.fromkeys(("region_name", "other_name", "type_name"), MEANINGS["name"]),
    "quarter": MEANINGS["quarter"],
}

_LINKS: Mapping[str, Words] = {**OF[effect.Links], **OF[effect.RegionLinks], **_NAMES}

_SHARES: Mapping[str, Words] = {
    **_NAMES,
    "number": OF[effect.Share]["number"],
    "name": _("The number in words."),
    "persons": OF[effect.Share]["count"],
}

NETWORK_PARTS: Mapping[str, Mapping[str, Words]] = {
    "totals": {**_NAMES, "number": PARTS["number"]},
    **dict.fromkeys(("quarters", "matrix", "by_quarter"), _LINKS),
    "bridging": {**_NAMES, "regions": EFFECT["bridges"], "organisations": OF[effect.Share]["count"]},
    "bridges": {
        **OF[effect.Bridge],
        **_NAMES,
        "name": _ORGANISATION,
        "regions": _("How many other regions it met."),
    },
    **dict.fromkeys(("times", "hosts", "themes", "home_regions"), _SHARES),
    "regions": {**OF[effect.ReachedRegion], **_NAMES},
    "clock": {**OF[effect.ClockQuarter], **_NAMES, "percent": _("Held of planned, in per cent.")},
    "not_reconciled": {**_NAMES, "event": MEANINGS["slug"], "title": _TITLE},
}
"""Part of the network effect → what the columns of its CSV file mean there."""

ROWS: Mapping[str, Words] = {
    "held_on": MEANINGS["held_on"],
    "event": MEANINGS["slug"],
    "title": _TITLE,
    "kind": _KIND,
    "host_region": _("The region in which the event was held."),
    "host_region_code": _HOST,
    "given_name": _("The participant’s given name; empty once their data are erased."),
    "family_name": _("The participant’s family name; empty where there is none, and once their data are erased."),
    "organisation": _ORGANISATION,
    "business_id": _("The organisation’s business ID."),
    "organisation_type": _TYPE,
    "size_class": _SIZE,
    "municipality": _("The municipality of the workplace."),
    "municipality_code": _("Code of the municipality of the workplace."),
    "region": _("The region from which they came."),
    "region_code": _(
        "Code of the region from which they came; “abroad” outside Finland, “unknown” where it is not known."
    ),
    "role": _("Their role at the event."),
    "site_mode": _("How they attended."),
    "site_mode_code": _MODE,
    "minutes": DEFINITIONS["minutes"],
}
"""What the columns of the rows behind a figure mean."""

"""What is contradictory or missing in what hangs on an event: its agenda, its questions, how one gets there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from events.core import database
from events.core.i18n import gettext as _
from events.core.i18n import ngettext
from events.network import queries as network
from events.programme import queries
from events.programme.agenda import rules as agenda_rules
from events.programme.agenda.rules import ItemView
from events.programme.arrivals.queries import ArrivalView
from events.programme.materials.queries import MaterialView, materials
from events.programme.queries import EventView
from events.programme.steps import checklist
from events.programme.steps.checklist import Finding, Severity, announced_in
from events.programme.tables import SiteMode


class Parts(Struct, frozen=True):
    """The agenda, the materials, the arrival cards of the venues, and how many questions lack a text, by language."""

    items: Sequence[ItemView] = ()
    materials: Sequence[MaterialView] = ()
    arrivals: Sequence[ArrivalView] = ()
    wordless: Mapping[str, int] = {}


async def to_mend(event: EventView, now: datetime) -> list[Finding]:
    """Return what to mend in an event and what hangs on it, the worst first; nothing once it is over or cancelled."""
    projects = await network.projects(event.projects)
    found = checklist.findings(event, projects, now)
    return checklist.worst_first(
        [*found, *(of_parts(event, await _parts(event)) if checklist.mends(event, now) else [])]
    )


def of_parts(event: EventView, parts: Parts) -> list[Finding]:
    """Return what to mend in what hangs on an event."""
    here = f"/staff/events/{event.slug}"
    return [
        *_agenda(event, parts.items, here),
        *_questions(event, parts, here),
        *_materials(event, parts.materials, here),
        *_arrivals(event, parts, here),
    ]


_WORDLESS = """
SELECT count(*) FILTER (WHERE fi) AS fi, count(*) FILTER (WHERE sv) AS sv, count(*) FILTER (WHERE en) AS en
FROM (SELECT bool_or(text.fi = '') AS fi, bool_or(text.sv = '') AS sv, bool_or(text.en = '') AS en
      FROM question, LATERAL (
          SELECT question.label_fi AS fi, question.label_sv AS sv, question.label_en AS en
          UNION ALL SELECT label_fi, label_sv, label_en FROM question_option WHERE question = question.id) AS text
      WHERE question.event = $1 GROUP BY question.id) AS asked
"""
"""Questions belong to a feature above this one: so it is SQL here."""


async def _parts(event: EventView) -> Parts:
    arrivals = await queries.arrivals(event.id)
    row = await database.fetchrow(_WORDLESS, event.id)
    return Parts(
        await queries.agenda(event.id),
        await materials(event.id),
        [arrivals[site.id] for site in event.sites if site.mode == SiteMode.VENUE],
        dict(row) if row else {},
    )


def _agenda(event: EventView, items: Sequence[ItemView], here: str) -> Iterator[Finding]:
    path = f"{here}/agenda"
    for item in items:
        for gone, words in agenda_rules.missing_speakers(item):
            severity = Severity.MISSING if gone else Severity.HINT
            yield Finding("speaker", severity, words, f"{here}/agenda/{item.id}/speakers")
    for words in agenda_rules.contradictions(items, event.starts_at, event.ends_at):
        yield Finding("agenda", Severity.WRONG, words, path)
    for words in agenda_rules.unlimited(items):
        yield Finding("agenda-unlimited", Severity.HINT, words, path)
    for code in announced_in(event):
        if lacking := sum(not item.titles.get(code) for item in items):
            yield Finding(f"agenda-{code}", Severity.MISSING, _UNTITLED[code](lacking), path)


def _questions(event: EventView, parts: Parts, here: str) -> Iterator[Finding]:
    for code in announced_in(event):
        if lacking := parts.wordless.get(code, 0):
            yield Finding(f"questions-{code}", Severity.MISSING, _UNASKED[code](lacking), f"{here}/questions")


def _materials(event: EventView, materials: Sequence[MaterialView], here: str) -> Iterator[Finding]:
    titled = [material for material in materials if material.titles]
    for code in announced_in(event):
        if lacking := sum(code not in material.titles for material in titled):
            yield Finding(f"materials-{code}", Severity.HINT, _UNNAMED[code](lacking), f"{here}/materials")


def _arrivals(event: EventView, parts: Parts, here: str) -> Iterator[Finding]:
    names = {site.id: site.name or _("the venue") for site in event.sites}
    for arrival in parts.arrivals:
        path, site = f"{here}/sites/{arrival.site}/arrival", {"site": names[arrival.site]}
        if arrival.empty:
            yield Finding("no-arrival", Severity.HINT, _("It is not said how to get in: %(site)s.", **site), path)
        for code in announced_in(event):
            if any(any(texts.values()) and not texts.get(code) for texts in arrival.texts.values()):
                yield Finding(f"arrival-{code}", Severity.HINT, _UNLED[code](site), path)


_UNTITLED: dict[str, Callable[[int], str]] = {
    "fi": lambda n: ngettext(
        "%(n)s item of the agenda has no Finnish title.", "%(n)s items of the agenda have no Finnish title.", n
    ),
    "sv": lambda n: ngettext(
        "%(n)s item of the agenda has no Swedish title.", "%(n)s items of the agenda have no Swedish title.", n
    ),
    "en": lambda n: ngettext(
        "%(n)s item of the agenda has no English title.", "%(n)s items of the agenda have no English title.", n
    ),
}
_UNASKED: dict[str, Callable[[int], str]] = {
    "fi": lambda n: ngettext("%(n)s question is not in Finnish.", "%(n)s questions are not in Finnish.", n),
    "sv": lambda n: ngettext("%(n)s question is not in Swedish.", "%(n)s questions are not in Swedish.", n),
    "en": lambda n: ngettext("%(n)s question is not in English.", "%(n)s questions are not in English.", n),
}
_UNNAMED: dict[str, Callable[[int], str]] = {
    "fi": lambda n: ngettext("%(n)s material has no Finnish title.", "%(n)s materials have no Finnish title.", n),
    "sv": lambda n: ngettext("%(n)s material has no Swedish title.", "%(n)s materials have no Swedish title.", n),
    "en": lambda n: ngettext("%(n)s material has no English title.", "%(n)s materials have no English title.", n),
}
_UNLED: dict[str, Callable[[Mapping[str, str]], str]] = {
    "fi": lambda site: _("How to get there is not said in Finnish: %(site)s.", **site),
    "sv": lambda site: _("How to get there is not said in Swedish: %(site)s.", **site),
    "en": lambda site: _("How to get there is not said in English: %(site)s.", **site),
}

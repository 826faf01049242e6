"""The demo's report to its funder: the project's indicators, and the half-year before as it was handed in."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from events.core import database
from events.core.actor import Actor, ActorKind, Grant
from events.core.i18n import LANGUAGES
from events.demo.plan import DEMO_PROJECT
from events.reports.funder import actions
from events.reports.funder.actions import IndicatorValues, TextValues
from events.reports.funder.freezing import freeze
from events.reports.funder.tables import Rule

_INDICATORS = (
    ("T1", Rule.EVENTS, "", 20, "Pidetyt tapahtumat", "Genomförda evenemang", "Events held"),
    ("T2", Rule.PARTICIPATIONS, "", 1000, "Osallistumiset", "Deltaganden", "Participations"),
    ("T3", Rule.PERSONS, "", 600, "Eri henkilöt", "Olika personer", "Different persons"),
    ("T4", Rule.ORGANISATIONS, "", 200, "Eri organisaatiot", "Olika organisationer", "Different organisations"),
    ("T5", Rule.ENTERPRISES, "", 120, "Osallistuneet yritykset", "Deltagande företag", "Enterprises that took part"),
    ("T5.1", Rule.ENTERPRISES, "micro", None, "– mikroyritykset", "– mikroföretag", "– micro enterprises"),
    ("T5.2", Rule.ENTERPRISES, "small", None, "– pienet yritykset", "– små företag", "– small enterprises"),
    ("T6", Rule.PERSON_DAYS, "", 600, "Henkilötyöpäivät", "Persondagar", "Person-days"),
    ("T7", Rule.REGIONS, "", 9, "Tavoitetut kohdemaakunnat", "Nådda mållandskap", "Target regions reached"),
    ("T8", Rule.BY_HAND, "", 6, "Uutiskirjeet", "Nyhetsbrev", "Newsletters"),
)

_HEADINGS = {"fi": "Toteutus", "sv": "Genomförande", "en": "What was done"}

_BODIES = {
    "fi": "Kaudella maakunnat tapasivat toisiaan **työpajoissa ja kokemustenvaihdoissa**:\n\n"
    "- teollisuuden digitalisaatio\n- vähähiilisyys\n- vastuullisuus",
    "sv": "Under perioden träffades landskapen i **workshoppar och erfarenhetsutbyten**:\n\n"
    "- industrins digitalisering\n- koldioxidsnålhet\n- ansvarsfullhet",
    "en": "In the period the regions met in **workshops and exchanges of experience**:\n\n"
    "- industrial digitalisation\n- low carbon\n- responsibility",
}


async def add_report(now: datetime) -> None:
    """Add indicators, and the report on the last half-year that has ended: frozen two weeks ago, as it was then."""
    coordinator = await database.fetchval("SELECT id FROM staff WHERE email LIKE 'coordinator@%'")
    project = await database.fetchval("SELECT id FROM project WHERE code = $1", DEMO_PROJECT)
    actor = Actor(ActorKind.STAFF, coordinator, grants=(Grant("coordinator"),))
    then = now - timedelta(days=14)
    by_hand = None
    for code, rule, part, target, *names in _INDICATORS:
        values = IndicatorValues(
            code=code,
            names=dict(zip(LANGUAGES, names, strict=True)),
            notes={},
            units={},
            rule=rule,
            part=part,
            target=None if target is None else Decimal(target),
        )
        indicator = await actions.save_indicator(project, None, values, actor=actor, now=then)
        by_hand = indicator if rule is Rule.BY_HAND else by_hand
    report = await actions.create_report(project, *half_year_before(now.date()), actor=actor, now=then)
    texts = TextValues(headings=_HEADINGS, bodies=_BODIES)
    await actions.save_text(report, None, texts, actor=actor, now=then)
    if by_hand is not None:
        await actions.enter_value(report, by_hand, Decimal(3), "Lähetettyjen kirjeiden luettelo", actor=actor, now=then)
    await freeze(report, seen=0, why="", actor=actor, now=then)


def half_year_before(day: date) -> tuple[date, date]:
    """Return the first and the last day of the last half of a year that ended before a day."""
    last = date(day.year, 6, 30) if day.month > 6 else date(day.year - 1, 12, 31)  # noqa: PLR2004 - June
    return date(last.year, 1 if last.month == 6 else 7, 1), last  # noqa: PLR2004 - June

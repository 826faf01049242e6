"""Each thing that the checklist finds, and that it finds nothing in an event that is whole."""

from datetime import timedelta
from typing import Any, get_args, get_origin
from uuid import uuid4

import pytest
from msgspec import structs

from events.core.i18n import in_language
from events.network.queries import ProjectView
from events.programme.queries import EventView, SiteView
from events.programme.steps.checklist import Finding, Severity, findings
from tests.factories import NOW

START = NOW + timedelta(days=30)  # 12 o'clock in Helsinki
HOUR = timedelta(hours=1)
VENUE = SiteView(uuid4(), "venue", "Tampere-talo", "Yliopistonkatu 55", "837", "", 50, 0, 0, uuid4())
ONLINE = SiteView(uuid4(), "online", "", "", None, "https://meet.example/1", 50, 0, 0, uuid4())


def event_view(**given: Any) -> EventView:
    """An event of which only what is given says anything."""
    empty = {
        field.name: None if type(None) in get_args(field.type) else (get_origin(field.type) or field.type)()
        for field in structs.fields(EventView)
        if field.name not in given
    }
    return EventView(**empty, **given)


WHOLE = event_view(
    id=uuid4(),
    slug="paja",
    kind="workshop",
    state="draft",
    titles={"fi": "Paja", "sv": "Verkstad"},
    descriptions={"fi": "Tervetuloa", "sv": "Välkommen"},
    starts_at=START,
    ends_at=START + 6 * HOUR,
    zone="Europe/Helsinki",
    host_region="06",
    languages=["fi", "sv"],
    waiting_list="automatic",
    offer_hours=24,
    contact_name="Anna",
    contact_email="anna@sixnet.example",
    reminders=[START - 24 * HOUR],
    survey_enabled=True,
    sites=[VENUE],
    themes=["low-carbon"],
    projects=["SIX"],
)
MARKED = ProjectView(
    id=uuid4(), code="SIX", names={"fi": "Kuusi"}, funder="EU", statements={"fi": "EU"}, emblem_alts={}, emblem_hash="x"
)


def found(event: EventView = WHOLE, *projects: ProjectView, **changes: Any) -> list[Finding]:
    return findings(structs.replace(event, **changes), projects or [MARKED], NOW)


def test_in_a_whole_event_there_is_nothing_to_mend() -> None:
    assert found() == []
    assert found(sites=[VENUE, ONLINE]) == []


def night(hours: int) -> dict[str, Any]:
    return {"ends_at": START + hours * HOUR}


@pytest.mark.parametrize(
    ("code", "severity", "card", "changes"),
    [
        ("title-sv", "missing", "texts", {"titles": {"fi": "Paja"}}),
        ("title-fi", "missing", "texts", {"titles": {"sv": "Verkstad"}}),
        ("title-en", "missing", "texts", {"languages": ["en"], "descriptions": dict.fromkeys(("fi", "sv", "en"), "x")}),
        ("description-sv", "missing", "texts", {"descriptions": {"fi": "Tervetuloa"}}),
        ("description-fi", "missing", "texts", {"descriptions": {"sv": "Välkommen"}}),
        ("description-en", "missing", "texts", {"languages": ["en"], "titles": {"fi": "a", "sv": "b", "en": "c"}}),
        ("description", "missing", "texts", {"descriptions": {}}),
        ("same-title", "hint", "texts", {"titles": {"fi": "Paja", "sv": " PAJA"}}),
        (
            "past",
            "wrong",
            "times",
            {"starts_at": NOW - HOUR, "registration_closes_at": NOW - 2 * HOUR, **night(-24 * 30 + 5)},
        ),
        ("starts-at-night", "hint", "times", {"starts_at": START - 8 * HOUR}),
        ("ends-at-night", "hint", "times", night(14)),
        ("long", "hint", "times", night(24 * 4)),
        ("same-site", "wrong", "sites", {"sites": [VENUE, structs.replace(VENUE, id=uuid4())]}),
        ("no-places", "wrong", "sites", {"sites": [structs.replace(VENUE, capacity=0)]}),
        ("no-link", "missing", "sites", {"sites": [structs.replace(ONLINE, join_url="")]}),
        ("no-venue", "missing", "sites", {"sites": [structs.replace(VENUE, name="")]}),
        ("no-address", "missing", "sites", {"sites": [structs.replace(VENUE, address="")]}),
        ("no-municipality", "hint", "sites", {"sites": [structs.replace(VENUE, municipality=None)]}),
        ("closes-after-end", "wrong", "registration", {"registration_closes_at": START + 7 * HOUR}),
        ("closes-after-start", "hint", "registration", {"registration_closes_at": START + HOUR}),
        (
            "opens-after-closing",
            "wrong",
            "registration",
            {"registration_opens_at": START + HOUR, "reminders": []},
        ),
        ("closed-already", "wrong", "registration", {"registration_closes_at": NOW}),
        ("idle-waiting-list", "hint", "registration", {"sites": [structs.replace(VENUE, capacity=None)]}),
        ("long-offer", "hint", "registration", {"waiting_list": "offer", "offer_hours": 24 * 31}),
        ("long-confirmation", "hint", "registration", {"address_hours": 24 * 31}),
        ("no-project", "missing", "subject", {"projects": []}),
        ("no-theme", "hint", "subject", {"themes": []}),
        ("no-language", "missing", "contact", {"languages": []}),
        ("no-contact", "missing", "contact", {"contact_name": "", "contact_email": ""}),
        ("no-contact-address", "hint", "contact", {"contact_email": ""}),
        ("no-reminder", "hint", "follow-up", {"reminders": []}),
        ("missed-reminder", "hint", "follow-up", {"reminders": [NOW]}),
        ("early-reminder", "hint", "follow-up", {"registration_opens_at": START - HOUR}),
        ("no-survey", "hint", "follow-up", {"survey_enabled": False}),
    ],
)
def test_what_is_wrong_or_missing_is_found(code: str, severity: str, card: str, changes: dict[str, Any]) -> None:
    finding = next(each for each in found(**changes) if each.code == code)
    assert finding.severity == severity
    assert finding.path == f"/staff/events/paja/edit/{card}"
    assert finding.words
    also = {"opens-after-closing": {"no-reminder"}}.get(code, set())
    assert {each.code for each in found(**changes)} == {code, *also}


def test_a_reminder_that_had_its_turn_is_not_missed() -> None:
    assert found(reminders=[NOW], reminded=[NOW]) == []


def test_of_what_has_begun_no_reminder_is_missed() -> None:
    begun = {"reminders": [NOW - 24 * HOUR], "starts_at": NOW - HOUR, "ends_at": NOW + HOUR}
    assert "missed-reminder" not in {each.code for each in found(**begun)}


def test_a_project_without_marks_is_mended_on_its_own_page() -> None:
    (finding,) = found(WHOLE, structs.replace(MARKED, emblem_hash=""))
    assert (finding.code, finding.path) == ("marks", "/staff/projects")
    assert (finding.name, finding.name_language) == ("Kuusi", "fi")


def test_the_worst_comes_first() -> None:
    several = found(themes=[], contact_name="", contact_email="", registration_closes_at=START + 7 * HOUR)
    assert [each.severity for each in several] == [Severity.WRONG, Severity.MISSING, Severity.HINT]


def test_a_waiting_list_that_can_come_into_use_is_no_finding() -> None:
    assert found(sites=[VENUE, structs.replace(ONLINE, capacity=None)]) == []
    assert found(sites=[structs.replace(VENUE, capacity=None)], waiting_list="none") == []


def test_the_night_is_that_of_the_events_own_zone() -> None:
    assert found(zone="UTC", **night(14)) == []


def test_of_what_is_over_or_cancelled_nothing_is_asked() -> None:
    assert found(contact_name="", contact_email="", state="cancelled") == []
    assert found(projects=[], state="published", starts_at=NOW - 9 * HOUR, ends_at=NOW - HOUR) == []


def test_the_words_follow_the_language() -> None:
    with in_language("sv"):
        assert found(contact_name="", contact_email="")[0].words == "Kontaktpersonen saknas."

"""What is held about oneself can be read, all of it, by whom the file is for."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from events.checkin.actions import reconcile
from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.registration.own import in_words
from events.registration.own.data import everything
from events.registration.questions import queries as questions
from tests.factories import NOW, insert, mailed_link, make_event, make_person, make_registration
from tests.registration.own.test_expiring import ENDS, make_past, make_told
from tests.registration.questions.making import make_question

CODES = {"id", "event", "question", "mode", "type", "source", "state", "reason", "role", "kind", "municipality"}
"""Keys whose value is a code, which stands on the page in words."""


NO_NAMES = in_words.Places({}, {})


def texts_in(held: Any, key: str = "") -> list[str]:
    """Every text that a person said or that was written about them, wherever it stands in the export."""
    if isinstance(held, dict):
        return [text for name, value in held.items() for text in texts_in(value, name)]
    if isinstance(held, list):
        return [text for value in held for text in texts_in(value, key)]
    known = isinstance(held, str) and re.fullmatch(r"[A-Z].{3,}|.*@.*", held) and key not in CODES
    return [held] if known else []


async def test_the_page_says_all_that_the_file_holds(client: httpx.AsyncClient) -> None:
    event = await make_past(title_fi="Testipaja", title_sv="", title_en="")
    registration = await make_told(event)
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration)
    diet = await make_question(event, "diet", "one", "nuts", health=True)
    agreed = {"consent_text": "You may use this", "consent_language": "en"}
    await insert("health_answer", registration=registration, question=diet, value='"nuts"', **agreed)
    await reconcile(event, actor=SYSTEM, now=ENDS + timedelta(seconds=1))
    group = await insert(
        "theme_group", theme=await database.fetchval("SELECT code FROM theme"), region="06", name_fi="Ryhmä"
    )
    await insert("group_member", theme_group=group, person=person, starts_on=NOW.date(), chair=True)
    await make_registration(await make_event(title_en="Another one"), person=person)
    held = await everything(registration, by_mail=True)
    with clock.at(ENDS + timedelta(days=1)):
        page = (await client.get(f"{mailed_link(registration)}/data?lang=en")).text
    said = texts_in({**held, "registrations": [{**each, "title": ""} for each in held["registrations"]]})
    assert {"Aino R.", "Aino is ill", "Dear Aino", "Aino is tall", "You may use this", "Ryhmä"} <= set(said)
    assert [text for text in said if text not in page] == []
    words = ("Why?: A", "diet en: nuts en", "Another one", "Attended, marked by hand", "Counted in reports", "Tampere")
    assert [text for text in (*words, "Confirmation of a registration") if text not in page] == []


class Watched(dict[str, Any]):
    """Remembers which of its fields were read."""

    def __init__(self, held: Any) -> None:
        super().__init__(held)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)


async def test_no_field_of_the_file_is_left_out_of_the_page(db: object) -> None:
    held = await everything(await make_told(await make_past()), by_mail=True)
    one, person, rest = Watched(held["registrations"][0]), Watched(held["person"]), Watched(held)
    in_words.registration(one, await questions.of_event(await database.fetchval("SELECT id FROM event")), NO_NAMES)
    in_words.person(person)
    in_words.beside(rest)
    assert set(one) - one.read == {"id"}
    assert set(person) - person.read == set()
    assert set(rest) - rest.read == {"person", "registrations"}


@pytest.mark.parametrize(("code", "words"), [("fi", "Mitä sinusta tiedetään"), ("sv", "Vad vi vet om dig")])
async def test_it_is_read_in_ones_language(client: httpx.AsyncClient, code: str, words: str) -> None:
    registration = await make_told(await make_past())
    with clock.at(NOW):
        page = (await client.get(f"{mailed_link(registration)}/data?lang={code}")).text
    assert f"<h1>{words}</h1>" in page
    assert "None" not in page


async def test_a_link_that_was_not_mailed_tells_of_its_own_registration_alone(client: httpx.AsyncClient) -> None:
    person = await make_person()
    first = await make_registration(await make_event(title_en="First one"), person=person)
    await make_registration(await make_event(title_en="Second one"), person=person)
    with clock.at(NOW):
        page = (await client.get(f"{mailed_link(first)[:29]}/data?lang=en")).text
        assert "First one" in page
        assert "Second one" not in page
        assert "Second one" in (await client.get(f"{mailed_link(first)}/data?lang=en")).text


async def test_who_registered_one_is_named(client: httpx.AsyncClient) -> None:
    event = await make_event()
    by = await make_registration(event, person=await make_person("Ritva", "Rekisteröijä"))
    registration = await make_registration(event, registered_by=by)
    with clock.at(NOW):
        assert "Ritva Rekisteröijä" in (await client.get(f"{mailed_link(registration)}/data?lang=en")).text


def test_a_sentence_of_somebody_keeps_no_full_stop_before_a_comma() -> None:
    member = {"group": "Ryhmä ry.", "chair": True, "from": "2026-09-01", "to": None}
    with in_language("en"):
        (line,) = in_words.beside({"messages": [], "theme_groups": [member]})
    assert line[1] == ["Ryhmä ry, chair, 01/09/2026–"]

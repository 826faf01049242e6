"""Versions of the privacy notice that staff publish."""

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, database, settings
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import Conflict, NotAllowed
from events.outreach.actions import NoticeOvertaken, publish_notice
from events.registration import notice
from tests.factories import NOW, make_event, make_staff, sign_in

TEXTS = {"fi": "Uusi **seloste**.", "sv": "Ny **beskrivning**.", "en": "New **notice**.\n\nThe rest."}
FORM = {"after": "1", **{f"text_{code}": text for code, text in TEXTS.items()}}


async def versions() -> int:
    count: int = await database.fetchval("SELECT count(*) FROM notice")
    return count


async def test_a_new_version_is_looked_at_and_then_published(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("coordinator", name="Kaisa"))
    assert "The controller is" in (await client.get("/staff/privacy")).text
    preview = await client.post("/staff/privacy", data=FORM)
    assert "New <strong>notice</strong>" in preview.text
    assert await versions() == 1
    with clock.at(clock.now()):
        published = await client.post("/staff/privacy", data={**FORM, "publish": "1"})
    assert (published.status_code, published.headers["location"]) == (303, "/staff/privacy?saved=published")
    assert "(Kaisa)" in (await client.get("/staff/privacy?saved=published")).text
    privacy = (await client.get("/privacy")).text
    assert privacy.index("New <strong>notice</strong>") < privacy.index("The controller is")
    row = await database.fetchrow("SELECT subject_id, actor_kind FROM audit WHERE action = 'notice.published'")
    assert row
    assert tuple(row) == ("2", "staff")


async def test_registration_shows_the_new_version_and_its_first_paragraph(client: AsyncClient) -> None:
    await make_event(slug="paja")
    await publish_notice(TEXTS, after=1, actor=SYSTEM, now=NOW)
    with clock.at(NOW):
        text = (await client.get("/events/paja/register")).text
    assert "New <strong>notice</strong>" in text
    assert "The rest." not in text
    assert 'name="notice_version" type="hidden" value="2"' in text


@pytest.mark.parametrize("missing", ["text_fi", "text_sv", "text_en"])
async def test_every_language_is_needed(client: AsyncClient, missing: str) -> None:
    await sign_in(client, await make_staff("admin"))
    answer = await client.post("/staff/privacy", data={**FORM, missing: " ", "publish": "1"})
    assert answer.status_code == 422
    assert f'id="{missing}-error"' in answer.text
    assert await versions() == 1


@pytest.mark.parametrize("after", ["0", "", "x", "9" * 30])
async def test_who_was_overtaken_keeps_what_was_written(client: AsyncClient, after: str) -> None:
    await sign_in(client, await make_staff("admin"))
    answer = await client.post("/staff/privacy", data={**FORM, "after": after, "publish": "1"})
    assert answer.status_code == 409
    assert "New **notice**." in answer.text
    assert await versions() == 1


async def test_the_words_in_force_are_no_new_version(db: asyncpg.Connection) -> None:
    assert await publish_notice(TEXTS, after=1, actor=SYSTEM, now=NOW) == 2
    with pytest.raises(NoticeOvertaken):
        await publish_notice({**TEXTS, "en": "Other"}, after=1, actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict) as refused:
        await publish_notice(TEXTS, after=2, actor=SYSTEM, now=NOW)
    assert refused.value.code == "unchanged"


async def test_an_organiser_does_not_publish(db: asyncpg.Connection) -> None:
    with pytest.raises(NotAllowed):
        await publish_notice(TEXTS, after=1, actor=Actor(ActorKind.STAFF, await make_staff("organiser")), now=NOW)


async def test_migrating_leaves_a_version_of_staff_in_force(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = Actor(ActorKind.STAFF, await make_staff("admin"))
    await database.execute(
        "INSERT INTO notice (version, text_fi, text_sv, text_en, published_by) VALUES (2, 'F', 'S', 'E', $1)", actor.id
    )
    monkeypatch.setattr(settings.get_settings(), "provider_name", "Pirkan & Co")
    await notice.publish_notice()
    assert await versions() == 2

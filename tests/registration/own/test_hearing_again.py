"""Who is on a list of addresses that are not written to reads it, and may ask to be written to again by mail."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from events.core import clock, database
from events.letters import COMPOSERS
from events.messaging import actions as messaging
from events.messaging.delivery import deliver_due
from events.registration.own.data import everything
from events.registration.own.hearing_again import LIFE, hearing_path
from tests.factories import NOW, insert, mailed_link, make_event, make_person, make_registration
from tests.registration.public.test_pages import answer_of, make_open, own_path
from tests.smtp import post_office

AINO = "aino@yritys.example"
LISTS = ("unreachable", "suppression", "refused_theme", "bounce")
ASK = "Ask to be written to again"


async def registered() -> UUID:
    return await make_registration(await make_event(), person=await make_person(email=AINO))


async def lose(address: str = AINO) -> None:
    await database.execute(
        "INSERT INTO unreachable (address, status, words, since) VALUES ($1, '5.1.1', '550 unknown user', $2)",
        *(address, NOW),
    )
    await insert("bounce", report="x", address=address, message=uuid4(), status="5.1.1", at=NOW)


async def block(reason: str = "by hand") -> None:
    await database.execute("INSERT INTO suppression (address, reason, since) VALUES ($1, $2, $3)", AINO, reason, NOW)


async def listed() -> set[str]:
    return {table for table in LISTS if await database.fetchval(f"SELECT count(*) FROM {table}")}


async def asked() -> UUID:
    message: UUID = await database.fetchval("SELECT id FROM message WHERE reason = 'hear_again'")
    return message


async def test_the_page_and_the_file_say_what_stands_against_writing(client: httpx.AsyncClient) -> None:
    registration = await registered()
    await lose()
    await messaging.unsubscribe(AINO, now=NOW)
    await messaging.refuse_themes(AINO, ["digitalisation"], now=NOW)
    with clock.at(NOW):
        page = (await client.get(f"{mailed_link(registration)}/data?lang=en")).text
    for words in (
        "550 unknown user",
        "5.1.1",
        "You get no letters",
        "Industrial digitalisation",
        "A mail came back",
        ASK,
    ):
        assert words in page
    held = await everything(registration, by_mail=True)
    assert held["mail"]["not_written_to"]["reason"] == "unsubscribed"


async def test_where_nothing_stands_against_it_nothing_is_said_or_asked(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    registration = await registered()
    await lose("other@yritys.example")
    with clock.at(NOW):
        page = (await client.get(f"{mailed_link(registration)}/data?lang=en")).text
        assert (await client.post(f"{mailed_link(registration)}/hear-again")).status_code == 409
    assert "Mail to your address" not in page
    assert ASK not in page


async def test_a_link_that_was_not_mailed_tells_and_asks_nothing(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    registration = await registered()
    await lose()
    link = mailed_link(registration)[:29]
    with clock.at(NOW):
        page = (await client.get(f"{link}/data?lang=en")).text
        assert (await client.post(f"{link}/hear-again")).status_code == 404
    assert "Mail to your address" not in page
    assert ASK not in page
    assert await asked() is None


async def test_the_mail_goes_out_though_others_do_not_and_its_button_lifts_all(client: httpx.AsyncClient) -> None:
    registration = await registered()
    await lose()
    await messaging.unsubscribe(AINO, now=NOW)
    await messaging.refuse_themes(AINO, ["digitalisation"], now=NOW)
    await insert(
        "message",
        recipient=AINO,
        reason="confirmation",
        subject_kind="registration",
        subject_id=registration,
        due_at=NOW,
        message_id=f"<{uuid4().hex}@sixnet>",
    )
    with clock.at(NOW):
        for _twice in range(2):
            answer = await client.post(f"{mailed_link(registration)}/hear-again")
            assert answer.headers["location"].endswith("/data?saved=asked")
        async with post_office() as post:
            await deliver_due(COMPOSERS, now=NOW)
        assert [mail["Subject"] for _, mail in post.received] == ["Kirjoitetaanko tähän osoitteeseen taas?"]
        body = post.received[0][1].get_body(("plain",))
        path = re.search(r"/hear-again/\S+", body.get_content() if body else "")
        assert path
        assert await listed() == set(LISTS)
        assert AINO in (await client.get(path[0])).text
        assert await listed() == set(LISTS), "opening it changes nothing: scanners open links"
        assert (await client.post(path[0])).status_code == 200
        assert await listed() == set()
        assert (await client.post(path[0])).status_code == 200, "twice does no harm"


async def test_what_was_entered_by_hand_stays(client: httpx.AsyncClient) -> None:
    registration = await registered()
    await block()
    await lose()
    with clock.at(NOW):
        assert "by hand" in (await client.get(f"{mailed_link(registration)}/data?lang=en")).text
        await client.post(f"{mailed_link(registration)}/hear-again")
        await client.post(hearing_path(await asked()))
    assert await listed() == {"suppression"}


@pytest.mark.parametrize("wrong", ["other message", "other token", "old", "other reason"])
async def test_a_button_that_is_not_of_a_fresh_mail_lifts_nothing(client: httpx.AsyncClient, wrong: str) -> None:
    registration = await registered()
    await lose()
    with clock.at(NOW):
        await client.post(f"{mailed_link(registration)}/hear-again")
    message = await asked()
    path = hearing_path(message)
    if wrong == "other message":
        path = hearing_path(uuid4())
    elif wrong == "other token":
        path = f"/hear-again/{message}/{hearing_path(uuid4()).rpartition('/')[2]}"
    elif wrong == "other reason":
        await database.execute("UPDATE message SET reason = 'confirmation'")
    with clock.at(NOW + (LIFE if wrong == "old" else timedelta())):
        assert (await client.post(path)).status_code == 404
        assert (await client.get(path)).status_code == 404
    assert "unreachable" in await listed()


async def test_who_agrees_to_news_after_unsubscribing_is_asked_by_mail_first(client: httpx.AsyncClient) -> None:
    await messaging.unsubscribe(AINO, now=NOW)
    page = await client.get(await answer_of(client, await make_open(), news="1"))
    assert "we ask there by mail first" in page.text
    assert await listed() == {"suppression"}, "that somebody typed the address proves nothing"
    message = await asked()
    assert message
    await client.post(hearing_path(message))
    assert await listed() == set()


@pytest.mark.parametrize(("news", "stop"), [("", "unsubscribed"), ("1", ""), ("1", "by hand")])
async def test_nobody_else_is_asked(client: httpx.AsyncClient, news: str, stop: str) -> None:
    if stop:
        await block(stop)
    await answer_of(client, await make_open(), **({"news": news} if news else {}))
    assert await asked() is None


async def test_saving_the_agreement_by_the_mailed_link_lifts_the_stop(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    await messaging.unsubscribe(AINO, now=NOW)
    await messaging.refuse_themes(AINO, ["digitalisation"], now=NOW)
    path = await own_path(client, await make_open(), news="1")
    assert "No news come now" in (await client.get(path)).text
    await client.post(f"{path}/consents", data={"photos": "1", "news": "1"})
    assert await listed() == {"refused_theme"}, "of the themes nothing was said"
    assert "No news come now" not in (await client.get(path)).text


async def test_saving_it_by_a_link_that_was_not_mailed_asks_by_mail(client: httpx.AsyncClient) -> None:
    await messaging.unsubscribe(AINO, now=NOW)
    path = (await own_path(client, await make_open()))[:29]
    await client.post(f"{path}/consents", data={"news": "1"})
    assert await listed() == {"suppression"}
    assert await asked()

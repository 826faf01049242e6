"""Agreeing to news and withdrawing by the private link, and what letters make of it."""

import httpx
import pytest

from events.core import clock, database, secrets
from events.messaging.actions import refuse_themes, unsubscribe
from tests.factories import NOW, mailed_link
from tests.outreach.audiences.people import EVERYBODY, guest, meant

ADDRESS = "aino@yritys.example"


async def send(client: httpx.AsyncClient, link: str, *ticked: str) -> None:
    answer = await client.post(f"{link}/consents", data=dict.fromkeys(ticked, "y"))
    assert answer.headers["location"].endswith("?saved=consents")


async def fresh() -> list[str]:
    """Who would get a letter by now."""
    await database.execute("DELETE FROM message")
    return await meant(EVERYBODY)


async def test_one_agrees_and_withdraws_by_the_private_link(client: httpx.AsyncClient) -> None:
    link = mailed_link(await guest("Aino", agreed=False, email=ADDRESS))
    with clock.at(NOW):
        assert 'name="news"' in (await client.get(link)).text
        for ticked, people in (((), []), (("news",), ["aino"]), (("photos",), [])):
            await send(client, link, *ticked)
            assert await fresh() == people


async def test_who_agrees_again_by_the_link_in_their_mail_is_written_to_again(client: httpx.AsyncClient) -> None:
    link = mailed_link(await guest("Aino", email=ADDRESS))
    await unsubscribe(ADDRESS, now=NOW)
    await refuse_themes(ADDRESS, ["steel"], now=NOW)
    with clock.at(NOW):
        assert await fresh() == []
        await send(client, link, "news")
        assert await fresh() == ["aino"]
    assert await database.fetchval("SELECT count(*) FROM refused_theme") == 0


@pytest.mark.parametrize("table", ["suppression", "unreachable"])
async def test_agreeing_reaches_neither_who_did_not_prove_the_address_nor_one_that_mail_does_not_reach(
    client: httpx.AsyncClient, table: str
) -> None:
    registration = await guest("Aino", agreed=False, email=ADDRESS)
    link = f"/r/{secrets.derive('manage', registration)}"
    if table == "suppression":
        await unsubscribe(ADDRESS, now=NOW)
    else:
        await database.execute("INSERT INTO unreachable (address, status) VALUES ($1, '5.1.1')", ADDRESS)
        link = mailed_link(registration)
    with clock.at(NOW):
        await send(client, link, "news")
        assert await fresh() == []
    assert await database.fetchval(f"SELECT count(*) FROM {table}") == 1

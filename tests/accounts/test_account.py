from datetime import timedelta
from uuid import uuid4

import httpx
from litestar import Litestar

from events.accounts.sessions import device_of
from events.core import clock, database
from tests import factories
from tests.conftest import browser
from tests.factories import NOW, make_staff

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"


async def test_one_sees_ones_sessions_and_ends_the_others(client: httpx.AsyncClient, app: Litestar) -> None:
    staff = await make_staff("organiser")
    await factories.sign_in(client, staff)
    async with browser(app) as other, browser(app) as third:
        await factories.sign_in(other, staff)
        await factories.sign_in(third, staff)
        page = await client.get("/staff/account")
        assert page.text.count('/revoke"') == 2
        assert page.text.count("This device") == 1
        answer = await client.post("/staff/account/sessions/revoke-others")
        assert answer.status_code == 303
        assert (await client.get("/staff/account")).status_code == 200
        assert (await other.get("/staff/account")).status_code == 401
        assert (await third.get("/staff/account")).status_code == 401


async def test_one_session_is_ended_and_nobody_elses_can_be(client: httpx.AsyncClient, app: Litestar) -> None:
    mine, theirs = await make_staff("organiser"), await make_staff("admin")
    await factories.sign_in(client, mine)
    async with browser(app) as other:
        await factories.sign_in(other, theirs)
        session = await database.fetchval("SELECT id FROM session WHERE staff = $1", theirs)
        for wrong in (session, uuid4()):
            assert (await client.post(f"/staff/account/sessions/{wrong}/revoke")).status_code == 404
        assert (await other.get("/staff/account")).status_code == 200
        own = await database.fetchval("SELECT id FROM session WHERE staff = $1", mine)
        assert (await client.post(f"/staff/account/sessions/{own}/revoke")).status_code == 303
        assert (await client.get("/staff/account")).status_code == 401


async def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(
    client: httpx.AsyncClient, app: Litestar
) -> None:
    staff = await make_staff("viewer", email="ville@sixnet.example", password="vanha salasana")
    await factories.sign_in(client, staff)
    async with browser(app) as other:
        await factories.sign_in(other, staff)
        path = "/staff/account/password"
        wrong = await client.post(path, data={"current": "arvaus", "password": "uusi salasana"})
        assert wrong.status_code == 422
        assert "The present password is not right." in wrong.text
        missing = await client.post(path, data={"current": "", "password": "uusi salasana"})
        assert missing.status_code == 422
        short = await client.post(path, data={"current": "vanha salasana", "password": "lyhyt"})
        assert short.status_code == 422
        assert (await other.get("/staff/account")).status_code == 200
        right = await client.post(path, data={"current": "vanha salasana", "password": "uusi salasana"})
        assert right.headers["location"] == "/staff/account?saved=password"
        assert (await client.get("/staff/account")).status_code == 200
        assert (await other.get("/staff/account")).status_code == 401
        entered = await other.post(
            "/staff/sign-in", data={"email": "ville@sixnet.example", "password": "uusi salasana"}
        )
        assert entered.status_code == 303


async def test_guessing_the_present_password_is_limited(client: httpx.AsyncClient) -> None:
    staff = await make_staff("viewer", password="vanha salasana")
    await factories.sign_in(client, staff)
    with clock.at(NOW):
        answers = [
            (
                await client.post("/staff/account/password", data={"current": "x", "password": "uusi salasana"})
            ).status_code
            for _ in range(11)
        ]
    assert answers == [*[422] * 10, 429]


async def test_who_has_no_password_yet_chooses_one(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("viewer"))
    page = await client.get("/staff/account")
    assert "Present password" not in page.text
    answer = await client.post("/staff/account/password", data={"password": "ensimmäinen salasana"})
    assert answer.status_code == 303


async def test_name_and_language_are_changed(client: httpx.AsyncClient) -> None:
    staff = await make_staff("viewer")
    await factories.sign_in(client, staff)
    assert (await client.post("/staff/account", data={"name": " ", "language": "sv"})).status_code == 422
    assert (await client.post("/staff/account", data={"name": "Ville Vaasa", "language": "xx"})).status_code == 422
    assert (await client.post("/staff/account", data={"name": "Ville Vaasa", "language": "sv"})).status_code == 303
    row = await database.fetchrow("SELECT name, language FROM staff WHERE id = $1", staff)
    assert tuple(row) == ("Ville Vaasa", "sv")


async def test_a_session_says_when_it_was_last_used_to_ten_minutes(client: httpx.AsyncClient) -> None:
    staff = await make_staff("viewer")
    await factories.sign_in(client, staff)
    first = await database.fetchval("SELECT seen_at FROM session WHERE staff = $1", staff)
    for minutes, seen in ((9, first), (11, first + timedelta(minutes=11))):
        with clock.at(first + timedelta(minutes=minutes)):
            await client.get("/staff/account")
        assert await database.fetchval("SELECT seen_at FROM session WHERE staff = $1", staff) == seen


def test_a_device_is_named_in_words_and_nothing_else_is_kept() -> None:
    assert device_of(FIREFOX) == "Firefox, Linux"
    assert device_of(EDGE) == "Edge, Windows"
    assert device_of("curl/8.0") == ""

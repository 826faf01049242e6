import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from events.accounts import links, sign_in
from events.accounts.actions import invite_again, sign_in_link, switch
from events.accounts.letters import COMPOSERS
from events.accounts.sign_in import LinkGone
from events.accounts.tables import LinkPurpose
from events.core import clock, database, i18n, secrets
from events.core.actor import SYSTEM
from events.core.database import transaction
from events.core.errors import NotAllowed
from events.messaging.letter import Letter, Owed
from tests.conftest import browser
from tests.factories import NOW, make_staff

BROWSER = {"device": "", "replaces": ""}
OWED = "id, recipient, recipient_name, reason, subject_kind, subject_id, occurrence, language, message_id"


async def owed_to(email: str) -> list[Owed]:
    rows = await database.fetch(f"SELECT {OWED} FROM message WHERE recipient = $1 ORDER BY created_at, id", email)
    return [Owed(*row) for row in rows]


async def letter_to(email: str) -> Letter | None:
    owed = (await owed_to(email))[-1]
    with i18n.in_language("en"):
        return await COMPOSERS[owed.reason](owed)


def path_in(letter: Letter | None) -> str:
    assert letter is not None
    found = re.search(r"http://testserver(/staff/\S+)", letter.text)
    assert found
    return found[1]


async def ask(client: httpx.AsyncClient, email: str, **fields: str) -> httpx.Response:
    return await client.post("/staff/sign-in/link", data={"email": email, **fields})


async def test_a_link_signs_in_once_and_leads_on(client: httpx.AsyncClient) -> None:
    await make_staff("organiser", email="olli@sixnet.example")
    with clock.at(NOW):
        await ask(client, "olli@sixnet.example", next="/staff/account")
        path = path_in(await letter_to("olli@sixnet.example"))
        shown = await client.get(path)
        assert shown.status_code == 200
        assert '<form method="post"' in shown.text
        answer = await client.post(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/account")
        assert (await client.get("/staff/account")).status_code == 200
        assert (await client.post(path)).status_code == 410
        assert (await client.get(path)).status_code == 410


async def test_the_letter_as_text_says_its_link_once_and_as_html_by_a_button_too(client: httpx.AsyncClient) -> None:
    await make_staff("organiser", email="olli@sixnet.example")
    with clock.at(NOW):
        await ask(client, "olli@sixnet.example")
        letter = await letter_to("olli@sixnet.example")
    address = f"http://testserver{path_in(letter)}"
    assert letter is not None
    assert letter.text.count(address) == 1
    assert letter.html.count(f'href="{address}"') == 2


async def test_looking_at_a_link_does_not_use_it_up(client: httpx.AsyncClient) -> None:
    """Programs that check mails for harm open every link in them."""
    staff = await make_staff()
    path = await sign_in_link(staff, now=clock.now())
    for _ in range(3):
        assert (await client.get(path)).status_code == 200
    assert (await client.post(path)).status_code == 303


async def test_asking_for_a_link_tells_nobody_whether_the_address_is_known(client: httpx.AsyncClient) -> None:
    await make_staff("viewer", email="ville@sixnet.example")
    known = await ask(client, "ville@sixnet.example")
    unknown = await ask(client, "villa@sixnet.example")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("ville@", "villa@") == unknown.text
    assert len(await owed_to("ville@sixnet.example")) == 1
    assert await owed_to("villa@sixnet.example") == []


async def test_a_link_holds_for_ten_minutes(client: httpx.AsyncClient) -> None:
    staff = await make_staff("organiser", email="olli@sixnet.example")
    path = await sign_in_link(staff, now=NOW)
    with clock.at(NOW + timedelta(minutes=9, seconds=59)):
        assert (await client.get(path)).status_code == 200
    with clock.at(NOW + timedelta(minutes=10)):
        assert (await client.post(path)).status_code == 410


async def test_a_new_link_ends_the_earlier_one_and_so_does_a_switched_off_account(client: httpx.AsyncClient) -> None:
    staff = await make_staff("organiser", email="olli@sixnet.example")
    with clock.at(NOW):
        await ask(client, "olli@sixnet.example")
        first = path_in(await letter_to("olli@sixnet.example"))
        with clock.at(NOW + timedelta(seconds=1)):
            await ask(client, "olli@sixnet.example")
        second = path_in(await letter_to("olli@sixnet.example"))
        assert (await client.post(first)).status_code == 410
        await switch(staff, on=False, actor=SYSTEM, now=NOW)
        assert (await client.post(second)).status_code == 410


async def test_no_letter_is_written_for_a_link_that_is_used_or_past_its_time(client: httpx.AsyncClient) -> None:
    await make_staff("organiser", email="olli@sixnet.example")
    with clock.at(NOW):
        await ask(client, "olli@sixnet.example")
    with clock.at(NOW + timedelta(minutes=10)):
        assert await letter_to("olli@sixnet.example") is None
    with clock.at(NOW + timedelta(minutes=1)):
        await client.post(path_in(await letter_to("olli@sixnet.example")))
        assert await letter_to("olli@sixnet.example") is None


async def test_the_database_holds_no_link(client: httpx.AsyncClient) -> None:
    staff = await make_staff()
    path = await sign_in_link(staff, now=NOW)
    secret = path.rsplit("/", 1)[1]
    stored = await database.fetchrow("SELECT * FROM sign_in_link WHERE staff = $1", staff)
    assert stored["token_hash"] == secrets.digest(secret)
    assert secret not in str(dict(stored))


async def test_an_invitation_is_no_sign_in_link_and_the_other_way_round(client: httpx.AsyncClient) -> None:
    staff = await make_staff()
    for purpose, wrong in (("SIGN_IN", "INVITATION"), ("INVITATION", "SIGN_IN")):
        link = await links.make(staff, LinkPurpose[purpose], now=NOW)
        secret = links.path_of(link, LinkPurpose[purpose]).rsplit("/", 1)[1]
        assert await links.use(secret, LinkPurpose[wrong], now=NOW) is None
        assert await links.use(secret, LinkPurpose[purpose], now=NOW) is not None


async def test_the_fifth_link_in_a_quarter_of_an_hour_is_refused_for_known_and_unknown_alike(
    client: httpx.AsyncClient,
) -> None:
    await make_staff("viewer", email="ville@sixnet.example")
    with clock.at(NOW):
        for email in ("ville@sixnet.example", "villa@sixnet.example"):
            answers = [(await ask(client, email)).status_code for _ in range(5)]
            assert answers == [200, 200, 200, 200, 429]


async def test_a_link_of_someone_without_rights_opens_nothing(db: asyncpg.Connection) -> None:
    staff = await make_staff("organiser")
    await database.execute("DELETE FROM staff_grant WHERE staff = $1", staff)
    path = await sign_in_link(staff, now=NOW)
    with pytest.raises(NotAllowed):
        await sign_in.by_link(path.rsplit("/", 1)[1], **BROWSER, now=NOW)


async def test_an_invitation_lets_one_choose_a_password_and_sign_in(client: httpx.AsyncClient) -> None:
    staff = await make_staff("coordinator", email="kaisa@sixnet.example", name="Kaisa O'Neill & Co")
    with clock.at(NOW):
        await invite_again(staff, actor=SYSTEM, now=NOW)
        letter = await letter_to("kaisa@sixnet.example")
        path = path_in(letter)
        assert "Hello Kaisa O'Neill & Co!" in letter.text
        assert "Coordinator – the whole network" in letter.text
        assert "O'Neill &amp; Co" in letter.html
        assert (await client.get(path)).status_code == 200
        short = await client.post(path, data={"password": "short"})
        assert short.status_code == 422
        assert "The password must have 12 to 200 characters." in short.text
        answer = await client.post(path, data={"password": "neljä vuodenaikaa"})
        assert answer.headers["location"] == "/staff/"
        assert (await client.get("/staff/")).status_code == 200
        assert (await client.post(path, data={"password": "another long one"})).status_code == 410
        await sign_in.by_password("kaisa@sixnet.example", "neljä vuodenaikaa", **BROWSER, now=NOW)


async def test_an_invitation_holds_for_seven_days(client: httpx.AsyncClient) -> None:
    staff = await make_staff("coordinator", email="kaisa@sixnet.example")
    await invite_again(staff, actor=SYSTEM, now=NOW)
    with clock.at(NOW):
        path = path_in(await letter_to("kaisa@sixnet.example"))
    with clock.at(NOW + timedelta(days=6, hours=23)):
        assert (await client.get(path)).status_code == 200
    with clock.at(NOW + timedelta(days=7)):
        assert (await client.post(path, data={"password": "long enough to be one"})).status_code == 410


async def naive_use(secret: str, all_have_looked: asyncio.Barrier) -> UUID | None:
    """What `links.use` must not be: look first, then mark."""
    row = await database.fetchrow(
        "SELECT id, staff FROM sign_in_link WHERE token_hash = $1 AND used_at IS NULL", secrets.digest(secret)
    )
    await all_have_looked.wait()
    if row is None:
        return None
    await database.execute("UPDATE sign_in_link SET used_at = $2 WHERE id = $1", row["id"], NOW)
    staff: UUID = row["staff"]
    return staff


async def test_of_many_who_use_a_link_at_once_one_gets_in(committed_db: str) -> None:
    staff = await make_staff()
    path = await sign_in_link(staff, now=NOW)

    async def enter() -> object:
        try:
            return await sign_in.by_link(path.rsplit("/", 1)[1], **BROWSER, now=NOW)
        except LinkGone:
            return None

    entered = await asyncio.gather(*(enter() for _ in range(10)))
    assert len([one for one in entered if one]) == 1
    assert await database.fetchval("SELECT count(*) FROM session WHERE staff = $1", staff) == 1


async def test_looking_first_and_marking_then_would_let_several_in(committed_db: str) -> None:
    """The control of the test above: the race is there to be lost."""
    path = await sign_in_link(await make_staff(), now=NOW)
    secret = path.rsplit("/", 1)[1]
    all_have_looked = asyncio.Barrier(10)
    entered = await asyncio.gather(*(naive_use(secret, all_have_looked) for _ in range(10)))
    assert len([one for one in entered if one]) == 10


async def test_two_posts_of_one_link_open_one_session(committed_db: str, app: Litestar) -> None:
    path = await sign_in_link(await make_staff(), now=clock.now())
    async with browser(app) as first, browser(app) as second:
        answers = await asyncio.gather(first.post(path), second.post(path))
    assert sorted(answer.status_code for answer in answers) == [303, 410]


async def test_switching_off_while_a_link_is_used_neither_hangs_nor_leaves_a_session(committed_db: str) -> None:
    """Both lock the account first; in the other order they would wait for each other."""
    for _ in range(5):
        staff = await make_staff()
        path = await sign_in_link(staff, now=NOW)

        async def enter(path: str = path) -> None:
            with suppress(LinkGone):
                await sign_in.by_link(path.rsplit("/", 1)[1], **BROWSER, now=NOW)

        await asyncio.gather(enter(), switch(staff, on=False, actor=SYSTEM, now=NOW))
        live = "SELECT count(*) FROM session WHERE staff = $1 AND revoked_at IS NULL"
        assert await database.fetchval(live, staff) == 0


async def test_a_password_set_while_signing_in_with_the_old_one_leaves_no_session_of_the_old(committed_db: str) -> None:
    staff = await make_staff(email="liisa@sixnet.example", password="the old password")

    async def enter() -> None:
        with suppress(sign_in.WrongCredentials):
            await sign_in.by_password("liisa@sixnet.example", "the old password", **BROWSER, now=NOW)

    async with transaction():
        await database.execute("UPDATE staff SET password_hash = 'changed' WHERE id = $1", staff)
        task = asyncio.create_task(_outside(enter))
        await asyncio.sleep(0.3)
    await task
    assert await database.fetchval("SELECT count(*) FROM session WHERE staff = $1", staff) == 0


async def _outside(work: Callable[[], Awaitable[None]]) -> None:
    """Run beside the transaction of the test, as another request would."""
    database.DB.current_transaction.set(None)
    await work()

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar

from events.accounts import passwords, sign_in
from events.accounts.sign_in import WrongCredentials
from events.core import clock, database, secrets, settings
from events.core.errors import NotAllowed, Unavailable
from tests import factories
from tests.conftest import browser
from tests.factories import NOW, insert, make_staff

PASSWORD = "kolme pientä porsasta"
BROWSER = {"device": "Firefox, Linux", "replaces": ""}


async def staff_with_password(email: str = "liisa@sixnet.example", role: str = "admin") -> UUID:
    return await make_staff(role, email=email, name="Liisa Lahti", password=PASSWORD)


async def enter(client: httpx.AsyncClient, email: str, password: str, **fields: str) -> httpx.Response:
    return await client.post("/staff/sign-in", data={"email": email, "password": password, **fields})


async def test_the_right_password_opens_the_staff_pages(client: httpx.AsyncClient) -> None:
    await staff_with_password()
    answer = await enter(client, "Liisa@SIXNET.example", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/")
    page = await client.get("/staff/")
    assert page.status_code == 200
    assert "Liisa Lahti" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: httpx.AsyncClient) -> None:
    await staff_with_password()
    known = await enter(client, "liisa@sixnet.example", "something else")
    unknown = await enter(client, "nobody@sixnet.example", "something else")
    assert known.status_code == unknown.status_code == 422
    assert "The address or the password is not right." in known.text
    assert known.text.replace("liisa@", "nobody@") == unknown.text
    assert "set-cookie" not in known.headers


async def test_an_unknown_address_costs_as_much_time_as_a_known_one(db: object) -> None:
    """Ten times each, in turns; without the dummy hash the unknown address would be some forty times faster."""
    await staff_with_password()
    seconds: dict[str, list[float]] = {"liisa@sixnet.example": [], "nobody@sixnet.example": []}
    for _ in range(10):
        for email, taken in seconds.items():
            begun = time.perf_counter()
            with pytest.raises(WrongCredentials):
                await sign_in.by_password(email, "wrong", **BROWSER, now=NOW)
            taken.append(time.perf_counter() - begun)
    known, unknown = (statistics.median(taken) for taken in seconds.values())
    assert unknown > known / 2


def test_the_dummy_hash_is_as_dear_as_a_real_one() -> None:
    assert not passwords.is_outdated(passwords.NOBODY)


async def test_nobody_signs_in_without_a_password_or_when_switched_off(db: object) -> None:
    await make_staff("admin", email="new@sixnet.example")
    for password in ("", "None", PASSWORD):
        with pytest.raises(WrongCredentials):
            await sign_in.by_password("new@sixnet.example", password, **BROWSER, now=NOW)
    staff = await staff_with_password()
    await database.execute("UPDATE staff SET active = false WHERE id = $1", staff)
    with pytest.raises(WrongCredentials):
        await sign_in.by_password("liisa@sixnet.example", PASSWORD, **BROWSER, now=NOW)


async def test_who_has_no_right_left_is_told_so_only_with_the_right_password(db: object) -> None:
    staff = await staff_with_password()
    await database.execute("UPDATE staff_grant SET until = $2 WHERE staff = $1", staff, NOW)
    with pytest.raises(NotAllowed):
        await sign_in.by_password("liisa@sixnet.example", PASSWORD, **BROWSER, now=NOW)
    with pytest.raises(WrongCredentials):
        await sign_in.by_password("liisa@sixnet.example", "wrong", **BROWSER, now=NOW)


async def test_an_old_hash_is_renewed_at_sign_in(db: object) -> None:
    staff = await make_staff("admin", email="old@sixnet.example")
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await database.execute("UPDATE staff SET password_hash = $2 WHERE id = $1", staff, weak)
    await sign_in.by_password("old@sixnet.example", PASSWORD, **BROWSER, now=NOW)
    stored = await database.fetchval("SELECT password_hash FROM staff WHERE id = $1", staff)
    assert not passwords.is_outdated(stored)
    assert await passwords.verify_password(stored, PASSWORD)


async def test_a_composed_and_a_decomposed_letter_are_the_same_password() -> None:
    stored = await passwords.hash_password("p\u00e4iv\u00e4kirja")
    assert await passwords.verify_password(stored, "pa\u0308iva\u0308kirja")


async def test_more_passwords_than_can_wait_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 3)
    answers = await asyncio.gather(*(passwords.verify_password(None, "x") for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [bool, bool, bool, Unavailable, Unavailable]


async def test_a_session_id_that_a_stranger_planted_is_never_taken_over(
    client: httpx.AsyncClient, app: Litestar
) -> None:
    """Session fixation: Litestar's own sessions would keep the planted id."""
    staff = await staff_with_password()
    client.cookies.set("sixnet", "planted")
    answer = await enter(client, "liisa@sixnet.example", PASSWORD)
    assert answer.headers["set-cookie"].startswith("sixnet=")
    assert not answer.headers["set-cookie"].startswith("sixnet=planted")
    async with browser(app) as stranger:
        stranger.cookies.set("sixnet", "planted")
        assert (await stranger.get("/staff/")).status_code == 401
    known = await database.fetch("SELECT token_hash FROM session WHERE staff = $1", staff)
    assert secrets.digest("planted") not in [row["token_hash"] for row in known]


async def test_signing_in_again_ends_the_session_that_the_browser_had(client: httpx.AsyncClient, app: Litestar) -> None:
    staff = await staff_with_password()
    await factories.sign_in(client, staff)
    before = client.cookies["sixnet"]
    async with browser(app) as second:
        second.cookies.set("sixnet", before)
        answer = await enter(second, "liisa@sixnet.example", PASSWORD)
        assert answer.headers["set-cookie"].split("=")[1] != before
    assert (await client.get("/staff/")).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: httpx.AsyncClient) -> None:
    await staff_with_password()
    answer = await enter(client, "liisa@sixnet.example", PASSWORD)
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("sixnet=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(flags)
    assert "Secure" not in flags


async def test_over_https_the_cookie_is_bound_to_this_very_host(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await staff_with_password()
    monkeypatch.setenv("SIXNET_PUBLIC_URL", "https://testserver")
    settings.get_settings.cache_clear()
    try:
        answer = await enter(client, "liisa@sixnet.example", PASSWORD)
    finally:
        monkeypatch.undo()
        settings.get_settings.cache_clear()
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-sixnet=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(flags)
    assert not [flag for flag in flags if flag.startswith("Domain")]


async def test_signing_out_ends_the_session_and_empties_the_cookie(client: httpx.AsyncClient, app: Litestar) -> None:
    await factories.sign_in(client, await make_staff("door"))
    kept = client.cookies["sixnet"]
    answer = await client.post("/staff/sign-out")
    assert answer.headers["location"] == "/staff/sign-in"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    async with browser(app) as thief:
        thief.cookies.set("sixnet", kept)
        assert (await thief.get("/staff/")).status_code == 401


async def test_a_session_slides_while_it_is_used_and_ends_after_thirty_days(client: httpx.AsyncClient) -> None:
    staff = await staff_with_password()
    with clock.at(NOW):
        await enter(client, "liisa@sixnet.example", PASSWORD)
    for day in (6, 12, 18, 24, 29):
        with clock.at(NOW + timedelta(days=day)):
            assert (await client.get("/staff/")).status_code == 200, day
    with clock.at(NOW + timedelta(days=30, minutes=1)):
        assert (await client.get("/staff/")).status_code == 401
    assert await database.fetchval("SELECT expires_at FROM session WHERE staff = $1", staff) == NOW + timedelta(days=30)


async def test_a_session_ends_when_it_is_not_used_for_a_week(client: httpx.AsyncClient) -> None:
    await staff_with_password()
    with clock.at(NOW):
        await enter(client, "liisa@sixnet.example", PASSWORD)
    with clock.at(NOW + timedelta(days=7, minutes=1)):
        assert (await client.get("/staff/")).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/staff/people?page=2", "/staff/people?page=2"),
        ("/door/", "/door/"),
        ("", "/staff/"),
        ("https://evil.example/", "/staff/"),
        ("//evil.example/", "/staff/"),
        ("/\\evil.example/", "/staff/"),
        ("/\t/evil.example/", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
        ("staff/", "/staff/"),
        ("/staff/sign-in", "/staff/"),
        ("/staff/sign-out", "/staff/"),
        ("/staff/\r\nSet-Cookie: a=b", "/staff/"),
    ],
)
async def test_signing_in_leads_nowhere_but_to_this_service(
    client: httpx.AsyncClient, wanted: str, led_to: str
) -> None:
    await staff_with_password()
    answer = await enter(client, "liisa@sixnet.example", PASSWORD, next=wanted)
    assert answer.headers["location"] == led_to


async def test_a_person_is_led_to_the_sign_in_page_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/staff/people?a=b", headers={"accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sign-in?next=%2Fstaff%2Fpeople%3Fa%3Db")
    form = await client.get(answer.headers["location"])
    assert '<input type="hidden" name="next" value="/staff/people?a=b">' in form.text
    await staff_with_password()
    answer = await enter(client, "liisa@sixnet.example", PASSWORD, next="/staff/people?a=b")
    assert answer.headers["location"] == "/staff/people?a=b"


async def test_a_program_is_told_401_and_not_led_anywhere(client: httpx.AsyncClient) -> None:
    answer = await client.get("/staff/people")
    assert answer.status_code == 401
    answer = await client.get("/api/v1/openapi.json", headers={"authorization": "Bearer wrong", "accept": "text/html"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"


async def test_the_eleventh_try_for_an_address_is_refused_even_with_the_right_password(
    client: httpx.AsyncClient,
) -> None:
    await staff_with_password()
    with clock.at(NOW):
        for _ in range(10):
            assert (await enter(client, "liisa@sixnet.example", "wrong")).status_code == 422
        answer = await enter(client, "liisa@sixnet.example", PASSWORD)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "900"
    with clock.at(NOW + timedelta(minutes=15)):
        assert (await enter(client, "liisa@sixnet.example", PASSWORD)).status_code == 303


async def test_the_right_password_forgives_earlier_slips(client: httpx.AsyncClient) -> None:
    await staff_with_password()
    with clock.at(NOW):
        for _ in range(3):
            for _ in range(8):
                await enter(client, "liisa@sixnet.example", "wrong")
            assert (await enter(client, "liisa@sixnet.example", PASSWORD)).status_code == 303
            client.cookies.clear()


async def test_the_language_switch_keeps_the_address(client: httpx.AsyncClient) -> None:
    answer = await enter(client, "liisa@sixnet.example", "", _language="sv")
    assert answer.status_code == 200
    assert '<html lang="sv"' in answer.text
    assert 'value="liisa@sixnet.example"' in answer.text


async def test_signing_in_and_out_stands_in_the_audit_trail(client: httpx.AsyncClient) -> None:
    staff = await staff_with_password()
    await enter(client, "liisa@sixnet.example", PASSWORD)
    await client.post("/staff/sign-out")
    rows = await database.fetch("SELECT action, actor_id FROM audit WHERE subject_id = $1 ORDER BY id", str(staff))
    assert [row["action"] for row in rows] == ["staff.signed_in", "staff.signed_out"]
    assert rows[0]["actor_id"] == staff


async def test_a_session_of_the_clock_before_is_no_session_now(client: httpx.AsyncClient) -> None:
    token, past = secrets.new_secret(), datetime(2020, 1, 1, tzinfo=UTC)
    await insert("session", staff=await make_staff(), token_hash=secrets.digest(token), expires_at=past)
    client.cookies.set("sixnet", token)
    assert (await client.get("/staff/")).status_code == 401

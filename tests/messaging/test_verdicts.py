import asyncpg
import httpx
import pytest

from events.core import database
from events.messaging import verdicts
from tests.factories import NOW, make_staff, sign_in


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (verdicts.NOT_WRITTEN_TO, "Tähän osoitteeseen ei enää kirjoiteta."),
        (f"{verdicts.NOT_WRITTEN}: KeyError", "Viestiä ei voitu kirjoittaa virheen vuoksi."),
        ("550 5.1.1 no such user", "550 5.1.1 no such user"),
    ],
)
async def test_the_services_own_words_are_in_the_language_of_the_reader(
    client: httpx.AsyncClient, db: asyncpg.Connection, words: str, shown: str
) -> None:
    await sign_in(client, await make_staff("admin"))
    identity = await database.fetchval(
        "INSERT INTO message (id, recipient, reason, subject_kind, subject_id, message_id, state, finished_at,"
        " server_words) VALUES (gen_random_uuid(), 'a@yritys.example', 'news', 'announcement', gen_random_uuid(), '<a>',"
        " 'dropped', $1, $2) RETURNING id",
        *(NOW, words),
    )
    client.cookies.set("sixnet_language", "fi")
    for path in ("/staff/mailbox", f"/staff/mailbox/{identity}"):
        page = (await client.get(path, headers={"accept-language": "fi"})).text
        assert shown in page
        assert (words in page) is (words == shown)


def test_every_verdict_is_said() -> None:
    ours = {words for name, words in vars(verdicts).items() if name.isupper() and isinstance(words, str)}
    assert {words for words in ours if not verdicts.said(words)[0]} == set()

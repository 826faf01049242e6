from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from events.core import database, secrets
from events.core.actor import ANONYMOUS
from events.core.errors import Conflict, Invalid, NotFound
from events.registration import consents
from events.registration.new_registration import NewRegistration
from events.registration.own import participants
from events.registration.queries import Registered
from events.registration.registering import register
from events.registration.tables import ConsentKind, State
from tests.factories import NOW, insert, make_event, make_registration


def someone(number: int = 0, **fields: object) -> NewRegistration:
    values = {"given_name": "Aino", "family_name": f"Esimerkki {number}", "email": f"aino{number}@yritys.example"}
    return NewRegistration(**{**values, **fields})  # type: ignore[arg-type]


async def sign_up(event: UUID | str, number: int = 0, **fields: object) -> Registered:
    return await register(event, someone(number, **fields), actor=ANONYMOUS, now=NOW)


async def row_of(registration: UUID) -> asyncpg.Record:
    row = await database.fetchrow("SELECT * FROM registration WHERE id = $1", registration)
    assert row
    return row


async def reasons() -> list[tuple[str, str]]:
    rows = await database.fetch("SELECT reason, recipient FROM message ORDER BY created_at, recipient")
    return [(row["reason"], row["recipient"]) for row in rows]


async def test_a_registration_takes_a_place_and_owes_a_confirmation(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=2)
    made = await sign_up(event)
    assert (made.state, made.position, made.already) == (State.CONFIRMED, None, False)
    assert await reasons() == [("confirmation", "aino0@yritys.example")]
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 1
    assert (
        await database.fetchval("SELECT action FROM audit WHERE subject_id = $1", str(made.id)) == "registration.made"
    )


async def test_the_ticket_and_the_private_link_are_found_by_their_hashes(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event())
    row = await row_of(made.id)
    assert row["ticket_hash"] == secrets.digest(made.ticket)
    assert row["manage_hash"] == secrets.digest(made.manage_token)


async def test_an_event_is_found_by_its_slug_too(db: asyncpg.Connection) -> None:
    await make_event(slug="paja")
    assert (await sign_up("paja")).state is State.CONFIRMED
    with pytest.raises(NotFound):
        await sign_up("no-such-event")


async def test_when_full_one_waits_at_the_end_of_the_line(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    states = [await sign_up(event, number) for number in range(3)]
    assert [(made.state, made.position) for made in states] == [
        (State.CONFIRMED, None),
        (State.WAITLISTED, 1),
        (State.WAITLISTED, 2),
    ]
    assert [reason for reason, _ in await reasons()] == ["confirmation", "waiting", "waiting"]


async def test_nobody_passes_those_who_wait_although_a_place_is_free(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    await sign_up(event, 0)
    await sign_up(event, 1)
    await database.execute("UPDATE site SET capacity = 5 WHERE event = $1", event)
    assert (await sign_up(event, 2)).position == 2


async def test_without_a_waiting_list_a_full_event_refuses_and_leaves_nothing_behind(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, waiting_list="none")
    await sign_up(event, 0)
    with pytest.raises(Conflict) as refused:
        await sign_up(event, 1)
    assert refused.value.code == "full"
    assert await database.fetchval("SELECT count(*) FROM person") == 1


async def test_where_approval_is_needed_nobody_holds_a_place_yet(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, needs_approval=True)
    assert [(await sign_up(event, number)).state for number in range(2)] == [State.AWAITING_APPROVAL] * 2
    assert await database.fetchval("SELECT taken + waiting FROM site WHERE event = $1", event) == 0


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"state": "cancelled"}, "closed"),
        ({"registration_opens_at": NOW + timedelta(minutes=1)}, "closed"),
        ({"registration_closes_at": NOW}, "closed"),
        ({"starts_at": NOW - timedelta(hours=1)}, "closed"),
    ],
)
async def test_outside_the_window_registration_is_closed(
    db: asyncpg.Connection, columns: dict[str, object], code: str
) -> None:
    event = await make_event(**columns)
    with pytest.raises(Conflict) as refused:
        await sign_up(event)
    assert refused.value.code == code


async def test_a_draft_is_not_there(db: asyncpg.Connection) -> None:
    with pytest.raises(NotFound):
        await sign_up(await make_event(state="draft"))


async def test_an_import_ignores_the_window_but_not_a_cancellation(db: asyncpg.Connection) -> None:
    late = await make_event(starts_at=NOW - timedelta(days=1))
    made = await register(late, someone(), actor=ANONYMOUS, now=NOW, source="import", send=False, any_time=True)
    assert made.state is State.CONFIRMED
    assert await reasons() == []
    with pytest.raises(Conflict):
        await register(await make_event(state="cancelled"), someone(), actor=ANONYMOUS, now=NOW, any_time=True)


async def test_a_site_of_another_event_and_an_unknown_municipality_are_refused(db: asyncpg.Connection) -> None:
    event = await make_event()
    elsewhere = await database.fetchval("SELECT id FROM site WHERE event = $1", await make_event())
    with pytest.raises(Invalid) as refused:
        await sign_up(event, site=elsewhere)
    assert list(refused.value.errors) == ["site"]
    with pytest.raises(Invalid) as refused:
        await sign_up(event, municipality="999")
    assert list(refused.value.errors) == ["municipality"]


async def test_the_same_person_again_keeps_the_registration_and_gets_a_letter_once_a_day(
    db: asyncpg.Connection,
) -> None:
    event = await make_event()
    first = await sign_up(event)
    again = [await sign_up(event, given_name="AINO") for _ in range(2)]
    assert [(made.id, made.already) for made in again] == [(first.id, True)] * 2
    assert sorted(reason for reason, _ in await reasons()) == ["already_registered", "confirmation"]
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 1


async def test_several_may_share_an_address(db: asyncpg.Connection) -> None:
    event = await make_event()
    first = await sign_up(event, 1, email="toimisto@yritys.example")
    second = await sign_up(event, 2, email="toimisto@yritys.example")
    assert first.ticket != second.ticket
    assert not second.already


async def test_registering_again_after_cancelling_revives_with_a_new_ticket_at_the_end(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    first = await sign_up(event, 0)
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", first.id)
    await database.execute("UPDATE site SET taken = 0 WHERE event = $1", event)
    await sign_up(event, 1)
    revived = await sign_up(event, 0)
    assert (revived.id, revived.state, revived.already) == (first.id, State.WAITLISTED, False)
    row = await row_of(first.id)
    assert row["number"] == 3
    assert row["ticket_hash"] == secrets.digest(revived.ticket) != secrets.digest(first.ticket)
    assert row["manage_hash"] == secrets.digest(revived.manage_token)
    assert [reason for reason, _ in await reasons()].count("waiting") == 1


async def test_an_organisation_is_found_however_it_is_spelled(db: asyncpg.Connection) -> None:
    event = await make_event()
    spelled = ("Konepaja Esimerkki Oy", "KONEPAJA ESIMERKKI OY AB", "konepaja  esimerkki", "Konepaja Esim.")
    for number, name in enumerate(spelled):
        await sign_up(event, number, organisation=name, email=f"a{number}@konepaja.example")
        await database.execute("UPDATE organisation SET domains = ARRAY['konepaja.example']")
    assert await database.fetchval("SELECT count(DISTINCT organisation) FROM registration") == 1
    assert await database.fetchval("SELECT name FROM organisation") == "Konepaja Esimerkki Oy"


async def test_a_common_mail_provider_says_nothing_of_the_organisation(db: asyncpg.Connection) -> None:
    event = await make_event()
    await sign_up(event, 1, organisation="Yksi Oy", email="a@gmail.com")
    await sign_up(event, 2, organisation="Kaksi Oy", email="b@gmail.com")
    assert await database.fetchval("SELECT count(DISTINCT organisation) FROM registration") == 2


async def test_size_and_type_are_learnt_once(db: asyncpg.Connection) -> None:
    event = await make_event()
    await insert("organisation", name="Teräs Oy", folded="teras")
    await sign_up(event, 1, organisation="Teräs", size="small")
    await sign_up(event, 2, organisation="Teräs Oy", size="large")
    row = await database.fetchrow("SELECT type, size_class FROM organisation")
    assert row
    assert tuple(row) == ("company", "small")


async def test_a_business_id_is_learnt_without_a_size_and_never_replaced(db: asyncpg.Connection) -> None:
    event = await make_event()
    known = await insert("organisation", name="Teräs Oy", folded="teras", type="company", size_class="small")
    await sign_up(event, 1, organisation="Teräs", business_id="0112038-9")
    await sign_up(event, 2, organisation="Teräs Oy", business_id="0201256-6")
    rows = await database.fetch("SELECT id, business_id, type, size_class FROM organisation")
    assert [tuple(row) for row in rows] == [(known, "0112038-9", "company", "small")]


async def test_a_business_id_alone_says_nothing_of_type_and_size(db: asyncpg.Connection) -> None:
    await insert("organisation", name="Teräs Oy", folded="teras")
    await sign_up(await make_event(), organisation="Teräs", business_id="0112038-9")
    row = await database.fetchrow("SELECT business_id, type, size_class FROM organisation")
    assert row
    assert tuple(row) == ("0112038-9", "unknown", "unknown")


async def test_a_business_id_that_a_merged_organisation_holds_stays_there(db: asyncpg.Connection) -> None:
    kept = await insert("organisation", name="Teräs Oy", folded="teras")
    await insert("organisation", name="Vanha Oy", folded="vanha", business_id="0112038-9", merged_into=kept)
    made = await sign_up(await make_event(), organisation="Teräs", business_id="0112038-9", size="small")
    assert (await row_of(made.id))["organisation"] == kept


async def test_a_consent_is_kept_with_the_text_it_was_given_to(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event(), consents={ConsentKind.NEWS: "Saa lähettää uutisia."})
    row = await database.fetchrow("SELECT kind, text, given FROM consent WHERE registration = $1", made.id)
    assert row
    assert tuple(row) == ("news", "Saa lähettää uutisia.", True)


async def test_who_registers_again_agrees_to_no_more_than_is_ticked_then(db: asyncpg.Connection) -> None:
    event, both = await make_event(), {ConsentKind.NEWS: "Uutisia.", ConsentKind.PARTICIPANT_LIST: "Nimeni."}
    first = await sign_up(event, consents=both)
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", first.id)
    await sign_up(event, consents={ConsentKind.NEWS: "Uutisia taas."})
    assert await consents.given(first.id) == {ConsentKind.NEWS: ("Uutisia taas.", "fi")}
    assert await participants.agreed(event) == []
    assert await database.fetchval("SELECT count(*) FROM consent WHERE withdrawn_at = $1", NOW) == 2


async def test_a_short_code_that_is_taken_in_the_event_is_replaced(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await make_event()
    taken = await make_registration(event, ticket_code="AAAAAA")
    real = secrets.short_code
    monkeypatch.setattr(secrets, "short_code", lambda *a: "AAAAAA" if a[2] == 0 else real(*a))
    made = await sign_up(event)
    assert (await row_of(made.id))["ticket_code"] != (await row_of(taken))["ticket_code"]

import asyncio
import re
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import database
from events.core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from events.core.errors import Conflict
from events.core.forms import FormData
from events.core.idempotency import repeatable
from events.network.matching import organisation_key
from events.registration import admission
from events.registration.actions import cancel, change_details
from events.registration.admission import NotAdmitted, OrganisationFull
from events.registration.details import Details
from events.registration.public.colleagues import Refused
from events.registration.public.forms import RegistrationForm
from events.registration.public.sending import show_refusal
from events.registration.registering import register
from events.registration.rules import Applicant, Refusal, may_register
from tests.factories import NOW, insert, make_event, make_registration
from tests.registration.invitations.test_invitations import invited
from tests.registration.public.test_pages import FORM, answer_of, make_open, own_path, reasons, send, states
from tests.registration.questions.making import make_question
from tests.registration.test_register import sign_up, someone


class Limited:
    def __init__(self, access: str, access_code: str = "") -> None:
        self.access = access
        self.access_code = access_code


@pytest.mark.parametrize(
    ("access", "applicant", "refusal"),
    [
        ("open", Applicant(), None),
        ("code", Applicant(code=" PAJA-7 "), None),
        ("code", Applicant(code="paja-8"), Refusal.CODE),
        ("code", Applicant(), Refusal.CODE),
        ("code", Applicant(by_right=True), Refusal.CODE),
        ("invited", Applicant(), Refusal.INVITED),
        ("invited", Applicant(by_right=True), None),
        ("named", Applicant(), Refusal.NAMED),
        ("named", Applicant(named=True), None),
    ],
)
def test_who_may_register(access: str, applicant: Applicant, refusal: Refusal | None) -> None:
    assert may_register(Limited(access, "Paja-7"), applicant) is refusal


async def organisation(name: str, **columns: object) -> UUID:
    return await insert("organisation", name=name, folded=organisation_key(name), **columns)


async def test_members_of_a_named_organisation_may_register_however_they_spell_it(db: asyncpg.Connection) -> None:
    present = await organisation("Teräs Paja Oy", domains=["teras.example"])
    old = await organisation("Vanha Teräs", merged_into=present)
    event = await make_event(access="named", named_organisations=[old])
    assert not (await sign_up(event, 1, organisation="TERÄS PAJA")).already
    assert not (await sign_up(event, 2, organisation="Teräspaja", email="aino@teras.example")).already
    with pytest.raises(NotAdmitted):
        await sign_up(event, 3, organisation="Muu Oy")
    assert await database.fetchval("SELECT count(*) FROM registration") == 2


async def test_a_named_region_lets_in_whose_workplace_is_there(db: asyncpg.Connection) -> None:
    event = await make_event(access="named", named_regions=["06"])
    assert not (await sign_up(event, 1, municipality="837")).already
    with pytest.raises(NotAdmitted):
        await sign_up(event, 2, municipality="091")
    with pytest.raises(NotAdmitted):
        await sign_up(event, 3)


async def test_staff_and_imports_register_whom_they_will(db: asyncpg.Connection) -> None:
    event = await make_event(access="invited", per_organisation=1)
    for number in range(2):
        new = someone(number, organisation="Yritys Oy")
        await register(event, new, actor=SYSTEM, now=NOW, source="staff", any_time=True)
    with pytest.raises(NotAdmitted):
        await sign_up(event, 5)


async def test_one_organisation_gets_no_more_places_than_it_may_have(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, per_organisation=2)
    first = await sign_up(event, 1, organisation="Yritys Oy")
    await sign_up(event, 2, organisation="yritys")  # waits, and counts
    with pytest.raises(OrganisationFull) as refused:
        await sign_up(event, 3, organisation="Yritys")
    assert refused.value.code == "organisation_full"
    await sign_up(event, 4, organisation="Muu Oy", email="aino@muu.example")
    await cancel(first.id, actor=SYSTEM, now=NOW)
    assert not (await sign_up(event, 3, organisation="Yritys")).already


async def test_a_full_organisation_says_so_to_the_known_and_the_unknown_alike(db: asyncpg.Connection) -> None:
    event = await make_event(per_organisation=1)
    await sign_up(event, 1, organisation="Yritys Oy")
    for number in (1, 2):
        with pytest.raises(OrganisationFull):
            await sign_up(event, number, organisation="Yritys Oy")


async def test_nobody_changes_over_to_a_full_organisation(db: asyncpg.Connection) -> None:
    event = await make_event(per_organisation=1)
    await sign_up(event, 1, organisation="Yritys Oy")
    other = await sign_up(event, 2, organisation="Muu Oy", email="aino2@muu.example")
    details = Details(given_name="Aino", family_name="Esimerkki 2", email="aino2@muu.example", organisation="Yritys Oy")
    with pytest.raises(OrganisationFull):
        await change_details(other.id, details, actor=Actor(ActorKind.PARTICIPANT, other.id), now=NOW)
    await change_details(other.id, details, actor=SYSTEM, now=NOW)


async def test_a_repeated_request_gets_its_answer_although_the_organisation_is_full_now(
    db: asyncpg.Connection,
) -> None:
    event, new = await make_event(per_organisation=1), someone(1, organisation="Yritys Oy")
    mark = repeatable("registration:test", "key-1", new)
    made = [await register(event, new, actor=ANONYMOUS, now=NOW, mark=mark) for _ in range(2)]
    assert made[0].id == made[1].id
    assert not made[1].already


@pytest.mark.parametrize(("locked", "kept"), [(True, True), (False, False)])
async def test_many_of_one_organisation_at_once_get_the_places_there_are(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, locked: bool, kept: bool
) -> None:
    """Without the lock of the event's row, all of them count before anyone is registered."""
    event = await make_event(online=True, per_organisation=2)
    await organisation("Yritys Oy")
    if not locked:
        monkeypatch.setattr(admission.programme, "locked", admission.programme.by_id)
        monkeypatch.setattr(admission, "_require_left", slowly(admission._require_left))
    rows = await database.fetch("SELECT id FROM site WHERE event = $1", event)
    crowd = [sign_up(event, n, organisation="Yritys Oy", site=rows[n % 2]["id"]) for n in range(8)]
    answers = await asyncio.gather(*crowd, return_exceptions=True)
    assert {type(answer) for answer in answers if isinstance(answer, Exception)} <= {OrganisationFull}
    assert (await database.fetchval("SELECT count(*) FROM registration") == 2) is kept


def slowly(counting: object) -> object:
    async def counted(*given: object) -> None:
        await counting(*given)  # type: ignore[operator]
        await asyncio.sleep(0.2)

    return counted


async def test_a_code_is_asked_beside_its_field_and_what_was_typed_stays(client: httpx.AsyncClient) -> None:
    slug = await make_open(access="code", access_code="Paja-7")
    assert "Registration needs a code." in (await client.get(f"/events/{slug}")).text
    wrong = await send(client, slug, code="arvaus")
    assert wrong.status_code == 422
    assert 'id="code-error"' in wrong.text
    assert 'value="Aino"' in wrong.text
    assert await states() == []
    await answer_of(client, slug, code="paja-7")
    assert await states() == ["confirmed"]


async def test_with_a_wrong_code_nobody_learns_who_is_registered(client: httpx.AsyncClient) -> None:
    slug = await make_open(access="code", access_code="Paja-7")
    await answer_of(client, slug, code="paja-7")
    assert (await send(client, slug, code="arvaus")).status_code == 422
    assert await reasons() == ["confirmation"]


async def test_codes_cannot_be_tried_for_ever(client: httpx.AsyncClient) -> None:
    slug = await make_open(access="code", access_code="Paja-7")
    answers = [await send(client, slug, code=f"arvaus {n}", email=f"a{n}@yritys.example") for n in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert (await send(client, slug, code="Paja-7", email="b@yritys.example")).status_code == 429


async def test_an_event_by_invitation_says_so_and_whom_to_ask(client: httpx.AsyncClient) -> None:
    slug = await make_open(access="invited", contact_email="kysy@sixnet.example")
    page = await client.get(f"/events/{slug}/register")
    assert "by invitation only" in page.text
    assert "kysy@sixnet.example" in page.text
    assert (await send(client, slug)).status_code == 403
    assert f'href="/events/{slug}/register"' not in (await client.get(f"/events/{slug}")).text
    assert await states() == []


async def test_a_full_organisation_is_said_beside_its_field(client: httpx.AsyncClient) -> None:
    slug = await make_open(per_organisation=1)
    await answer_of(client, slug)
    refused = await send(client, slug, email="muu@yritys.example")
    assert refused.status_code == 422
    assert 'id="organisation-error"' in refused.text


async def test_the_table_of_registrations_is_not_asked_for_events_without_a_limit(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_registration(event)
    assert not (await sign_up(event, 1)).already
    with pytest.raises(Conflict):
        await sign_up(await make_event(capacity=0, waiting_list="none", per_organisation=1), 2, organisation="Muu Oy")


async def test_who_leaves_the_organisation_out_does_not_pass_its_limit(client: httpx.AsyncClient) -> None:
    slug = await make_open(per_organisation=1)
    refused = await send(client, slug, organisation="")
    assert refused.status_code == 422
    assert 'href="#organisation"' in refused.text


async def test_where_places_are_counted_by_organisation_it_is_marked_as_needed(client: httpx.AsyncClient) -> None:
    counted, free = await make_open(per_organisation=3), await make_open()
    needed, hint = (
        r'<input[^>]*aria-required="true"[^>]*name="(?:colleagues-0-)?organisation"',
        "if you come for yourself",
    )
    for slug, times in ((counted, 2), (free, 0)):
        page = (await send(client, slug, add_colleague="1")).text
        assert (len(re.findall(needed, page)), hint in page) == (times, not times)
        assert (page.count("It is needed: only so many of each organisation may come.")) == times
    own = (await client.get(await own_path(client, counted))).text
    assert (len(re.findall(needed, own)), hint in own) == (1, False)


async def test_all_that_is_missing_is_said_in_one_round(client: httpx.AsyncClient) -> None:
    slug = await make_open(access="code", access_code="Paja-7", per_organisation=3)
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)
    await make_question(event, "lunch", "yes_no", required=True)
    await make_question(event, "group", "one", ("first", 3), required=True)
    nothing = dict.fromkeys(FORM, "") | {"colleagues-0-given_name": "Bert"}
    said = (await send(client, slug, **nothing)).text
    fields = ["code", "given_name", "family_name", "email", "organisation", "municipality"]
    fields += ["answers.lunch-0", "answers.group-0", "colleagues-0-email", "colleagues-0-organisation"]
    assert [field for field in fields if f'href="#{field}"' not in said] == []
    whole = {"code": "paja-7", "answers.lunch": "no", "answers.group": "first"}
    await answer_of(client, slug, **whole)
    assert await states() == ["confirmed"]


@pytest.mark.parametrize("columns", [{"capacity": 0}, {"needs_approval": True}])
async def test_who_gets_no_place_at_once_chooses_what_has_a_limit_later(
    client: httpx.AsyncClient, columns: dict[str, object]
) -> None:
    slug = await make_open(**columns)
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)
    await make_question(event, "group", "one", ("first", 3), required=True)
    await answer_of(client, slug)
    assert len(await states()) == 1


async def test_who_is_invited_needs_no_code(client: httpx.AsyncClient) -> None:
    slug = await make_open(access="code", access_code="Paja-7")
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)
    token = (await invited(event)).rpartition("/")[2]
    colleague = {f"colleagues-0-{name}": value for name, value in FORM.items()} | {"colleagues-0-given_name": "Bert"}
    refused = await send(client, slug, invitation=token, **colleague)
    assert 'href="#code"' in refused.text
    await answer_of(client, slug, invitation=token)
    assert await states() == ["confirmed"]


async def test_a_colleague_who_is_not_invited_is_told_beside_their_name(client: httpx.AsyncClient) -> None:
    with pytest.raises(NotAdmitted) as refused:
        raise NotAdmitted(Refusal.INVITED)
    form = RegistrationForm(FormData({"colleagues-0-given_name": ["Bert"]}))
    show_refusal(form, Refused(1, refused.value))
    assert form.colleagues[0].form.given_name.errors == [refused.value.message]

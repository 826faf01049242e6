"""Whom the guide speaks of, all made up: an organiser, people who register, a theme group that has met once."""

from datetime import UTC, date, datetime, time
from importlib.resources import files
from uuid import UUID

from events.checkin.actions import mark, redeem
from events.checkin.shapes import Scanned
from events.checkin.tables import AttendanceState
from events.core import clock, database
from events.core.actor import ANONYMOUS, Actor, ActorKind, Grant
from events.core.i18n import in_language
from events.network.groups.actions import GroupValues, NewMember, add_member, save_group
from events.programme import queries as programme
from events.registration.groups.meetings import meet
from events.registration.invitations import queries as invitations
from events.registration.invitations.answers import accept, one_press, refuse
from events.registration.invitations.tables import InvitationState
from events.registration.new_registration import NewRegistration
from events.registration.questions import queries as questions
from events.registration.questions.answering import Entered, register_answering
from tests.factories import insert, make_staff

EMAIL, PASSWORD = "oskari.jarjestaja@kehitys.example", "made up for the guide"
RIGHTS = Grant("organiser", "region", "06")
GUESTS = (
    ("Aino", "Ahola", "Aholan konepaja Oy", "536", "vegan"),
    ("Kalle", "Kuusinen", "Kuusisen laser Oy", "837", ""),
    ("Leena", "Lahti", "Pirkan hitsaus Oy", "604", "lactose-free"),
    ("Mikael", "Mattsson", "Verkstad Mattsson Ab", "837", ""),
    ("Noora", "Niemi", "Esimerkkikorkeakoulu", "837", "vegan"),
    ("Olli", "Ojala", "Ojalan automaatio Oy", "980", ""),
    ("Päivi", "Peltola", "Kehitysyhtiö Esimerkki", "837", "none"),
    ("Risto", "Rinne", "Rinteen valimo Oy", "581", ""),
    ("Sanna", "Salo", "Salon koneistus Oy", "418", ""),
    ("Tuomas", "Toivola", "Toivolan tekniikka Oy", "837", ""),
)
"""Given name, family name, organisation, municipality, diet: a code, "" for nothing said, "none" without lunch."""

MEMBERS = GUESTS[2:8]
ZONE_OFFSET = 3
"""Hours that Finland's summer is ahead of UTC."""


def local(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the summer of 2026, by the clocks of Finland."""
    return datetime(2026, month, day, hour - ZONE_OFFSET, minute, tzinfo=UTC)


def address(given: str, family: str) -> str:
    """Each at a domain of their own: people at one domain belong to one organisation."""
    return f"{given}.{family}@{family}.example".lower().translate(str.maketrans("äö", "ao"))


async def make_organiser(language: str) -> Actor:
    staff = await make_staff(
        "organiser",
        kind="region",
        resource="06",
        email=EMAIL,
        name="Oskari Järjestäjä",
        language=language,
        password=PASSWORD,
    )
    return Actor(ActorKind.STAFF, staff, "Oskari Järjestäjä", (RIGHTS,))


async def make_project() -> None:
    """A project with its marks, for which events count."""
    await insert(
        "project",
        code="EXAMPLE",
        name_fi="Esimerkkihanke – verkosto jatkaa",
        name_sv="Exempelprojektet – nätverket går vidare",
        name_en="Example project – the network goes on",
        funder="Esimerkkirahoittaja",
        instrument="Esimerkki",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31),
        emblem=(files("events.demo") / "data" / "emblem.png").read_bytes(),
        emblem_type="image/png",
        **{f"emblem_alt_{code}": "Esimerkkirahoittaja" for code in ("fi", "sv", "en")},
        **{f"statement_{code}": "Esimerkkirahoittaja" for code in ("fi", "sv", "en")},
        counted_roles=["participant"],
        counted_kinds=["meeting", "workshop"],
    )


async def make_group(actor: Actor) -> UUID:
    """A group of six that met in August: four came."""
    with clock.at(local(8, 3, 9)):
        now = clock.now()
        values = GroupValues(
            theme="digitalisation",
            region="06",
            name_fi="Teemaryhmä digitalisaatio",
            name_sv="Temagruppen digitalisering",
            name_en="Theme group digitalisation",
            project="",
            join_url="https://meet.sixnet.example/ryhma",
        )
        group = await save_group(None, values, actor=actor, now=now)
        for number, (given, family, organisation, *_rest) in enumerate(MEMBERS):
            member = NewMember(
                given_name=given,
                family_name=family,
                email=address(given, family),
                organisation=organisation,
                language="fi",
                chair=number == 0,
                starts_on=date(2026, 1, 1),
            )
            await add_member(group, member, actor=actor, now=now)
        made = await meet(group, [date(2026, 8, 25)], time(13), actor=actor, now=now)
        await _come(made.events[0].id, 5, now)
    held = await database.fetch("SELECT id FROM registration WHERE event = $1 ORDER BY number", made.events[0].id)
    for number, row in enumerate(held):
        state = AttendanceState.ATTENDED if number else AttendanceState.NO_SHOW
        await mark([row["id"]], state, actor=actor, now=local(8, 25, 15))
    return group


async def members_answer(now: datetime) -> None:
    """To the group's latest meeting: three come, one does not."""
    event = await database.fetchval(
        "SELECT id FROM event WHERE theme_group IS NOT NULL ORDER BY starts_at DESC LIMIT 1"
    )
    await _come(event, 3, now)
    last = max(await invitations.of_event(event), key=lambda each: each.email)
    await refuse(last.id, InvitationState.NO, now=now)


async def _come(event_id: UUID, several: int, now: datetime) -> None:
    event = await programme.by_id(event_id)
    assert event
    for invitation in sorted(await invitations.of_event(event_id), key=lambda each: each.email)[:several]:
        new = await one_press(invitation, event, event.sites[0].id)
        assert new
        await accept(invitation.id, new, now=now)


async def register_others(slug: str, language: str, now: datetime) -> None:
    """All but the first, who registers on the page, in their order; the answers are those of the guide's questions."""
    event = await programme.by_slug(slug)
    assert event
    asked = await questions.of_event(event.id)
    lunch, diet = (question.code for question in asked)
    options = dict(zip(("vegan", "lactose-free"), (option.code for option in asked[1].options), strict=True))
    for given, family, organisation, municipality, eats in GUESTS[1:]:
        new = NewRegistration(
            given_name=given,
            family_name=family,
            email=address(given, family),
            organisation=organisation,
            municipality=municipality,
            language=language,
            notice_version=1,
        )
        raw: dict[str, object] = {lunch: "no" if eats == "none" else "yes"}
        if eats in options:
            raw[diet] = [options[eats]]
        with in_language(language):
            entered = Entered(raw, agreed=[diet])
            await register_answering(event.id, asked, new, entered, actor=ANONYMOUS, now=now)


async def come_in(slug: str, actor: Actor, now: datetime, *, names: tuple[str, ...]) -> None:
    """Let people in at the door by the codes of their tickets."""
    codes = await database.fetch(
        "SELECT ticket_code AS code, given_name FROM registration JOIN person ON person.id = registration.person"
        " JOIN event ON event.id = registration.event WHERE slug = $1 AND given_name = ANY($2)",
        slug,
        list(names),
    )
    assert len(codes) == len(names)
    for row in codes:
        scanned = Scanned(secret=row["code"], event=slug, nonce=row["given_name"], at=now, door="A")
        answer = await redeem(scanned, actor=actor, now=now)
        assert answer.result == "ok", answer

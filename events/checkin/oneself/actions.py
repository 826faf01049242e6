"""Checking oneself in: with one's own ticket, or with one's name and the address one registered with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts.devices.rules import grants
from events.accounts.devices.tables import DeviceKind
from events.checkin import tickets
from events.checkin.actions.redeem import redeem
from events.checkin.oneself import rules
from events.checkin.queries import DoorEvent
from events.checkin.settings.queries import Chosen
from events.checkin.settings.tables import Poster
from events.checkin.shapes import Answer, Scanned
from events.core import database, secrets
from events.core.actor import Actor, ActorKind
from events.core.addresses import normal_address

MOST_TICKETS = 10
"""Tickets of a phone that are tried: those of a year's events."""

_OWN = "SELECT id, ticket_code FROM registration WHERE event = $1 AND (ticket_hash = $2 OR ticket_code = $3)"

_BY_ADDRESS = """
SELECT registration.id, registration.ticket_code, person.given_name, person.family_name
FROM registration JOIN person ON person.id = registration.person
WHERE registration.event = $1 AND person.email = $2 ORDER BY registration.state = 'confirmed' DESC, registration.number
"""


class Said(Struct, frozen=True):
    """What someone says of themselves: secrets or the short code of tickets, or an address and how a name begins."""

    tickets: Sequence[str] = ()
    email: str = ""
    letters: str = ""


async def check_in(event: DoorEvent, said: Said, *, door: str, desk: Actor | None, now: datetime) -> Answer | None:
    """Let someone in who says who they are; None when nobody of the event is meant for sure.

    `desk` is whose tablet they stand at, None for a phone of their own. The caller has limited how often one may try.
    """
    own = await _found(event.id, said)
    if own is None:
        return None
    registration, code = own
    # Neither kiosk nor participant may open doors; for this one reading of their own ticket they may.
    by = desk or Actor(ActorKind.PARTICIPANT, registration)
    actor = replace(by, grants=grants(DeviceKind.DOOR, [event.id], now + timedelta(hours=1)))
    scan = Scanned(secret=code, event=event.slug, nonce=str(uuid4()), at=now, door=door)
    return await redeem(scan, actor=actor, now=now)


async def _found(event: UUID, said: Said) -> tuple[UUID, str] | None:
    for secret in said.tickets[:MOST_TICKETS]:
        read = tickets.read(secret)
        row = await database.fetchrow(_OWN, event, read.digest, read.code)
        if row:
            return row["id"], row["ticket_code"]
    address = normal_address(said.email)
    if address is None:
        return None
    meant = [
        (row["id"], row["ticket_code"])
        for row in await database.fetch(_BY_ADDRESS, event, address)
        if rules.is_meant(said.letters, (row["given_name"], row["family_name"], *_whole(row)))
    ]
    return meant[0] if len({identity for identity, _code in meant}) == 1 else None


def _whole(row: object) -> tuple[str, str]:
    given, family = row["given_name"], row["family_name"]  # type: ignore[index]
    return f"{given} {family}", f"{family} {given}"


def poster_code(event: UUID, chosen: Chosen, now: datetime) -> str:
    """Return the code that a poster shows now, "" when there is no poster."""
    return _codes(event, chosen, now, back=0)[0] if chosen.poster is not Poster.NONE else ""


def opens(code: str, event: DoorEvent, chosen: Chosen, now: datetime, *, back: int) -> bool:
    """Say whether a code that someone has scanned lets them check in; `back` as in `rules`, for a changing one."""
    if chosen.poster is Poster.NONE or not rules.is_time(event.starts_at, event.ends_at, now):
        return False
    return code in _codes(event.id, chosen, now, back=back)


def _codes(event: UUID, chosen: Chosen, now: datetime, *, back: int) -> list[str]:
    purpose = f"poster-{chosen.poster_generation}"
    if chosen.poster is not Poster.ROTATING:
        return [secrets.derive(purpose, event)]
    step = rules.step_of(now)
    return [secrets.derive(f"{purpose}-changing", event, step - earlier) for earlier in range(back + 1)]

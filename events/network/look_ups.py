"""What the public business register said of an organisation, and asking it; the asking itself is a job's (`ytj`)."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound, require
from events.core.i18n import gettext as _
from events.core.settings import get_settings
from events.network import queries
from events.network.matching import organisation_key
from events.network.organisations import OrganisationView
from events.network.register_tables import LookUpState

KEPT = timedelta(days=30)
"""So long an answer of the register is not asked for again."""


MOST_TRIES = 5

WAITS = f"""(state = 'wanted'
    OR (state = 'failed' AND tries < {MOST_TRIES} AND looked_up_at <= $1::timestamptz - interval '1 hour'))"""
"""Which rows are to be looked up at `$1`: new ones, and failed ones an hour later, but not for ever."""


class Fact(Struct, frozen=True):
    """Something that the register says; `differs`: something else was entered."""

    name: str
    value: str
    differs: bool = False


class LookUp(Struct, frozen=True):
    """What is known of a business ID; `state` is "" before the first look-up. `may_ask`: it can be looked up now."""

    state: str
    looked_up_at: datetime | None
    facts: list[Fact]
    may_ask: bool


async def look_up_of(organisation: OrganisationView, *, now: datetime) -> LookUp | None:
    """Return what the register said of an organisation; None when there is nothing to say or to ask."""
    row = await database.fetchrow("SELECT * FROM business_look_up WHERE business_id = $1", organisation.business_id)
    asks = bool(get_settings().ytj_url and organisation.business_id)
    if row is None:
        return LookUp("", None, [], may_ask=True) if asks else None
    fresh = row["state"] in {LookUpState.FOUND, LookUpState.NOT_FOUND} and row["looked_up_at"] > now - KEPT
    facts = []
    if row["looked_up_at"] and row["name"]:
        towns = await queries.municipality_names([row["municipality"]])
        known = {organisation_key(name) for name in (organisation.name, *organisation.aliases)}
        facts = [
            Fact(_("Name"), row["name"], differs=row["folded"] not in known),
            Fact(
                _("Municipality"),
                towns.get(row["municipality"], ""),
                differs=organisation.municipality not in {None, row["municipality"]} and bool(row["municipality"]),
            ),
            Fact(_("Company form"), row["form"]),
            Fact(_("State"), _("Has ended") if row["ended"] else ""),
        ]
    may_ask = asks and not fresh and row["state"] != LookUpState.WANTED
    return LookUp(row["state"], row["looked_up_at"], [fact for fact in facts if fact.value], may_ask)


_WANT = """
INSERT INTO business_look_up AS known (business_id) VALUES ($1)
ON CONFLICT (business_id) DO UPDATE SET state = 'wanted', tries = 0
WHERE known.state = 'failed' OR (known.state <> 'wanted' AND known.looked_up_at <= $2)
"""


async def ask(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Let a worker look an organisation's business ID up, unless the answer is kept; NotAllowed, NotFound."""
    require(allowed=may(actor, Action.EDIT_NETWORK, now=now))
    async with transaction():
        business_id = await database.fetchval(
            "SELECT business_id FROM organisation WHERE id = $1 AND merged_into IS NULL", identity
        )
        if business_id is None or not get_settings().ytj_url:
            raise NotFound
        if await database.execute(_WANT, business_id, now - KEPT):
            await audit.record(actor, "organisation.look_up_asked", "organisation", identity, now)
    jobs.nudge("organisations.look_up")

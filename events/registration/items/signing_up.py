"""Signing up for items of the agenda that have places of their own."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import gettext as _
from events.programme import queries as programme
from events.registration.counters import Counter, Full, move
from events.registration.held import hold, note, require_may_edit
from events.registration.items import rules
from events.registration.items.chosen import own_items, take_out
from events.registration.tables import State


async def choose_items(registration_id: UUID, wanted: Collection[UUID], *, actor: Actor, now: datetime) -> None:
    """Let someone with a place have exactly these items; what was theirs and is not wanted goes back.

    Raises Conflict ("no_place") for who has no place for sure, Invalid (`items`) for items that clash, are full or are
    not at their site; then nothing changes.
    """
    async with transaction():
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        if held.state is not State.CONFIRMED:
            raise Conflict(_("Items are chosen once there is a place for sure."), code="no_place")
        had = await own_items(held.id)
        await _settle(held.id, held.event, held.site, had, frozenset(wanted))
        if had != set(wanted):
            await database.execute("UPDATE registration SET revision = revision + 1 WHERE id = $1", held.id)
            await note(held, "items_chosen", actor, now)


async def sign_up_new(registration_id: UUID, wanted: Collection[UUID]) -> None:
    """Let who registers in the running transaction have items; who got no place for sure has none, and chooses later.

    Raises Invalid (`items`) as `choose_items`.
    """
    row = await database.fetchrow("SELECT event, site, state FROM registration WHERE id = $1", registration_id)
    if row is None:
        raise NotFound
    if row["state"] == State.CONFIRMED:
        await _settle(registration_id, row["event"], row["site"], frozenset(), frozenset(wanted))
    elif wrong := rules.mistakes(await programme.agenda(row["event"]), wanted, row["site"]):
        raise Invalid({"items": wrong})


async def require_left(event_id: UUID, wanted: Collection[UUID]) -> None:
    """Raise Invalid (`items`) when some of these have no place left."""
    items = [item for item in await programme.agenda(event_id) if item.id in wanted]
    if full := {item.id for item in items if item.left == 0}:
        raise Invalid({"items": rules.without_place(items, full)})


async def _settle(
    registration_id: UUID, event_id: UUID, site: UUID, had: frozenset[UUID], wanted: frozenset[UUID]
) -> None:
    """Let a registration, whose site is locked, have `wanted` instead of `had`."""
    await _lock(had | wanted)
    agenda = await programme.agenda(event_id)
    if wrong := rules.mistakes(agenda, wanted, site):
        raise Invalid({"items": wrong})
    try:
        await move(take=_counters(wanted - had), give=_counters(had - wanted))
    except Full as full:
        raise Invalid({"items": rules.without_place(agenda, {each.id for each in full.counters})}) from full
    await take_out(registration_id, had - wanted)
    await _put_in(registration_id, wanted - had)


async def _lock(items: Collection[UUID]) -> None:
    """Lock items, those without a limit too: one may be set meanwhile, and who signed up is counted then."""
    await database.execute("SELECT FROM agenda_item WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", sorted(items))


def _counters(items: Collection[UUID]) -> list[Counter]:
    return [Counter("item", item) for item in items]


async def _put_in(registration_id: UUID, items: Collection[UUID]) -> None:
    await database.execute(
        "INSERT INTO registration_item (id, registration, item) SELECT gen_random_uuid(), $1, unnest($2::uuid[])",
        *(registration_id, list(items)),
    )

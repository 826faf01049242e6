"""Signing up for items of the agenda that have places of their own."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict, Invalid
from events.core.i18n import gettext as _
from events.programme import queries as programme
from events.programme.agenda.rules import ItemView, at_site, clashes
from events.registration.counters import Counter, Full, move
from events.registration.held import hold, note, require_may_edit
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
            raise Conflict(_("You choose once you have your place."), code="no_place")
        had = await own_items(held.id)
        await _lock({*wanted, *had})
        items = [item for item in at_site(await programme.agenda(held.event), held.site) if item.sign_up]
        chosen = [item for item in items if item.id in wanted]
        _check(chosen, wanted)
        try:
            await move(take=_counters(set(wanted) - had), give=_counters(had - set(wanted)))
        except Full as full:
            raise Invalid({"items": _full(items, {each.id for each in full.counters})}) from full
        await take_out(held.id, had - set(wanted))
        await _put_in(held.id, set(wanted) - had)
        if had != set(wanted):
            await database.execute("UPDATE registration SET revision = revision + 1 WHERE id = $1", held.id)
            if actor.kind is not ActorKind.PARTICIPANT:
                await note(held, "items_chosen", actor, now)


async def _lock(items: Collection[UUID]) -> None:
    """Lock items, those without a limit too: one may be set meanwhile, and who signed up is counted then."""
    await database.execute("SELECT FROM agenda_item WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", sorted(items))


def _check(chosen: Sequence[ItemView], wanted: Collection[UUID]) -> None:
    if len(chosen) < len(set(wanted)):
        raise Invalid({"items": [_("One cannot sign up for that here.")]})
    if together := clashes(chosen):
        one, other = together[0]
        message = _(
            "%(one)s and %(other)s are at the same time: choose one of them.", one=one.title[0], other=other.title[0]
        )
        raise Invalid({"items": [message]})


def _full(items: Sequence[ItemView], full: Collection[UUID]) -> list[str]:
    return [_("This is full: %(name)s. Choose another.", name=item.title[0]) for item in items if item.id in full]


def _counters(items: Collection[UUID]) -> list[Counter]:
    return [Counter("item", item) for item in items]


async def _put_in(registration_id: UUID, items: Collection[UUID]) -> None:
    await database.execute(
        "INSERT INTO registration_item (id, registration, item) SELECT gen_random_uuid(), $1, unnest($2::uuid[])",
        *(registration_id, list(items)),
    )

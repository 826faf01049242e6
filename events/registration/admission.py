"""Who may register by themselves, and how many of one organisation: asked only where an event limits it.

Then each registration is made under the lock of the event's row, taken before the site's: what was counted before still
holds when the place is taken. Events for everybody never come here.
"""

from uuid import UUID

from events.core import database
from events.core.errors import Conflict, Invalid, NotAllowed, NotFound
from events.core.i18n import gettext as _
from events.core.idempotency import Repeatable
from events.network.matching import match_organisation
from events.programme import queries as programme
from events.programme.queries import EventView
from events.programme.tables import Access
from events.registration.new_registration import NewRegistration
from events.registration.rules import GONE, REFUSALS, Applicant, Refusal, may_register

FIELDS = {Refusal.CODE: "code", Refusal.NAMED: "organisation"}
"""The field beside which a refusal is said; the others stand above the form."""


class NotAdmitted(NotAllowed):
    """This person may not register by themselves; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(REFUSALS[refusal]())
        self.refusal = refusal


class OrganisationFull(Conflict):
    """As many of this organisation are registered as the event allows."""

    code = "organisation_full"

    def default_message(self) -> str:
        return _("Your organisation has all the places that one organisation may have.")


def organisation_missing() -> str:
    """What to say to whom an organisation is missing where an event has so many places for each."""
    return _("Write your organisation: only so many of each may come.")


async def admit(event_id: UUID, new: NewRegistration, *, mark: Repeatable, by_right: bool, invited: bool) -> None:
    """Lock the event and see whether `new` may register; must run in the transaction that registers.

    Raises NotAdmitted, OrganisationFull. Whoever is registered already is answered as everybody else: from the answer
    nobody learns who takes part. What was made before under the same key passes.
    """
    event = await programme.locked(event_id)
    if event is None:
        raise NotFound
    if mark.key and await database.fetchval(_KEPT, mark.scope, mark.key):
        return
    known = await match_organisation(new.organisation, email=new.email or "", business_id=new.business_id)
    organisation = known.id if known else None
    named = await _is_named(event, organisation, new.municipality)
    refusal = may_register(event, Applicant(new.code, named, by_right, invited))
    if refusal:
        raise NotAdmitted(refusal)
    if event.per_organisation is not None and not new.organisation:
        raise Invalid({"organisation": [organisation_missing()]})
    await _require_left(event_id, event.per_organisation, organisation)


async def require_named(event_id: UUID, organisation: UUID | None, municipality: str | None) -> None:
    """Raise NotAdmitted where the event is for named organisations or regions and this is none of them.

    For who takes a colleague's place over: the code and the invitation are the colleague's.
    """
    event = await programme.by_id(event_id)
    if event and event.access == Access.NAMED and not await _is_named(event, organisation, municipality):
        raise NotAdmitted(Refusal.NAMED)


async def require_as_admitted(
    registration_id: UUID, event_id: UUID, organisation: UUID | None, municipality: str | None
) -> None:
    """Raise what `admit` would when who was let in by organisation or region takes others instead.

    Who came without – invited, or entered by staff – is not asked for what nobody asked of them then.
    """
    event = await programme.by_id(event_id)
    before = await database.fetchrow(_BEFORE, registration_id)
    if event is None or before is None:
        raise NotFound
    if event.per_organisation is not None and before["organisation"] and organisation is None:
        raise Invalid({"organisation": [organisation_missing()]})
    if event.access != Access.NAMED or before["invited"]:
        return
    was = await _is_named(event, before["organisation"], before["municipality"])
    if was and not await _is_named(event, organisation, municipality):
        raise NotAdmitted(Refusal.NAMED)


async def lock_guarded(event_id: UUID) -> None:
    """Lock an event for which not everybody may register: before any site, as `admit` does."""
    await database.fetch(
        "SELECT FROM event WHERE id = $1 AND (access <> 'open' OR per_organisation IS NOT NULL) FOR NO KEY UPDATE",
        event_id,
    )


async def lock_limit(registration_id: UUID) -> None:
    """Lock the registration's event where it limits organisations: before any site, as `admit` does."""
    await database.fetch(_LOCK, registration_id)


async def require_left(registration_id: UUID, organisation: UUID | None) -> None:
    """Raise OrganisationFull when the others of `organisation` leave no room for this registration."""
    row = await database.fetchrow(_LIMIT, registration_id)
    if row:
        await _require_left(row["event"], row["per_organisation"], organisation, besides=registration_id)


async def _require_left(
    event_id: UUID, limit: int | None, organisation: UUID | None, besides: UUID | None = None
) -> None:
    if limit is None or organisation is None:
        return
    gone = [state.value for state in GONE]
    if await database.fetchval(_STANDING, event_id, organisation, gone, besides) >= limit:
        raise OrganisationFull


async def _is_named(event: EventView, organisation: UUID | None, municipality: str | None) -> bool:
    if not (event.named_organisations or event.named_regions):
        return False
    return bool(
        await database.fetchval(_NAMED, event.named_organisations, organisation, event.named_regions, municipality)
    )


_KEPT = "SELECT true FROM idempotency_key WHERE scope = $1 AND key = $2"

_NAMED = """
SELECT EXISTS (SELECT FROM organisation WHERE id = ANY($1) AND coalesce(merged_into, id) = $2)
    OR EXISTS (SELECT FROM municipality WHERE code = $4 AND region = ANY($3::varchar[]))
"""

_BEFORE = """
SELECT coalesce(merged_into, organisation.id) AS organisation, registration.municipality,
    EXISTS (SELECT FROM invitation WHERE invitation.registration = registration.id) AS invited
FROM registration LEFT JOIN organisation ON organisation.id = registration.organisation WHERE registration.id = $1
"""

_LOCK = """
SELECT FROM event WHERE id = (SELECT event FROM registration WHERE id = $1) AND per_organisation IS NOT NULL
FOR NO KEY UPDATE
"""

_LIMIT = """
SELECT event.id AS event, per_organisation FROM registration JOIN event ON event.id = registration.event
WHERE registration.id = $1 AND per_organisation IS NOT NULL
"""

_STANDING = """
SELECT count(*) FROM registration JOIN organisation ON organisation.id = registration.organisation
WHERE event = $1 AND coalesce(merged_into, organisation.id) = $2 AND state <> ALL($3::varchar[])
  AND registration.id IS DISTINCT FROM $4::uuid
"""

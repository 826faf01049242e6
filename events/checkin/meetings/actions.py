"""Importing reports of online meetings: who was there, for how long, and in which role."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.checkin.actions import WalkIn, let_in
from events.checkin.actions.attendance import require_open
from events.checkin.meetings.choices import Choice
from events.checkin.meetings.plan import Plan, make_plan
from events.checkin.meetings.reading import Report
from events.checkin.meetings.rows import NewPerson
from events.checkin.meetings.tables import Fate
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.registration.actions import set_role

# Nobody else imports, reconciles or marks by hand between the look and what follows from it.
_LOCK = "SELECT host_region, reconciled_at FROM event WHERE id = $1 FOR NO KEY UPDATE"


class Imported(Struct, frozen=True):
    """What an import did: how many came to be known as attended, were registered by it, and got another role.

    `minutes` counts those known already whose minutes it wrote, `gone` who counts no longer, `open` who is left to be
    decided. `plan` is what it was done by.
    """

    plan: Plan
    attended: int = 0
    minutes: int = 0
    walk_ins: int = 0
    roles: int = 0
    gone: int = 0
    open: int = 0
    done: bool = False

    @property
    def news(self) -> bool:
        """Say whether anything changed."""
        return bool(self.attended or self.minutes or self.walk_ins or self.roles or self.gone)


async def import_reports(
    event: UUID,
    reports: Sequence[Report],
    choices: Mapping[str, Choice],
    *,
    minimum: int,
    actor: Actor,
    now: datetime,
) -> Imported:
    """Store reports and what was chosen for whom they name, and mark those who were there for `minimum` minutes.

    Overlapping times of a person count once, also of reports imported before. What scans and people have said stays
    (`rules.may_say_attended`). The same again changes nothing. With a choice that cannot be done nothing is written:
    `done` is False, and the plan's rows say why. Raises NotFound for an event that the actor may not reconcile,
    Conflict when its attendance is closed ("reconciled") or a walk-in finds no place ("full").
    """
    async with transaction():
        row = await database.fetchrow(_LOCK, event)
        if row is None or not may(actor, Action.RECONCILE, now=now, event_id=event, region=row["host_region"]):
            raise NotFound
        require_open(row)
        plan = await make_plan(event, reports, minimum=minimum, choices=choices)
        if plan.errors:
            return Imported(plan)
        before = plan.before()
        walk_ins = await _let_in(event, plan, actor, now)
        news = plan.news()
        roles = await _give_roles(plan, actor, now)
        reports_new = await _store(event, plan, reports, actor, now)
        if walk_ins:  # their registrations are known by now, and count like all others
            plan = await make_plan(event, [], minimum=minimum)
        attended, minutes = await _mark(plan, news, actor, now)
        gone = await _unmark(before - plan.counted().keys(), actor, now)
        left = sum(plan.undecided(one) for one in plan.rows)
        done = Imported(plan, attended, minutes - walk_ins, walk_ins, roles, gone, left, done=True)
        if reports_new or done.news:
            detail = {
                "reports": reports_new,
                "attended": attended + walk_ins,
                "minutes": minutes - walk_ins,
                "removed": gone,
            }
            await audit.record(actor, "meeting.imported", "event", event, now, **detail, minimum=minimum)
    return done


async def _let_in(event: UUID, plan: Plan, actor: Actor, now: datetime) -> int:
    """Register who is new and was there long enough; returns how many were not registered before."""
    site = await database.fetchval(
        "SELECT id FROM site WHERE event = $1 ORDER BY mode = 'online' DESC, position, id LIMIT 1", event
    )
    made = 0
    for row in plan.rows:
        if not row.new_people or not plan.enough(row.seconds):
            continue
        for person in row.new_people:
            registration, already = await _let_one_in(event, person, site, actor, now)
            made += not already
            if registration not in row.registrations:
                row.registrations.append(registration)
    return made


async def _let_one_in(event: UUID, person: NewPerson, site: UUID, actor: Actor, now: datetime) -> tuple[UUID, bool]:
    walk_in = WalkIn(name=person.name, organisation=person.organisation, email=person.email, site=site)
    try:
        made = await let_in(event, walk_in, actor=actor, now=now, at_a_door=False)
    except Conflict as error:
        raise Conflict(f"{person.name}: {error.message}", code=error.code) from error
    if not made.already:  # nobody saw them at a door: what is known of them is the report
        await database.execute("UPDATE attendance SET source = 'meeting_report' WHERE registration = $1", made.id)
    return made.id, made.already


async def _give_roles(plan: Plan, actor: Actor, now: datetime) -> int:
    given = 0
    for row in plan.rows:
        if row.choice.role and row.suggested_role and len(row.registrations) == 1:
            await set_role(row.registrations[0], row.suggested_role, actor=actor, now=now)
            given += 1
    return given


_REPORT = """
INSERT INTO meeting_report (id, event, kind, digest, filename, title, starts_at, ends_at, actor_kind, actor_id,
    imported_at)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (event, digest) DO NOTHING RETURNING id
"""

_ATTENDEE = """
INSERT INTO meeting_attendee AS present (id, event, identity, name, email, role, fate, registrations, by_hand)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (event, identity) DO UPDATE SET role = excluded.role, fate = excluded.fate,
    registrations = excluded.registrations, by_hand = excluded.by_hand
RETURNING id
"""

_JOIN = "INSERT INTO meeting_join (id, report, attendee, joined_at, left_at, seconds) VALUES ($1, $2, $3, $4, $5, $6)"


async def _store(event: UUID, plan: Plan, reports: Sequence[Report], actor: Actor, now: datetime) -> int:
    """Keep the reports, whom they name and what was decided; returns how many reports are new."""
    made: dict[bytes, UUID] = {}
    for report in reports:
        told = (report.kind.value, report.digest, report.filename, report.title, report.starts, report.ends)
        if identity := await database.fetchval(_REPORT, event, *told, actor.kind.value, actor.id, now):
            made[report.digest] = identity
    for row in plan.rows:
        fate = Fate.MATCH if row.choice.fate is Fate.WALK_IN and row.registrations else row.choice.fate
        said = (row.identity, row.name.whole, row.email, row.role.value, fate.value, row.registrations, row.by_hand)
        attendee = await database.fetchval(_ATTENDEE, event, *said)
        for digest, join in row.fresh:
            await database.execute(_JOIN, uuid4(), made[digest], attendee, join.joined, join.left, join.seconds)
    await database.execute(
        "INSERT INTO meeting_import (event, minimum_minutes) VALUES ($1, $2)"
        " ON CONFLICT (event) DO UPDATE SET minimum_minutes = excluded.minimum_minutes",
        *(event, plan.minimum),
    )
    return len(made)


_MARK = """
INSERT INTO attendance AS present (registration, state, source, minutes, actor_kind, actor_id, changed_at)
SELECT registration, 'attended', 'meeting_report', minutes, $3, $4, $5
FROM unnest($1::uuid[], $2::int[]) AS heard (registration, minutes) ORDER BY registration
ON CONFLICT (registration) DO UPDATE SET state = 'attended', minutes = excluded.minutes,
    source = CASE WHEN present.state = 'attended' THEN present.source ELSE excluded.source END,
    actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, changed_at = excluded.changed_at
"""


async def _mark(plan: Plan, news: Collection[UUID], actor: Actor, now: datetime) -> tuple[int, int]:
    """Write who was there; returns of how many it was not known, and how many others got their minutes."""
    marks = plan.marks(news)
    by = (actor.kind.value, actor.id, now)
    await database.execute(_MARK, list(marks), list(marks.values()), *by)
    known = sum(plan.known[one].attendance == "attended" for one in marks)
    return len(marks) - known, known


_UNMARK = """
UPDATE attendance SET state = CASE WHEN source = 'meeting_report' THEN 'unknown' ELSE state END, minutes = NULL,
    actor_kind = $2, actor_id = $3, changed_at = $4
WHERE registration = ANY($1::uuid[]) AND state = 'attended' AND minutes IS NOT NULL
"""


async def _unmark(gone: Collection[UUID], actor: Actor, now: datetime) -> int:
    """Take back what earlier imports said of who counts no longer: by another choice, or a higher minimum."""
    return await database.execute(_UNMARK, list(gone), actor.kind.value, actor.id, now)
